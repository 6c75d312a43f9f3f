// One `deltaprop train mnist` in a process of its own, for the commands that compare options.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Flags of these commands; with `validation`, the share of the training images to choose on, accuracy is theirs. */
export const MNIST_FLAGS = {
  data: { type: "string", default: process.env.DELTAPROP_DATA ?? "../shared/data/mnist" },
  seeds: { type: "string", default: "3" },
  validation: { type: "string", default: "0" },
  threads: { type: "string" },
} as const;

type Machine = { readonly data: string; readonly validation: string; readonly threads?: string | undefined };

/** The accuracy in percent, and seconds from the start of the process to its end. */
export type MnistRun = { readonly accuracy: number; readonly seconds: number };

const MAIN = resolve(import.meta.dirname, "../src/cli/main.ts");

/** Train with these words of `train`; the process ends with the status of a run that fails. */
export function trainMnist(options: readonly string[], seed: number, { data, validation, threads }: Machine): MnistRun {
  const folder = mkdtempSync(join(tmpdir(), "deltaprop-mnist-"));
  const out = join(folder, "run");
  const fixed = ["--data-dir", resolve(data), "--seed", String(seed), "--validation", validation, "--out", out];
  const machine = threads === undefined ? [] : ["--threads", threads];
  try {
    const begun = performance.now();
    const words = ["train", "mnist", ...options, ...fixed, ...machine, "--quiet"];
    const { status } = spawnSync(process.execPath, [MAIN, ...words], { stdio: "inherit" });
    const seconds = (performance.now() - begun) / 1000;
    if (status !== 0) process.exit(status ?? 1);
    const { testAccuracy } = JSON.parse(readFileSync(join(out, "run.json"), "utf8"));
    const last = JSON.parse(readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n").at(-1)!);
    return { accuracy: 100 * (Number(validation) > 0 ? last.validationAccuracy : testAccuracy), seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
