import { expect, test } from "vitest";
import { adviceOn } from "../../src/cli/train/advice.ts";
import { DEFAULTS } from "../../src/training/defaults.ts";
import { EpochHistory } from "../../src/training/epoch-history.ts";
import type { TrainingOptions } from "../../src/training/options.ts";
import type { EpochRecord, TrainingResult } from "../../src/training/training-result.ts";

const epoch = (k: number, trainLoss: number, trainAccuracy: number): EpochRecord => ({
  epoch: k + 1,
  steps: k + 1,
  learningRate: 0.1,
  trainLoss,
  trainAccuracy,
  validationLoss: null,
  validationAccuracy: null,
  best: true,
  parametersSha256: "",
  seconds: 1,
  examplesPerSecond: 1,
});

/** The advice on a run with these losses, test accuracy and test rows of each class. */
function advice(
  losses: readonly number[],
  supports: readonly number[],
  accuracy: { readonly train: number; readonly test: number },
  options: Partial<TrainingOptions> = {},
): string {
  const rows = supports.reduce((sum, n) => sum + n, 0);
  const scores = { precision: 1, recall: 1, f1: 1 };
  const classes = supports.map((support) => ({ ...scores, support }));
  const trained = {
    stopReason: "finished",
    keptEpoch: losses.length,
    test: { rows, accuracy: accuracy.test, loss: 1, classes },
    options: { ...DEFAULTS, epochs: losses.length, batchSize: 16, ...options },
  };
  const history = new EpochHistory(losses.map((loss, k) => epoch(k, loss, accuracy.train)));
  return adviceOn(trained as unknown as TrainingResult, history).join(" ");
}

const FLAT = Array.from({ length: 20 }, () => 0.3);
const FALLING = Array.from({ length: 20 }, (_, k) => 2 - 0.05 * k);
const JUMPING = Array.from({ length: 20 }, (_, k) => (k % 4 === 0 ? 1 : 0.2));
const GOOD = { train: 0.94, test: 0.92 };

test("a run that went well brings no advice", () => {
  expect(advice(FLAT, [50, 50], GOOD)).toBe("");
  expect(advice([1, 0.5, 0.01], [50, 50], GOOD)).toBe("");
});

test("training far above the test is said, but not what chance makes of few rows", () => {
  expect(advice(FLAT, [50, 50], { train: 0.94, test: 0.45 })).toMatch(
    /training 94\.00 %, in the test 45\.00 %.*--hidden/,
  );
  const weighted = advice(FLAT, [50, 50], { train: 0.94, test: 0.45 }, { classWeights: "balanced" });
  expect(weighted).toMatch(/with class weights, some steps are too large\. Try --learning-rate/);
  expect(advice(FLAT, [6, 6], { train: 0.94, test: 0.75 })).toBe("");
});

test("a loss that was still falling asks for more epochs", () => {
  expect(advice(FALLING, [50, 50], GOOD)).toMatch(/still falling at the end, from 1\.250 to 1\.050 .* --epochs 40\./);
});

test("a loss that jumps blames the class weights where there are some", () => {
  expect(advice(JUMPING, [50, 50], GOOD)).toMatch(/jumps from epoch to epoch, .* luck\. Try --learning-rate/);
  expect(advice(JUMPING, [50, 50], GOOD, { classWeights: "balanced" })).toMatch(/The class weights make some steps/);
});

test("one class, a test of one row, and a large class are said", () => {
  expect(advice(FLAT, [50], { train: 1, test: 1 })).toMatch(/one class only, .*--label/);
  expect(advice(FLAT, [1, 0], { train: 1, test: 1 })).toMatch(/the test has 1 row, so/);
  expect(advice(FLAT, [95, 5], GOOD)).toMatch(/95\.00 % .* accuracy 95\.00 %.*--class-weights balanced/);
});
