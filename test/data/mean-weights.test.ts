// Weights of rows with mean 1.
import { expect, test } from "vitest";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { dividedWeights, meanWeight } from "../../src/data/mean-weights.ts";

const X = [[1], [2], [3], [4]];
const y = ["a", "b", "a", "b"];

test("weights keep their ratios and come to mean 1, so four times the weights are the same rows", () => {
  const of = (weights: readonly number[]) => {
    const rows = fromArrays(X, y, { weights });
    return [...dividedWeights(rows, meanWeight(rows)).weights!];
  };
  expect(of([1, 2, 4, 9])).toEqual([0.25, 0.5, 1, 2.25]);
  expect(of([4, 8, 16, 36])).toEqual(of([1, 2, 4, 9]));
});

test("rows without weights stay as they are", () => {
  const rows = fromArrays(X, y);
  expect([meanWeight(rows), dividedWeights(rows, 1)]).toEqual([1, rows]);
});
