import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { measure } from "../../src/training/metrics.ts";

// By hand: classes a, b, c, d; d never occurs and is never predicted, c occurs and is never predicted.
//            predicted a  b  c  d
// true a             3  1  0  0
// true b             1  2  0  0
// true c             0  1  0  0
const labels = [0, 0, 0, 0, 1, 1, 1, 2];
const predictions = [0, 0, 0, 1, 0, 1, 1, 1];
const losses = [1, 2, 3, 4, 5, 6, 7, 8];

test("a hand-worked confusion matrix gives its figures", () => {
  const metrics = measure(labels, predictions, losses, 4);
  expect(metrics.confusion).toEqual([
    [3, 1, 0, 0],
    [1, 2, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 0],
  ]);
  expect(metrics.accuracy).toBe(5 / 8);
  expect(metrics.loss).toBe(4.5);
  expect(metrics.classes).toEqual([
    { precision: 3 / 4, recall: 3 / 4, f1: 3 / 4, support: 4 },
    { precision: 2 / 4, recall: 2 / 3, f1: 4 / 7, support: 3 },
    { precision: null, recall: 0, f1: 0, support: 1 },
    { precision: null, recall: null, f1: null, support: 0 },
  ]);
});

test("averages count an undefined precision as 0 and leave out a class that is nowhere, as scikit-learn does", () => {
  const { macro, weighted } = measure(labels, predictions, losses, 4);
  expect(macro.precision).toBeCloseTo((3 / 4 + 2 / 4 + 0) / 3, 15);
  expect(macro.recall).toBeCloseTo((3 / 4 + 2 / 3 + 0) / 3, 15);
  expect(weighted.precision).toBeCloseTo((4 * (3 / 4) + 3 * (2 / 4)) / 8, 15);
  expect(weighted.recall).toBe(5 / 8); // weighted recall is the accuracy
  expect(weighted.f1).toBeCloseTo((4 * (3 / 4) + 3 * (4 / 7)) / 8, 15);
});

test("no figure is ever NaN, with one row or one class", () => {
  for (const classes of [1, 3]) {
    const text = JSON.stringify(measure([0], [0], [0], classes), (_, v) => (v !== v ? "NaN" : v));
    expect(text).not.toContain("NaN");
  }
});

test("arrays of different lengths and no rows are refused", () => {
  expect(() => measure([], [], [], 2)).toThrow(InvalidInput);
  expect(() => measure([0, 1], [0], [1, 1], 2)).toThrow(InvalidInput);
});
