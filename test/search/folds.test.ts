// The scores of a cross-validation: those of fits made one at a time by hand, for any number of workers.
import { expect, test } from "vitest";
import { selectRows } from "../../src/data/dataset.ts";
import { foldsOf } from "../../src/insights/folds.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { scoreFolds, spreadOf } from "../../src/search/fold-scores.ts";
import { train } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const data = blobs(120, { spread: 2 });
const network = (inputs: number, classes: number) => defineNetwork([inputs, 8, classes]);
const options = { folds: 4, epochs: 12, engine: "wasm", learningRate: 0.05, optimizer: "sgd" } as const;

test("a fold's score is that of a network trained on the other folds and tested on it", async () => {
  const found = await scoreFolds(network, data, { ...options, repeat: 2, workers: 2 });
  expect(found.scores.map(({ repeat, fold }) => [repeat, fold])).toEqual(
    [1, 2].flatMap((repeat) => [1, 2, 3, 4].map((fold) => [repeat, fold])),
  );
  for (const [at, score] of found.scores.entries()) {
    const fold = foldsOf(data, 4, score.repeat);
    const rows = (own: boolean) => Uint32Array.from(fold.keys()).filter((i) => (fold[i] === score.fold - 1) === own);
    const { epochs, learningRate, optimizer } = options;
    const splits = { train: selectRows(data, rows(false)), test: selectRows(data, rows(true)) };
    const by = { epochs, learningRate, optimizer, seed: 1 + at, engine: "reference", threads: 1 } as const;
    const alone = await train(defineNetwork([4, 8, 3]), splits, by);
    expect(score.parametersSha256).toBe(alone.parametersSha256);
    expect([score.score, score.loss]).toEqual([alone.test!.accuracy, alone.test!.loss]);
  }
});

test("one, two and four workers give the same scores", async () => {
  const [one, two, four] = await Promise.all(
    [1, 2, 4].map((workers) => scoreFolds(network, data, { ...options, workers })),
  );
  expect(two).toEqual(one);
  expect(four).toEqual(one);
});

test("nothing of a fold reaches the network that is judged on it, its scale neither", async () => {
  const fold = foldsOf(data, 4, 1);
  const features = Float64Array.from(data.features, (x, i) => (fold[Math.floor(i / 4)] === 2 ? x * 50 + 7 : x));
  const before = await scoreFolds(network, data, { ...options, workers: 1 });
  const after = await scoreFolds(network, { ...data, features }, { ...options, workers: 1 });
  const same = before.scores.map((score, k) => score.parametersSha256 === after.scores[k]!.parametersSha256);
  expect(same).toEqual([false, false, true, false]);
});

test("mean, deviation and standard error are those of the folds", async () => {
  expect(spreadOf([1, 2, 6])).toEqual({ mean: 3, deviation: Math.sqrt(7), standardError: Math.sqrt(7 / 3) });
  const { scores, score } = await scoreFolds(network, data, { ...options, workers: 1 });
  expect(score.mean).toBeCloseTo(scores.reduce((sum, one) => sum + one.score, 0) / 4, 15);
});

test("a fit that diverges is said, and does not end the others", async () => {
  const wild = { ...data, labels: data.labels };
  const found = await scoreFolds(network, wild, { ...options, learningRate: 1e30, workers: 2 });
  expect(found.loss).toBe(null);
  expect(found.scores).toHaveLength(4);
});

test.each([
  [{ folds: 1 }, "folds must be an integer in [2, 1000]"],
  [{ repeat: 0 }, "repeat must be an integer in [1, 100]"],
  [{ workers: 0 }, "workers must be an integer in [1, 256]"],
  [{ folds: 200 }, "has 120 rows, too few for 200 folds"],
])("%o is refused by name", async (wrong, words) => {
  await expect(scoreFolds(network, data, { ...options, ...wrong })).rejects.toThrow(words);
});
