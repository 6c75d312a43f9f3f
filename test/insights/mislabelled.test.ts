// Labels that look wrong, found in data whose wrong labels are known because they were planted.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { InvalidInput } from "../../src/errors.ts";
import { crossValidate } from "../../src/insights/cross-validation.ts";
import { foldsOf } from "../../src/insights/folds.ts";
import { LABEL_SCORES, mislabelled } from "../../src/insights/label-scores.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { blobs } from "../training/blobs.ts";

const N = 240;
const clean = blobs(N, { classes: 4, cols: 5, spread: 0.4 });
const random = new Random(3, 92);
const flipped = new Set<number>();
while (flipped.size < N / 10) flipped.add(random.integer(N));
const data: Dataset = {
  ...clean,
  labels: clean.labels.map((label, i) => (flipped.has(i) ? (label + 1 + random.integer(3)) % 4 : label)),
};
const network = defineNetwork([5, 12, 4]);
const options = { folds: 4, epochs: 80, engine: "wasm", threads: 1 } as const;
const report = await mislabelled(network, data, options);

/** The chance that a flipped row is ranked before another. */
function auc(ranking: Iterable<number>): number {
  let [before, pairs] = [0, 0];
  for (const row of ranking)
    if (flipped.has(row)) before++;
    else pairs += before;
  return pairs / (flipped.size * (N - flipped.size));
}

test("a tenth of the labels, flipped, comes before the others, and confident learning counts them", () => {
  expect(auc(report.ranking)).toBeGreaterThan(0.995);
  const found = [...report.suspected.keys()].filter((row) => report.suspected[row] === 1);
  expect(found.filter((row) => flipped.has(row)).length).toBeGreaterThan(0.75 * flipped.size);
  expect(found.filter((row) => !flipped.has(row)).length).toBeLessThan(3);
  for (const row of flipped) expect(report.suggested[row]).toBe(clean.labels[row]);
});

test.each(LABEL_SCORES)("every score tells them apart: %s", (score) => {
  const low = score === "margin" || score === "selfConfidence";
  const values = report.scores[score];
  const order = [...values.keys()].sort((a, b) => (low ? 1 : -1) * (values[a]! - values[b]!));
  expect(auc(order)).toBeGreaterThan(0.9);
});

test("scores are their formulas, from probabilities that sum to 1", () => {
  const { probabilities: p } = report.judged;
  for (let i = 0; i < N; i++) {
    const row = Array.from(p.subarray(4 * i, 4 * i + 4));
    expect(row.reduce((x, y) => x + y)).toBeCloseTo(1, 12);
    const own = row[data.labels[i]!]!;
    const others = row.filter((_, c) => c !== data.labels[i]);
    expect(report.scores.margin[i]).toBe(own - Math.max(...others));
    const square = (1 - own) ** 2 + others.reduce((sum, x) => sum + x * x, 0);
    expect(report.scores.el2n[i]).toBeCloseTo(Math.sqrt(square), 12);
  }
});

test("a row's label never teaches those who judge it: a change of it changes none of their answers", async () => {
  const groups = Int32Array.from({ length: N }, (_, i) => i); // then the folds do not depend on labels
  const row = 17;
  const labels = data.labels.map((label, i) => (i === row ? (label + 1) % 4 : label));
  const few = { ...options, epochs: 3 };
  const before = await crossValidate(network, { ...data, groups }, few);
  const after = await crossValidate(network, { ...data, groups, labels }, few);
  const of = (p: Float64Array, i: number) => p.slice(4 * i, 4 * i + 4);
  expect(of(after.probabilities, row)).toEqual(of(before.probabilities, row));
  expect(after.probabilities).not.toEqual(before.probabilities);
});

test("members are averaged, and every engine gives the same scores", async () => {
  const few = { folds: 2, epochs: 2, members: 2, threads: 1 } as const;
  const [a, b] = [
    await mislabelled(network, data, { ...few, engine: "wasm" }),
    await mislabelled(network, data, { ...few, engine: "reference" }),
  ];
  expect(a.scores).toEqual(b.scores);
  const one = await mislabelled(network, data, { ...few, members: 1, engine: "wasm" });
  expect(a.scores.margin).not.toEqual(one.scores.margin);
  expect(a.scores.disagreement.every((share) => Number.isInteger(4 * share))).toBe(true);
});

test("folds hold each class in proportion, groups stay whole, and the seed alone decides", () => {
  const fold = foldsOf(data, 5, 7);
  for (let c = 0; c < 4; c++) {
    const sizes = [0, 0, 0, 0, 0];
    fold.forEach((k, i) => {
      if (data.labels[i] === c) sizes[k]!++;
    });
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
  expect(foldsOf(data, 5, 7)).toEqual(fold);
  expect(foldsOf(data, 5, 8)).not.toEqual(fold);
  const groups = Int32Array.from({ length: N }, (_, i) => i % 17);
  const grouped = foldsOf({ ...data, groups }, 5, 7);
  for (let g = 0; g < 17; g++) expect(new Set([...grouped].filter((_, i) => groups[i] === g)).size).toBe(1);
});

test("soft targets, one class, fewer rows than folds and a diverging rate are refused in words", async () => {
  const soft = { ...data, targets: new Float64Array(N * 4).fill(0.25) };
  const one = { ...data, labels: new Int32Array(N) };
  const refused = (bad: Dataset, more = {}) => mislabelled(network, bad, { ...options, ...more });
  await expect(refused(soft)).rejects.toThrow(/the soft targets of blobs must be left out/);
  await expect(refused(one)).rejects.toThrow(/the classes of blobs must be two or more with rows/);
  await expect(refused(data, { folds: 300 })).rejects.toThrow(
    new InvalidInput(
      "TOO_FEW_ROWS",
      "blobs has 240 rows, too few for 300 folds. Ask for fewer folds, or bring more rows.",
    ),
  );
  await expect(refused(data, { learningRate: 1e30, optimizer: "sgd" })).rejects.toThrow(/training diverged in epoch 1/);
});
