import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Programs and threads that tests start find our modules compiled: a third of the time to start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/node");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: "100%",
    testTimeout: 30_000, // most tests take less than a second; one that needs longer on a busy machine says so beside its name
    hookTimeout: 90_000, // builds of the page and runs that a whole file reads
    expect: { poll: { timeout: 30_000 } }, // what a page shows may take its time on a busy machine
    reporters: ["default", "./test/closing-line.ts"],
  },
});
