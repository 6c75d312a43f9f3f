import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Programs and threads that tests start find our modules compiled: a third of the time to start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/node");

// Figures of kernels that tests measure stay out of the user's own folder.
process.env.XDG_CACHE_HOME = join(import.meta.dirname, "node_modules/.cache/deltaprop-tests");

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Windows has no signals to interrupt a run with: a program is ended at once.
    exclude: process.platform === "win32" ? ["test/cli/resume.test.ts"] : [],
    maxWorkers: "100%",
    testTimeout: 60_000, // nearly all take less than 5 s, and 40 s on two cores that ten others use; longer ones say so
    hookTimeout: 90_000, // builds of the page and runs that a whole file reads
    expect: { poll: { timeout: 30_000 } }, // what a page shows may take its time on a busy machine
    reporters: ["default", "./test/closing-line.ts"],
  },
});
