import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { defineConfig } from "vitest/config";
import { program } from "./test/cli/program.ts";

// Programs and threads that tests start find our modules compiled: a third of the time to start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/node");

// Figures of kernels that tests measure stay out of the user's own folder.
process.env.XDG_CACHE_HOME = join(import.meta.dirname, "node_modules/.cache/deltaprop-tests");

/**
 * Threads that tests start in their own process load the joined worker: a hundred sources take each half of its start.
 * Not while Vitest watches, where sources change behind it.
 */
const joinedWorker = {
  name: "joined-worker",
  async transform(code: string, id: string) {
    if (!id.endsWith("/src/engines/worker-host.ts") || !process.argv.includes("run")) return undefined;
    return code.replace("String(import.meta.url)", JSON.stringify(pathToFileURL(await program()).href));
  },
};

/** Tests that drive a browser or jobs of mpirun, whose own timing is outside of ours. */
const PAGES = [
  "test/studio/**/*.test.ts",
  "test/classifier/page.test.ts",
  "test/exports-page.test.ts",
  "test/ranks/**/*.test.ts",
];

/**
 * Tests of functions, which leave nothing behind in their process: each process runs many of these files and loads a
 * module once. Not those that count memory, workers or calls.
 */
const TOGETHER = "data|equations|files|gradients|insights|network|numerics|privacy|training";
const COUNTING = ["test/files/guards.test.ts", "test/training/{door,preparation,warm-predict}.test.ts"];

export default defineConfig({
  plugins: [joinedWorker],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: ["test/*.test.ts", `test/!(${TOGETHER})/**/*.test.ts`, ...COUNTING],
          // Windows has no signals to interrupt a run with: a program is ended at once.
          exclude: [...PAGES, ...(process.platform === "win32" ? ["test/cli/resume.test.ts"] : [])],
        },
      },
      // a second try, which the closing lines name: on a busy machine a browser may miss a frame, a rank its time
      { extends: true, test: { name: "pages and ranks", include: PAGES, retry: 1 } },
      // last, as the names are in order: the short files fill both processors to the end
      {
        extends: true,
        test: { name: "together", include: [`test/@(${TOGETHER})/**/*.test.ts`], exclude: COUNTING, isolate: false },
      },
    ],
    maxWorkers: "100%",
    testTimeout: 60_000, // nearly all take less than 5 s, and 40 s on two cores that ten others use; longer ones say so
    hookTimeout: 90_000, // builds of the page and runs that a whole file reads
    expect: { poll: { timeout: 30_000 } }, // what a page shows may take its time on a busy machine
    reporters: ["default", "./test/closing-line.ts"],
  },
});
