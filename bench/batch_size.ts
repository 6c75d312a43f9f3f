// `npm run bench:batch-size`: steps and examples to an accuracy over batch sizes, each at the best of a grid of rates,
// beside the batch that `deltaprop batch-size` recommends. MNIST, 784-128-64-10, SGD at a constant rate, 50,000 images
// trained on and 10,000 of the training images held back; the test images take no part.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { selectRows } from "../src/data/dataset.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom } from "../src/data/stored/row-store.ts";
import { recommendBatchSize } from "../src/insights/noise-advice.ts";
import { defineNetwork } from "../src/network/network.ts";
import { planTraining } from "../src/training/plan-training.ts";
import { openPlanned } from "../src/training/trainer.ts";
import { Diverged } from "../src/training/training-result.ts";
import { markdownTable, short } from "./report.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: process.env.DELTAPROP_DATA ?? "../shared/data/mnist" },
    sizes: { type: "string", default: "32,128,512,2048,4096,8192" },
    accuracy: { type: "string", default: "0.97" },
    seeds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    rate: { type: "string", default: "0.2" }, // the first to try at the first size
  },
});
const wanted = Number(values.accuracy);
const threads = Number(values.threads);
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const network = defineNetwork([784, 128, 64, 10]);
const source = await loadSource("mnist", { dataDir: resolve(values.data) });
const train = selectRows(source.train, numbersFrom(0, 50_000));
const validation = selectRows(source.train, numbersFrom(50_000, 10_000));
const held = numbersFrom(50_000, 10_000); // as the session numbers them

const planOf = (batchSize: number, learningRate: number, seed: number, epochs = 10_000) => {
  const options = { batchSize, learningRate, seed, epochs, optimizer: "sgd", schedule: "constant" } as const;
  return planTraining(network, { train, validation }, options);
};

/** Steps to the accuracy, or more than `most`: infinite. Looked at whenever the steps have grown by a twentieth. */
async function stepsTo(batchSize: number, rate: number, seed: number, most: number): Promise<number> {
  const run = await openPlanned(planOf(batchSize, rate, seed), { threads });
  try {
    for (let next = 100; run.progress.steps < most; next = Math.ceil(1.05 * next)) {
      await run.train({ steps: Math.min(next, most) - run.progress.steps });
      const { predictions } = await run.session.evaluate(held);
      let right = 0;
      for (const [i, c] of predictions.entries()) right += Number(c === validation.labels[i]);
      if (right >= wanted * held.length) return run.progress.steps;
    }
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
  } finally {
    await run.close();
  }
  return Number.POSITIVE_INFINITY;
}

type Best = { readonly batchSize: number; readonly rate: number; readonly steps: number };

/** From `first` up, then down, by factors of √2 as long as the median over the seeds gets smaller. */
async function bestOf(batchSize: number, first: number): Promise<Best> {
  let best: Best = { batchSize, rate: first, steps: Number.POSITIVE_INFINITY };
  const tried = new Map<number, number>();
  const better = async (exponent: number) => {
    const rate = Number((first * Math.SQRT2 ** exponent).toPrecision(3));
    const most = Number.isFinite(best.steps) ? Math.ceil(1.2 * best.steps) : Math.ceil(20_000_000 / batchSize) + 3000;
    const found: number[] = [];
    for (const seed of seeds) found.push(await stepsTo(batchSize, rate, seed, most));
    const steps = median(found);
    tried.set(rate, steps);
    console.error(`B ${batchSize}, rate ${rate}: ${found.join(", ")} steps`);
    const gained = steps < best.steps;
    if (gained) best = { batchSize, rate, steps };
    return gained;
  };
  await better(0);
  let up = 1;
  while (await better(up)) up++;
  if (up === 1) for (let down = -1; await better(down); ) down--;
  return best;
}

/** S_min and B_crit of (S/S_min − 1)(E/E_min − 1) = 1, that is S = S_min(1 + B_crit/B), by least squares of log S. */
function fitCurve(found: readonly Best[]): {
  readonly least: number;
  readonly critical: number;
  readonly error: number;
} {
  let best = { least: 0, critical: 0, error: Number.POSITIVE_INFINITY };
  for (let critical = 1; critical < 1e5; critical *= 1.01) {
    const offsets = found.map(({ steps, batchSize }) => Math.log(steps) - Math.log(1 + critical / batchSize));
    const mean = offsets.reduce((sum, one) => sum + one / offsets.length, 0);
    const error = Math.sqrt(offsets.reduce((sum, one) => sum + (one - mean) ** 2 / offsets.length, 0));
    if (error < best.error) best = { least: Math.exp(mean), critical, error };
  }
  return best;
}

const found: Best[] = [];
for (const batchSize of values.sizes.split(",").map(Number))
  found.push(await bestOf(batchSize, found.at(-1)?.rate ?? Number(values.rate)));
const { least, critical, error } = fitCurve(found);
const lines = found.map(({ batchSize, rate, steps }) => [
  short(batchSize),
  String(rate),
  short(steps),
  short(steps * batchSize),
  short(least * (1 + critical / batchSize)),
  short(least * (batchSize + critical)),
]);
const heads = ["batch size", "best rate", "steps", "examples", "steps by the curve", "examples by the curve"];
for (const line of markdownTable([heads, ...lines])) console.log(line);
console.log(
  `(S/${short(least)} − 1)(E/${short(least * critical)} − 1) = 1: critical batch size ${short(critical)}; log S off by ${short(error)}`,
);
for (const [batchSize, rate, epochs, what] of [
  [128, 0.01, 1, "the paper's setting"],
  [128, 0.2, 2, "while it learns"],
] as const) {
  const { scale, recommended } = await recommendBatchSize(planOf(batchSize, rate, 1, epochs), {
    threads,
    steps: epochs * Math.ceil(train.rows / batchSize),
  });
  console.log(
    `noise scale at B ${batchSize}, rate ${rate}, ${epochs} epochs (${what}): ${short(scale)}; recommended ${recommended}`,
  );
}
