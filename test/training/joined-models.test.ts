// An ensemble as one network.
import { expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { fromArrays } from "../../src/data/from-arrays.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { outputsOf } from "../../src/training/evaluate.ts";
import { joinModels } from "../../src/training/joined-models.ts";
import type { Model } from "../../src/training/model.ts";
import { type TrainOptions, train } from "../../src/training/trainer.ts";

const { train: digits } = await drawDigits({ train: 80, test: 1 });
const member = async (layers: readonly number[], options: TrainOptions = {}): Promise<Model> =>
  (await train(defineNetwork(layers, "tanh"), digits, { epochs: 1, engine: "wasm", ...options })).model;

test.each([
  ["no hidden layer", [784, 10]],
  ["one hidden layer", [784, 5, 10]],
  ["three of unequal widths", [784, 7, 3, 4, 10]],
])("outputs of an ensemble are the mean of its members', with %s", async (_, layers) => {
  const members = [await member(layers), await member(layers, { member: 1 }), await member(layers, { member: 2 })];
  const outputs = await Promise.all(members.map((one) => outputsOf(one, digits.features)));
  const joined = joinModels(members);
  expect(joined.network.layers).toEqual(layers.map((size, l) => (l % (layers.length - 1) === 0 ? size : 3 * size)));
  const mean = outputs[0]!.map((z, i) => (z + outputs[1]![i]! + outputs[2]![i]!) / 3);
  (await outputsOf(joined, digits.features)).forEach((z, i) => {
    expect(Math.abs(z - mean[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(mean[i]!)));
  });
  expect(outputs[1]).not.toEqual(outputs[0]);
});

test("a member is drawn with the seed that is so much larger, on the parts of the data of its own seed", async () => {
  const second = await member([784, 5, 10], { seed: 3, member: 2 });
  expect(second.parameters).toEqual((await member([784, 5, 10], { seed: 5 })).parameters);
  const split = { validation: 0.5, seed: 3 };
  const first = await member([784, 5, 10], { ...split, scaling: "standardize" });
  expect((await member([784, 5, 10], { ...split, scaling: "standardize", member: 2 })).scaling).toEqual(first.scaling);
  expect((await member([784, 5, 10], { ...split, scaling: "standardize", seed: 5 })).scaling).not.toEqual(
    first.scaling,
  );
});

test("the largest seed has members, too", async () => {
  const { parameters } = await member([784, 2, 10], { seed: Number.MAX_SAFE_INTEGER, member: 1 });
  expect(parameters).toEqual((await member([784, 2, 10], { seed: 0 })).parameters);
});

test("models that answer otherwise, or too few, are refused by what differs", async () => {
  const one = await member([784, 5, 10]);
  const wider = await member([784, 6, 10]);
  const scaled = await member([784, 5, 10], { scaling: "standardize" });
  expect(() => joinModels([one])).toThrow(/members must be a list of 2 to 1000 models/);
  expect(() => joinModels([one, wider])).toThrow(/the network of members\[1\] must be that of members\[0\]/);
  expect(() => joinModels([one, scaled])).toThrow(/the scaling of members\[1\] must be that of members\[0\]/);
  expect(() => joinModels([one, { ...one, classes: [...one.classes].reverse() }])).toThrow(/the classes of members/);
  expect(() => joinModels([one, { ...one, temperature: 2 }])).toThrow(/members\[1\].temperature must be left out/);
});

test("an ensemble of numbers answers with the mean of its members' answers", async () => {
  const X = Array.from({ length: 30 }, (_, i) => [i / 10, Math.sin(i)]);
  const y = X.map(([a, b]) => a! + b!);
  const rows = fromArrays(X, y, { task: "regress" });
  const options = { epochs: 2, loss: "squared-error" } as const;
  const network = defineNetwork([2, 4, 1]);
  const members = [(await train(network, rows, options)).model];
  members.push((await train(network, rows, { ...options, member: 1 })).model);
  const [a, b] = await Promise.all(members.map((one) => outputsOf(one, rows.features)));
  const joined = await outputsOf(joinModels(members), rows.features);
  joined.forEach((z, i) => {
    expect(z).toBeCloseTo((a![i]! + b![i]!) / 2, 5);
  });
});
