// Rows that two parts share, counted by hashes, beside a comparison of every pair.
import { expect, test } from "vitest";
import { alikeRows, alikeRowsWarning } from "../../src/data/alike-rows.ts";
import { readCsv } from "../../src/data/csv-source.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { selectRows } from "../../src/data/dataset.ts";
import { fitScaling, scaleFeatures } from "../../src/data/scaling.ts";
import { Random } from "../../src/numerics/random.ts";

const dataset = (name: string, features: Dataset["features"], cols: number): Dataset => {
  const rows = features.length / cols;
  return {
    name,
    features,
    rows,
    cols,
    labels: Int32Array.from({ length: rows }, (_, i) => i % 2),
    classes: ["a", "b"],
  };
};

test("exact and near rows of numbers are as many as a comparison of every pair finds", () => {
  for (const D of [3, 8, 40]) {
    const random = new Random(D, 9);
    const train = Float64Array.from({ length: 400 * D }, () => random.normal());
    const test = Float64Array.from({ length: 120 * D }, () => random.normal());
    for (let t = 0; t < 120; t += 3) {
      const noise = [0, 0.002, 0.05][(t / 3) % 3]!; // in the last number of a deviation that is near 1
      for (let j = 0; j < D; j++) test[t * D + j] = train[(3 * t + 2) * D + j]! + (random.uniform() - 0.5) * noise * 2;
    }
    const [a, b] = [dataset("a", train, D), dataset("b", test, D)];
    const scaling = fitScaling(a);
    const [x, y] = [scaleFeatures(a, scaling), scaleFeatures(b, scaling)];
    let [exact, near] = [0, 0];
    for (let t = 0; t < 120; t++) {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 400; i++) {
        let most = 0;
        for (let j = 0; j < D; j++) most = Math.max(most, Math.abs(x[i * D + j]! - y[t * D + j]!));
        least = Math.min(least, most);
      }
      if (least === 0) exact++;
      else if (least <= 0.01) near++;
    }
    expect([exact, near >= 12]).toEqual([14, true]);
    expect(alikeRows([a], b, scaling)).toEqual({ exact, near, compared: 120 });
  }
});

test("rows of words are alike after the transform, whatever rare level they had", async () => {
  const lines = Array.from({ length: 240 }, (_, k) => `${k % 5},${k % 3},${k % 7},${["x", "y"][k % 2]},${"uv"[k % 2]}`);
  const text = (more: readonly string[]) => `a,b,c,word,kind\n${[...lines, ...more].join("\n")}\n`;
  const { data } = await readCsv(text(["9,9,9,rare,u", "9,9,9,once,v", "9,9.0001,9,rare,u", "8,9,9,,u"]));
  const pick = (from: number, to: number) =>
    selectRows(
      data,
      Uint32Array.from({ length: to - from }, (_, i) => from + i),
    );
  const [train, held] = [pick(0, 241), pick(241, 244)];
  expect(alikeRows([train], held, fitScaling(train))).toEqual({ exact: 1, near: 1, compared: 3 });
});

test("few numbers make no near rows, and pictures are near by their mean difference", () => {
  const random = new Random(2, 9);
  const two = dataset(
    "two",
    Float64Array.from({ length: 2000 }, () => random.normal()),
    2,
  );
  const shifted = { ...two, features: two.features.map((x) => x + 1e-4) };
  expect(alikeRows([two], shifted, fitScaling(two))).toEqual({ exact: 0, near: 0, compared: 1000 });
  const pixels = dataset(
    "p",
    Uint8Array.from({ length: 50 * 784 }, () => random.integer(256)),
    784,
  );
  const noisy = pixels.features.map((x, k) => (k < 784 * 20 ? Math.min(255, x + (k % 3)) : 255 - x));
  expect(alikeRows([pixels], { ...pixels, features: noisy }, fitScaling(pixels))).toEqual({
    exact: 0,
    near: 20,
    compared: 50,
  });
});

test("pictures of one cell, which are many, are told apart as a comparison of every pair tells them", () => {
  const random = new Random(5, 9);
  const [rows, D] = [12, 784];
  const pixels = Uint8Array.from({ length: D }, () => random.integer(256));
  const turned = (by: number) => Uint8Array.from(pixels, (_, j) => pixels[j - (j % 98) + (((j % 98) + by) % 98)]!);
  const train = new Uint8Array(rows * D);
  for (let i = 0; i < rows; i++) train.set(turned(i), i * D);
  const test = Uint8Array.from(train, (x, k) => {
    const [i, j] = [Math.floor(k / D), k % D];
    return i < 4 ? x ^ 1 : i < 8 && j >= D - 30 ? 255 - x : x; // the middle ones differ at their end alone
  });
  let [exact, near] = [0, 0];
  for (let t = 0; t < rows; t++) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < D; j++) sum += Math.abs(train[i * D + j]! - test[t * D + j]!) / 255;
      least = Math.min(least, sum / D);
    }
    if (least === 0) exact++;
    else if (least <= 0.01) near++;
  }
  expect([exact, near]).toEqual([4, 4]);
  const [a, b] = [dataset("a", train, D), dataset("b", test, D)];
  expect(alikeRows([a], b, fitScaling(a))).toEqual({ exact, near, compared: rows });
});

test("many rows of one hash are each counted, in time that grows with their number alone", () => {
  const same = dataset("same", new Float64Array(3 * 50_000).fill(1), 3);
  expect(alikeRows([same], same, fitScaling(same))).toEqual({ exact: 50_000, near: 0, compared: 50_000 });
});

test("the parts' counts are one line, which names --group where rows are nearly alike", () => {
  const random = new Random(3, 9);
  const train = dataset(
    "t",
    Float64Array.from({ length: 300 }, () => random.normal()),
    3,
  );
  const test = { ...train, features: train.features.map((x, k) => (k < 6 ? x : k < 9 ? x + 1e-3 : -x)) };
  const validation = selectRows(train, Uint32Array.of(7));
  expect(alikeRowsWarning({ train, validation, test })).toEqual([
    "2 test rows are also among the training rows and 1 nearly, of 100; 1 validation row is also among the training rows, of 1: the test is easier than it looks. --group keeps rows that belong together on one side.",
  ]);
  expect(alikeRowsWarning({ train, test: { ...test, features: train.features.map((x) => -x) } })).toEqual([]);
});

test("of very many rows some are compared, evenly over the part", () => {
  const random = new Random(4, 9);
  const train = dataset(
    "t",
    Float64Array.from({ length: 3000 }, () => random.normal()),
    3,
  );
  const late = { ...train, features: train.features.map((x, k) => (k < 1500 ? -x : x)) };
  const scaling = fitScaling(train);
  expect(alikeRows([train], late, scaling, { rows: 100, values: 3000 })).toEqual({ exact: 50, near: 0, compared: 100 });
  expect(alikeRows([train], late, scaling, { rows: 500, values: 30 }).compared).toBe(10);
});
