// `npm run bench:influence`: the linear datamodeling score (Park et al., arXiv 2303.14186) of each estimate of who
// taught a network what, judged by retraining on random halves. MNIST's first 5,000 training and 500 test images,
// 784-128-64-10: how well the sum of an estimate over a half ranks the log p that networks trained on that half give.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Dataset, selectRows } from "../src/data/dataset.ts";
import { loadSource } from "../src/data/source.ts";
import { numbersFrom } from "../src/data/stored/row-store.ts";
import { curvatureInfluence, tracIn } from "../src/insights/pair-influence.ts";
import { representerPoints } from "../src/insights/representer-points.ts";
import { defineNetwork } from "../src/network/network.ts";
import { PURPOSE, Random } from "../src/numerics/random.ts";
import { evaluate, predict } from "../src/training/evaluate.ts";
import type { Model } from "../src/training/model.ts";
import { openRun } from "../src/training/trainer.ts";
import { markdownTable } from "./report.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string", default: process.env.DELTAPROP_DATA ?? "../shared/data/mnist" },
    halves: { type: "string", default: "50" },
    models: { type: "string", default: "10" },
    retrainings: { type: "string", default: "1" }, // of each half; log p is their mean
    "one-seed": { type: "boolean", default: false }, // the same initial weights and order numbers for every half
    damping: { type: "string", default: "10" },
    split: { type: "string", default: "77" }, // which halves are drawn; settings were chosen on those of 78
  },
});
const [N, M] = [5000, 500];
const [H, S, R] = [Number(values.halves), Number(values.models), Number(values.retrainings)];
const engine = "auto";

const source = await loadSource("mnist", { dataDir: resolve(values.data) });
const train = selectRows(source.train, numbersFrom(0, N));
const test = selectRows(source.test!, numbersFrom(0, M));
const network = defineNetwork([784, 128, 64, 10]);

const EPOCHS = 10;
const EARLY = [2, 5]; // epochs after which log-odds are explained

/** The model after each of the epochs `at`. */
async function fit(rows: Dataset, seed: number, at: readonly number[] = [EPOCHS]): Promise<Model[]> {
  const options = { seed, epochs: EPOCHS, batchSize: 64, learningRate: 0.1, optimizer: "sgd" } as const;
  const run = await openRun(network, rows, { ...options, engine, threads: 1 });
  const models: Model[] = [];
  for (const epoch of at) {
    await run.train({ steps: epoch * run.progress.stepsPerEpoch - run.progress.steps });
    models.push(run.model());
  }
  await run.close();
  return models;
}

/** log p of each test image's label. */
async function logP(model: Model): Promise<Float64Array> {
  const { probabilities: p } = await predict(model, test.features, { engine });
  return Float64Array.from(test.labels, (c, j) => Math.log(Math.max(p[10 * j + c]!, 1e-300)));
}

/** Ranks from 0; of equals the mean. */
function ranks(x: Float64Array): Float64Array {
  const order = [...x.keys()].sort((a, b) => x[a]! - x[b]!);
  const out = new Float64Array(x.length);
  for (let i = 0, k = 0; i < order.length; i = k) {
    while (k < order.length && x[order[k]!] === x[order[i]!]) k++;
    for (let q = i; q < k; q++) out[order[q]!] = (i + k - 1) / 2;
  }
  return out;
}

/** Spearman's correlation; 0 where one side is constant. */
function spearman(x: Float64Array, y: Float64Array): number {
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (x.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((rank, i) => {
    ab += (rank - mean) * (b[i]! - mean);
    aa += (rank - mean) ** 2;
    bb += (b[i]! - mean) ** 2;
  });
  return aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

const halves: Uint32Array[] = [];
const truth: Float64Array[] = [];
for (let h = 0; h < H; h++) {
  const rows = new Random(Number(values.split), PURPOSE.sample, h)
    .shuffle(numbersFrom(0, N))
    .slice(0, N / 2)
    .sort();
  const half = selectRows(train, rows);
  const mean = new Float64Array(M);
  for (let r = 0; r < R; r++) {
    const found = await logP((await fit(half, 1000 + (values["one-seed"] ? r : h * R + r)))[0]!);
    for (let j = 0; j < M; j++) mean[j]! += found[j]! / R;
  }
  halves.push(rows);
  truth.push(mean);
}

/** The mean over test images of the correlation over halves. */
function score(estimate: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < M; j++) {
    const told = Float64Array.from(halves, (rows) => rows.reduce((total, i) => total + estimate[j * N + i]!, 0));
    sum +=
      spearman(
        told,
        Float64Array.from(truth, (of) => of[j]!),
      ) / M;
  }
  return sum;
}

type Figures = { readonly scores: number[]; readonly sums: Float64Array; cpu: number };
const found = new Map<string, Figures>();
async function judge(name: string, estimate: () => Promise<Float64Array>): Promise<void> {
  const before = process.cpuUsage();
  const values = await estimate();
  const { user, system } = process.cpuUsage(before);
  const figures = found.get(name) ?? { scores: [], sums: new Float64Array(N * M), cpu: 0 };
  found.set(name, figures);
  figures.cpu += (user + system) / 1e6 / S;
  figures.scores.push(score(values));
  for (let i = 0; i < N * M; i++) figures.sums[i]! += values[i]!;
}

const damping = Number(values.damping);

/** Influence on log p − log(1 − p) of each test image's label, whose slope is that of log p over 1 − p. */
async function onLogOdds(model: Model): Promise<Float64Array> {
  const doubt = (await logP(model)).map((value) => Math.max(-Math.expm1(value), 1e-12));
  const estimate = await curvatureInfluence(model, train, test, { engine, damping });
  return estimate.map((value, at) => value / doubt[Math.floor(at / N)]!);
}

for (let seed = 1; seed <= S; seed++) {
  const [first, second, model] = (await fit(train, seed, [...EARLY, EPOCHS])) as [Model, Model, Model];
  if (seed === 1) console.log(`accuracy ${(await evaluate(model, test)).accuracy}`);
  await judge("TracIn, last parameters", () => tracIn([{ model, weight: 1 }], train, test, { engine }));
  await judge("representer points", async () => (await representerPoints(model, train, test, { engine })).values);
  await judge(`EK-FAC, damping ${damping}`, () => curvatureInfluence(model, train, test, { engine, damping }));
  await judge(`the same on log-odds, after ${EARLY.join(" and ")} epochs`, async () => {
    const [one, other] = [await onLogOdds(first), await onLogOdds(second)];
    return one.map((value, at) => value + other[at]!);
  });
}
const lines = [...found].map(([name, { scores, sums, cpu }]) => [
  name,
  (scores.reduce((a, b) => a + b, 0) / S).toFixed(3),
  `${Math.min(...scores).toFixed(3)} … ${Math.max(...scores).toFixed(3)}`,
  score(sums).toFixed(3),
  `${cpu.toFixed(1)} s`,
]);
const heads = ["estimate", `mean of ${S} models`, "lowest … highest", `ensemble of ${S}`, "processor time"];
for (const line of markdownTable([heads, ...lines])) console.log(line);
