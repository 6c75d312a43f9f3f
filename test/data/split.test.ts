import fc from "fast-check";
import { expect, test } from "vitest";
import { splitDataset, stratify } from "../../src/data/split.ts";
import { InvalidInput } from "../../src/errors.ts";

const count = (labels: Int32Array, rows: Uint32Array, c: number) =>
  rows.reduce((n, i) => n + (labels[i] === c ? 1 : 0), 0);

test("any two parts hold every row once, and each class in proportion to within one example", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 400 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.nat(),
      (list, share, seed) => {
        const labels = Int32Array.from(list);
        const [first, second] = stratify(labels, [1 - share, share], seed) as [Uint32Array, Uint32Array];
        expect([...first, ...second].sort((a, b) => a - b)).toEqual(list.map((_, i) => i));
        for (let c = 0; c < 5; c++) {
          const n = count(labels, labels.map((_, i) => i) as unknown as Uint32Array, c);
          const part = count(labels, second, c);
          expect(Math.abs(part - n * share), `class ${c}`).toBeLessThanOrEqual(1);
          if (n > 0) expect(count(labels, first, c), `class ${c}`).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

test("150 rows of three classes give 15 to a tenth, five of each", () => {
  const labels = Int32Array.from({ length: 150 }, (_, i) => i % 3);
  const [first, tenth] = stratify(labels, [0.9, 0.1], 1) as [Uint32Array, Uint32Array];
  expect([first.length, tenth.length]).toEqual([135, 15]);
  expect([0, 1, 2].map((c) => count(labels, tenth, c))).toEqual([5, 5, 5]);
});

test("three parts have their shares of each class", () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : 1));
  const parts = stratify(labels, [0.7, 0.2, 0.1], 3);
  expect(parts.map((rows) => [count(labels, rows, 0), count(labels, rows, 1)])).toEqual([
    [630, 70],
    [180, 20],
    [90, 10],
  ]);
});

test("one seed gives one split, another seed another, and rows keep their order", () => {
  const labels = Int32Array.from({ length: 100 }, (_, i) => i % 2);
  const [, one] = stratify(labels, [0.8, 0.2], 1);
  expect(stratify(labels, [0.8, 0.2], 1)[1]).toEqual(one);
  expect(stratify(labels, [0.8, 0.2], 2)[1]).not.toEqual(one);
  expect(one).toEqual(one?.slice().sort());
});

test("a class with one example stays in the first part", () => {
  for (let seed = 0; seed < 50; seed++)
    expect(stratify(Int32Array.of(0, 0, 1, 0, 0, 2), [0.5, 0.5], seed)[1]).not.toContain(2);
});

test("the parts of a dataset keep its class names and bring their own rows", () => {
  const data = {
    name: "d",
    features: Float64Array.of(0, 1, 2, 3),
    rows: 4,
    cols: 1,
    labels: Int32Array.of(1, 1, 1, 1),
    classes: ["never", "always"],
  };
  const [a, b] = splitDataset(data, [0.5, 0.5], 1);
  expect([a?.classes, a?.rows, b?.rows]).toEqual([data.classes, 2, 2]);
  expect([...(a?.features ?? []), ...(b?.features ?? [])].sort()).toEqual([0, 1, 2, 3]);
});

test("a part that would be empty, and fractions that are none, are refused", () => {
  const labels = new Int32Array(4);
  expect(() => stratify(labels, [0.95, 0.05], 1)).toThrow("the part of 0.05 must be at least one row of 4, got 0.");
  expect(() => stratify(labels, [0.5, 0.6], 1)).toThrow("fractions must be numbers that sum to 1");
  for (const bad of [0, -0.5, Number.NaN]) expect(() => stratify(labels, [1, bad], 1)).toThrow(InvalidInput);
});
