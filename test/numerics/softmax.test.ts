import { expect, test } from "vitest";
import { exponentials, softmax } from "../../src/numerics/softmax.ts";

test("numerators and denominator of softmax do not overflow", () => {
  const { numerators, denominator, argmax } = exponentials([1000, 999, -1000]);
  expect([...numerators]).toEqual([1, expect.closeTo(Math.exp(-1), 14), 0]);
  expect(denominator).toBeCloseTo(1 + Math.exp(-1), 14);
  expect(argmax).toBe(0);
});

test("a row inside a matrix has the softmax of the row alone, and the first of equal logits wins", () => {
  const logits = Float32Array.of(7, 7, 7, -2, 0.5, 0.5);
  const { numerators, denominator, argmax } = exponentials(logits, 3, 3);
  expect(argmax).toBe(1);
  expect(numerators.map((e) => e / denominator)).toEqual(softmax(logits.subarray(3)));
  expect(softmax([-0, 0])).toEqual(Float64Array.of(0.5, 0.5));
});

test("softmax takes a million classes", () => {
  expect(softmax(new Float32Array(1 << 20))[1 << 19]).toBe(2 ** -20);
});

test("a logit that is not a number makes the whole row so", () => {
  expect([...softmax([1, Number.NaN, 2])]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
