// `npm run bench:ablations`: what each part of the record recipe gives in a short form of it, by leaving it out, and
// what else it could have, by adding it: errors of MNIST's test images over seeds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MNIST_FLAGS, trainMnist } from "./mnist-run.ts";
import { markdownTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    ...MNIST_FLAGS,
    hidden: { type: "string", default: "1000,500" },
    epochs: { type: "string", default: "6" },
    only: { type: "string", default: "" }, // a pattern of names
  },
});

/** Every part of the recipe `record`, as an option with its value. */
const WHOLE: Readonly<Record<string, string>> = {
  hidden: values.hidden,
  epochs: values.epochs,
  optimizer: "sgd",
  "learning-rate": "0.4",
  "batch-size": "32",
  schedule: "cosine",
  augment: "digits",
};

const HALF = { rotation: 7.5 };
/** The limits of `digits`. */
const DIGITS = { rotation: 15, shear: 0.15, scale: 0.15, shift: 1, elastic: 1.4, classes: { 1: HALF, 7: HALF } };
const folder = mkdtempSync(join(tmpdir(), "deltaprop-ablations-"));
let files = 0;

/** A file of the limits with some changed. */
function changed(limits: Readonly<Record<string, unknown>>): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, JSON.stringify({ ...DIGITS, ...limits }));
  return path;
}

const CHANGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "the recipe": {},
  "without distortions": { augment: "none" },
  "without elastic displacement": { augment: changed({ elastic: 0 }) },
  "without rotation": { augment: changed({ rotation: 0, classes: {} }) },
  "without shear and scale": { augment: changed({ shear: 0, scale: 0 }) },
  "without shift": { augment: changed({ shift: 0 }) },
  "1 and 7 turned as far as the others": { augment: changed({ classes: {} }) },
  "constant rate": { schedule: "constant" },
  "one cycle": { schedule: "one-cycle" },
  "an epoch of warm-up": { "warmup-epochs": "1" },
  "label smoothing 0.1": { "label-smoothing": "0.1" },
  "mean of the parameters, 0.999": { "average-decay": "0.999" },
  "dropout 0.2": { dropout: "0.2" },
  "dropout of inputs 0.1": { "input-dropout": "0.1" },
  "mixup 0.2": { mixup: "0.2" },
  "max-norm 2": { "max-norm": "2" },
};

const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const lines: string[][] = [];
let whole: readonly number[] = [];
for (const [name, change] of Object.entries(CHANGES)) {
  if (name !== "the recipe" && !new RegExp(values.only).test(name)) continue;
  const words = Object.entries({ ...WHOLE, ...change }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const errors = seeds.map((seed) => 100 - trainMnist(words, seed, values).accuracy);
  if (name === "the recipe") whole = errors;
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one / of.length, 0);
  const more = errors.map((error, k) => error - whole[k]!);
  const spread = Math.sqrt(mean(more.map((one) => (one - mean(more)) ** 2)) / Math.max(1, seeds.length - 1));
  const difference = name === "the recipe" ? "" : `${mean(more).toFixed(2)} ± ${spread.toFixed(2)}`;
  lines.push([name, errors.map((error) => error.toFixed(2)).join(", "), mean(errors).toFixed(2), difference]);
  console.error(lines.at(-1)!.join("  "));
}
rmSync(folder, { recursive: true });
const heads = [`${values.hidden}, ${values.epochs} epochs`, "errors, %", "mean", "more than the recipe"];
for (const line of markdownTable([heads, ...lines])) console.log(line);
