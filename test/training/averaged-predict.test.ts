// Answers averaged over distorted copies of an image.
import { expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { evaluateAveraged, predictAveraged } from "../../src/training/averaged-predict.ts";
import { distortRows } from "../../src/training/distort-rows.ts";
import { predict } from "../../src/training/evaluate.ts";
import { train } from "../../src/training/trainer.ts";

const digits = await drawDigits({ train: 300, test: 20 });
const { model } = await train(defineNetwork([784, 16, 10]), digits.train, { epochs: 3, engine: "wasm" });
const rows = Uint32Array.from({ length: 20 }, (_, i) => i);
const LIMITS = { rotation: 10, shift: 2, elastic: 1, fill: 0 };

test("the mean is over the image itself and each of its copies", async () => {
  const { probabilities } = await predictAveraged(model, digits.test!, { augment: LIMITS, copies: 2, seed: 3 });
  const itself = await predict(model, digits.test!.features);
  const copies = [1, 2].map((epoch) => distortRows(digits.test!, LIMITS, rows, 3, epoch));
  const [first, second] = await Promise.all(copies.map((copy) => predict(model, copy)));
  probabilities.forEach((p, i) => {
    const mean = (itself.probabilities[i]! + first!.probabilities[i]! + second!.probabilities[i]!) / 3;
    expect(p).toBeCloseTo(mean, 12);
  });
  expect(first!.probabilities).not.toEqual(itself.probabilities);
});

test("no label is looked at, though classes have limits of their own", async () => {
  const own = { augment: { ...LIMITS, classes: { 1: { rotation: 0 } } }, copies: 3 };
  const before = await predictAveraged(model, digits.test!, own);
  const turned = digits.test!.labels.map((label) => (label + 1) % 10);
  expect(await predictAveraged(model, { ...digits.test!, labels: turned }, own)).toEqual(before);
});

test("figures are those of the averaged answers", async () => {
  const averaging = { augment: "digits", copies: 4 } as const;
  const { classes, probabilities } = await predictAveraged(model, digits.test!, averaging);
  const { accuracy, loss } = await evaluateAveraged(model, digits.test!, averaging);
  const { labels } = digits.test!;
  expect(accuracy).toBe(labels.filter((label, i) => classes[i] === label).length / 20);
  const surprise = Array.from(labels, (label, i) => -Math.log(probabilities[i * 10 + label]!));
  expect(loss).toBeCloseTo(surprise.reduce((sum, x) => sum + x, 0) / 20, 12);
});

test("tables, soft targets, nothing to average and counts out of range are refused by name", async () => {
  const table = fromArrays(
    [
      [1, 2],
      [3, 4],
    ],
    [0, 1],
  );
  const small = (await train(defineNetwork([2, 2]), table, { epochs: 1 })).model;
  await expect(predictAveraged(small, table, { augment: "digits" })).rejects.toThrow(/not images/);
  const soft = { ...digits.test!, targets: new Float64Array(200).fill(0.1) };
  await expect(evaluateAveraged(model, soft, { augment: "digits" })).rejects.toThrow(/data.targets must be left out/);
  await expect(predictAveraged(model, digits.test!, { augment: "none" })).rejects.toThrow(/nothing to average/);
  for (const copies of [0, 1.5, 1001])
    await expect(predictAveraged(model, digits.test!, { augment: "digits", copies })).rejects.toThrow(/copies must be/);
});
