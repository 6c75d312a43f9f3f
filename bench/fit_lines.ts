// The TypeScript side of defaults.py: a line in, a classifier fitted, a line out. Options that a line leaves out have
// their defaults, which are those of the command line too.
import { createInterface } from "node:readline";
import { type FitOptions, fit, fromArrays } from "../src/index.ts";

type Line = {
  readonly X: number[][]; // [N×D] to train on
  readonly y: string[]; //   [N]
  readonly Z: number[][]; // [M×D] to test on
  readonly t: string[]; //   [M]
  readonly options: FitOptions;
};

for await (const line of createInterface({ input: process.stdin })) {
  const { X, y, Z, t, options }: Line = JSON.parse(line);
  const model = await fit(fromArrays(X, y), { threads: 1, ...options });
  const { labels } = await model.predictMany(Z);
  console.log(t.filter((label, i) => label === labels[i]).length / t.length);
}
