// `npm run bench:learning-rate`: the rate that `deltaprop learning-rate` recommends beside the best of a grid by
// factors of 2, on five data sets. Best: the least validation loss at the end of a run, mean of three seeds.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Dataset, selectRows } from "../src/data/dataset.ts";
import { drawDigits } from "../src/data/digits/digits.ts";
import { drawPlanar } from "../src/data/planar/planar.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom } from "../src/data/stored/row-store.ts";
import { testRates } from "../src/insights/rate-test.ts";
import { defineNetwork } from "../src/network/network.ts";
import { planTraining } from "../src/training/plan-training.ts";
import { openPlanned } from "../src/training/trainer.ts";
import { Diverged } from "../src/training/training-result.ts";
import { markdownTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: process.env.DELTAPROP_DATA ?? "../shared/data/mnist" },
    seeds: { type: "string", default: "3" },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const threads = 1;

type Problem = {
  readonly name: string;
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly hidden: readonly number[];
  readonly options: { readonly optimizer: "sgd" | "adamw"; readonly batchSize: number; readonly epochs: number };
  readonly grid: readonly number[];
};

const SGD = { optimizer: "sgd", batchSize: 64, epochs: 10 } as const;
const ADAMW = { optimizer: "adamw", batchSize: 32, epochs: 60 } as const;
const doubled = (first: number) => Array.from({ length: 9 }, (_, k) => first * 2 ** k);
const mnist = (await loadSource("mnist", { dataDir: resolve(values.data) })).train;
const digits = await drawDigits({ train: 10_000, test: 2_000 });
const planar = async (set: "spiral" | "moons" | "xor", noise: number): Promise<Problem> => {
  const { train, test } = await drawPlanar({ set, noise, points: 800, seed: 1 });
  return { name: set, train, validation: test, hidden: [64, 64], options: ADAMW, grid: doubled(0.0002) };
};
const problems: readonly Problem[] = [
  {
    name: "MNIST, 10,000 rows",
    train: selectRows(mnist, numbersFrom(0, 10_000)),
    validation: selectRows(mnist, numbersFrom(50_000, 5_000)),
    hidden: [128, 64],
    options: SGD,
    grid: doubled(0.0125),
  },
  {
    name: "drawn digits",
    train: digits.train,
    validation: digits.test,
    hidden: [128, 64],
    options: SGD,
    grid: doubled(0.0125),
  },
  await planar("spiral", 0.02),
  await planar("moons", 0.2),
  await planar("xor", 0.1),
];

async function lossAt({ train, validation, hidden, options }: Problem, learningRate: number): Promise<number> {
  let sum = 0;
  const network = defineNetwork([train.cols, ...hidden, train.classes.length]);
  for (const seed of seeds) {
    const run = await openPlanned(planTraining(network, { train, validation }, { ...options, learningRate, seed }), {
      threads,
    });
    try {
      await run.train();
      sum += (await run.result()).epochs.at(-1)!.validationLoss!;
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      return Number.POSITIVE_INFINITY;
    } finally {
      await run.close();
    }
  }
  return sum / seeds.length;
}

const lines: string[][] = [];
for (const problem of problems) {
  const { name, train, validation, hidden, options, grid } = problem;
  const losses: number[] = [];
  for (const rate of grid) losses.push(await lossAt(problem, rate));
  const least = Math.min(...losses);
  const best = grid[losses.indexOf(least)]!;
  const network = defineNetwork([train.cols, ...hidden, train.classes.length]);
  const advised: number[] = [];
  for (const seed of seeds)
    advised.push(
      (await testRates(planTraining(network, { train, validation }, { ...options, seed }), { threads })).recommended,
    );
  const quotients = advised.map((rate) => (rate / best).toFixed(2)).join(", ");
  const at = await lossAt(problem, advised[0]!);
  lines.push([name, options.optimizer, String(best), advised.join(", "), quotients, least.toFixed(4), at.toFixed(4)]);
  console.error(name, grid.map((rate, k) => `${rate}: ${losses[k]!.toFixed(4)}`).join("  "));
}
const heads = [
  "data",
  "optimizer",
  "best of the grid",
  "recommended (three seeds)",
  "quotient",
  "loss at the best",
  "loss at the first recommended",
];
for (const line of markdownTable([heads, ...lines])) console.log(line);
