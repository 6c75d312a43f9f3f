// The package as a user has it, built by `npm run build`: how long a first step takes, and what a run on MNIST holds at
// most.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { peakBytes } from "./machine.ts";
import { type Spread, spread } from "./statistics.ts";
import { MNIST, networkOf } from "./work.ts";

const LOOK_MS = 5;
const FIRST_STEPS = 5; // a round

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Medians over rounds; a peak is NaN where the system does not tell. */
export type Installed = {
  readonly firstStepMs: Spread; // import and one step of a small network
  readonly runs: readonly { readonly threads: number; readonly peakMegabytes: Spread; readonly seconds: Spread }[];
};

/** Undefined where the package is not built. */
export async function measureInstalled(
  threads: readonly number[],
  rounds: number,
  folder: string,
  data: string,
): Promise<Installed | undefined> {
  const program = here("../dist/cli/main.js");
  if (!existsSync(program)) return undefined;
  const firstSteps: number[] = [];
  const runs = threads.map((count) => ({ threads: count, peaks: [] as number[], seconds: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < FIRST_STEPS; i++)
      firstSteps.push(Number(execFileSync(process.execPath, [here("first-step.mjs")], { encoding: "utf8" })));
    for (const run of runs) {
      const out = join(folder, `run-${round}-${run.threads}`);
      const layers = networkOf(MNIST).layers.join();
      const began = performance.now();
      const child = spawn(
        process.execPath,
        [
          ...[program, "train", "mnist", "--layers", layers, "--batch-size", String(MNIST.B), "--learning-rate", "0.1"],
          ...["--epochs", "1", "--threads", String(run.threads), "--data-dir", data, "--out", out],
        ],
        { stdio: "ignore" },
      );
      const ended = once(child, "exit");
      let peak = Number.NaN;
      while (child.exitCode === null && child.signalCode === null) {
        const now = peakBytes(child.pid!);
        if (now > 0) peak = now; // it only grows
        await Promise.race([setTimeout(LOOK_MS), ended]);
      }
      if (child.exitCode !== 0)
        throw new Error(`deltaprop train mnist ended with ${child.exitCode ?? child.signalCode}`);
      run.peaks.push(peak / 1e6);
      run.seconds.push((performance.now() - began) / 1000);
    }
  }
  return {
    firstStepMs: spread(firstSteps),
    runs: runs.map((run) => ({
      threads: run.threads,
      peakMegabytes: spread(run.peaks),
      seconds: spread(run.seconds),
    })),
  };
}

export function installedLines({ firstStepMs, runs }: Installed): string[] {
  return [
    `As installed: import and a first step of a small network ${firstStepMs.median.toFixed(0)} ms (${firstStepMs.low.toFixed(0)} to ${firstStepMs.high.toFixed(0)}).`,
    ...runs.map(
      ({ threads, peakMegabytes, seconds }) =>
        `As installed: \`deltaprop train mnist --epochs 1 --threads ${threads}\` ${seconds.median.toFixed(1)} s, peak ${peakMegabytes.median.toFixed(0)} MB.`,
    ),
  ];
}
