import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Programs and threads that tests start find our modules compiled: a third of the time to start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/node");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } }, // what a page shows may take its time on a busy machine
    reporters: ["default", "./test/closing-line.ts"],
  },
});
