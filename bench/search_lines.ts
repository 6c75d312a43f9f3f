// The TypeScript side of search.py: a table in the first line; then a line of options in, their figures out, or a whole
// search of our own.
import { createInterface } from "node:readline";
import { fromArrays } from "../src/index.ts";
import { type FixedOptions, type SearchSpace, type SpaceValues, searchOptions, splitDataset } from "../src/training.ts";

type Line = {
  readonly X?: number[][]; //         [N×D], of the table that follows
  readonly y?: string[]; //           [N]
  readonly space?: SearchSpace;
  readonly seed: number;
  readonly values?: SpaceValues; //   to fit once
  readonly trials?: number; //        to search
  readonly halving?: boolean;
};

let data: ReturnType<typeof fromArrays> | undefined;
const machine = { workers: 1 };
for await (const line of createInterface({ input: process.stdin })) {
  const { X, y, space, seed, values, trials, halving }: Line = JSON.parse(line);
  if (X && y) {
    data = fromArrays(X, y);
    console.log("{}");
    continue;
  }
  const [train] = splitDataset(data!, 0.25, seed);
  const fixed = { optimizer: "adamw", ...values } as FixedOptions;
  const one = { space: { labelSmoothing: { from: 0, to: 0.1 } }, trials: 1, halving: false, fixed, seed };
  const asked = values ? one : { space: space!, trials: trials!, halving: halving!, seed, fixed };
  const { best } = await searchOptions({ train }, asked, machine);
  console.log(JSON.stringify({ accuracy: best.fits.at(-1)!.score, values: best.values }));
}
