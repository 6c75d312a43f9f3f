// Pictures are judged by networks of their pixels and by networks of their oriented gradients.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { mislabelled } from "../../src/insights/label-scores.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";

const N = 60;
const SIDE = 8;
const WRONG = [7, 31];
const random = new Random(2, 92);
const features = new Uint8Array(N * SIDE ** 2);
for (let row = 0; row < N; row++) {
  const at = 1 + random.integer(SIDE - 2); // a bar, upright in odd rows
  for (let n = 0; n < SIDE; n++)
    features[row * SIDE ** 2 + (row % 2 === 1 ? n * SIDE + at : at * SIDE + n)] = 150 + random.integer(100);
}
const data: Dataset = {
  name: "bars",
  features,
  rows: N,
  cols: SIDE ** 2,
  labels: Int32Array.from({ length: N }, (_, row) => (row + Number(WRONG.includes(row))) % 2),
  classes: ["flat", "upright"],
  image: { height: SIDE, width: SIDE },
};
const network = defineNetwork([SIDE ** 2, 12, 2]);
const options = { folds: 3, epochs: 40, gradientEpochs: 20, engine: "wasm", threads: 1 } as const;
const seen: [number, number][] = [];
const report = await mislabelled(network, data, { ...options, onEpoch: (done, of) => seen.push([done, of]) });

test("p is the geometric mean of both views' p, and the other figures are means", () => {
  const [pixels, edges] = report.views;
  expect(report.views.map((view) => view.network.layers)).toEqual([
    [64, 12, 2],
    [32, 12, 2],
  ]);
  expect(report.views.map((view) => view.options.epochs)).toEqual([40, 20]);
  for (let row = 0; row < N; row++) {
    const product = [0, 1].map((c) => {
      const at = 2 * row + c;
      return Math.sqrt(Math.max(2 ** -20, pixels!.probabilities[at]!) * Math.max(2 ** -20, edges!.probabilities[at]!));
    });
    expect(report.scores.selfConfidence[row]).toBeCloseTo(
      product[data.labels[row]!]! / (product[0]! + product[1]!),
      10,
    );
    expect(report.scores.grand[row]).toBeCloseTo((pixels!.gradientNorms[row]! + edges!.gradientNorms[row]!) / 2, 12);
  }
});

test("the accuracy is that of both views' p, which is not that of one", async () => {
  const { judged, views } = await mislabelled(network, data, { ...options, epochs: 1 });
  const right = Array.from(data.labels).filter((label, row) => judged.probabilities[2 * row + label]! > 0.5);
  expect(judged.accuracy).toBe(right.length / N);
  expect(views[0]!.accuracy).not.toBe(judged.accuracy);
});

test("the planted labels come first, and both views together are at least as often right as pixels alone", () => {
  expect([...report.ranking.subarray(0, 2)].sort((a, b) => a - b)).toEqual(WRONG);
  expect(report.judged.accuracy).toBeGreaterThanOrEqual(report.views[0]!.accuracy);
  expect(report.judged.accuracy).toBeGreaterThan(0.9);
});

test("progress counts the epochs of all networks once", () => {
  const of = 3 * (40 + 20);
  expect(seen).toEqual(Array.from({ length: of }, (_, n) => [n + 1, of]));
});

test("networks that train beside each other change no score", async () => {
  const rows = 900; // as many as make a team worth its start
  const many = { ...data, rows, labels: new Int32Array(rows), features: new Uint8Array(rows * SIDE ** 2) };
  for (let row = 0; row < rows; row++) {
    many.labels[row] = data.labels[row % N]!;
    many.features.set(features.subarray((row % N) * SIDE ** 2, (1 + (row % N)) * SIDE ** 2), row * SIDE ** 2);
  }
  const few = { folds: 3, epochs: 1, members: 2, engine: "wasm" } as const;
  const alone = await mislabelled(network, many, { ...few, threads: 1 });
  const beside = await mislabelled(network, many, { ...few, threads: 2 });
  expect(beside.scores).toEqual(alone.scores);
  expect(beside.ranking).toEqual(alone.ranking);
});

test("a network that diverges ends them all, and pictures that are too small have one view", async () => {
  await expect(
    mislabelled(network, data, { ...options, threads: 2, learningRate: 1e30, optimizer: "sgd" }),
  ).rejects.toThrow(/training diverged in epoch 1/);
  const table = { ...data, image: undefined };
  expect((await mislabelled(network, table, { ...options, epochs: 1 })).views).toHaveLength(1);
});
