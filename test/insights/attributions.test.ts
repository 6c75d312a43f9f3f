// Which inputs mattered: formulas that hold, and the sanity checks of the literature (Adebayo et al., NeurIPS 2018).
import { beforeAll, expect, test } from "vitest";
import {
  type Attributions,
  attribute,
  type Importance,
  permutationImportance,
} from "../../src/insights/attributions.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { train } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

// columns 0 … 2 tell the classes apart, 3 and 4 are noise
const told = blobs(240, { cols: 3, classes: 3, spread: 0.6 });
const random = new Random(4, 6);
const features = new Float64Array(240 * 5);
for (let i = 0; i < 240; i++)
  for (let j = 0; j < 5; j++) features[i * 5 + j] = j < 3 ? told.features[i * 3 + j]! : random.normal();
const data = { ...told, cols: 5, features };
let model: Model;
let found: Attributions;
let importance: readonly Importance[];

beforeAll(async () => {
  const machine = { engine: "wasm", threads: 1 } as const;
  const { model: trained } = await train(defineNetwork([5, 16, 16, 3]), data, { ...machine, epochs: 40 });
  model = trained;
  found = await attribute(model, features.slice(0, 100), { engine: "wasm", tolerance: 1e-5 });
  importance = await permutationImportance(model, data, machine);
});

test("integrated gradients add up to log p(x) − log p(0), kinks and all", async () => {
  const { scaling } = model;
  const mean = scaling.kind === "standardize" ? Float64Array.from(scaling.mean) : new Float64Array(5);
  const { probabilities: atMean } = await predict(model, mean);
  for (let i = 0; i < 20; i++) {
    const sum = found.integrated.subarray(5 * i, 5 * i + 5).reduce((x, y) => x + y, 0);
    const difference = Math.log(found.probabilities[i]!) - Math.log(atMean[found.classes[i]!]!);
    expect(Math.abs(sum - difference)).toBeLessThan(1e-4 * (1 + Math.abs(difference)));
    expect(Math.abs(found.gaps[i]!)).toBeLessThan(1e-4 * (1 + Math.abs(difference)));
  }
});

test("saliency and input × gradient are those of differences of log p", async () => {
  const { scaling } = model;
  const deviation = scaling.kind === "standardize" ? scaling.deviation : [];
  const mean = scaling.kind === "standardize" ? scaling.mean : [];
  const logP = async (row: Float64Array, c: number) => Math.log((await predict(model, row)).probabilities[c]!);
  for (const i of [0, 1, 2])
    for (let j = 0; j < 5; j++) {
      const h = 1e-3 * deviation[j]!;
      const row = features.slice(5 * i, 5 * i + 5);
      const [up, down] = [row.slice(), row.slice()];
      up[j]! += h;
      down[j]! -= h;
      const slope = ((await logP(up, found.classes[i]!)) - (await logP(down, found.classes[i]!))) / 2e-3;
      const size = found.saliency[5 * i + j]!;
      expect(Math.abs(size - Math.abs(slope))).toBeLessThan(0.02 * (0.01 + Math.abs(slope)) + 1e-3);
      const x = (row[j]! - mean[j]!) / deviation[j]!;
      expect(found.inputTimesGradient[5 * i + j]).toBeCloseTo(x * slope, 2);
    }
});

test("columns of noise matter least, and their importance is within its error of nothing", () => {
  expect(
    importance
      .map(({ column }) => column)
      .slice(-2)
      .sort(),
  ).toEqual([3, 4]);
  expect(importance[0]!.loss).toBeGreaterThan(10 * importance[0]!.lossError);
  expect(importance[0]!.loss).toBeGreaterThan(5 * Math.abs(importance.at(-1)!.loss));
});

/** Rank correlation of two lists. */
function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const ranks = (values: Float64Array) => {
    const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
    const out = new Float64Array(values.length);
    order.forEach((i, rank) => {
      out[i] = rank;
    });
    return out;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const m = (a.length - 1) / 2;
  const cov = x.reduce((sum, v, i) => sum + (v - m) * (y[i]! - m), 0);
  return cov / x.reduce((sum, v) => sum + (v - m) ** 2, 0);
}

test("a network of random weights is explained otherwise: the methods read the weights, not the input alone", async () => {
  const c = 1;
  const one = { engine: "wasm", class: c } as const;
  const learned = await attribute(model, features.slice(0, 100), one);
  const seeds = [77, 78, 79, 80, 81, 82];
  const others: Attributions[] = [];
  for (const seed of seeds) {
    const strange: Model = { ...model, parameters: initialize(model.network, "he", seed) };
    others.push(await attribute(strange, features.slice(0, 100), one));
  }
  for (const method of ["saliency", "inputTimesGradient", "integrated"] as const) {
    const mean = others.reduce((sum, other) => sum + rankCorrelation(learned[method], other[method]) / seeds.length, 0);
    expect(Math.abs(mean), method).toBeLessThan(0.4);
  }
  const twin = await attribute({ ...model }, features.slice(0, 100), one);
  expect(twin.integrated).toEqual(learned.integrated);
});

test("a model that cannot see a column gives it nothing", async () => {
  const blind = { ...model, parameters: model.parameters.slice() };
  blind.parameters.fill(0, 2 * 16, 3 * 16); // the weights of column 2
  const { saliency, integrated } = await attribute(blind, features.slice(0, 50), { engine: "wasm" });
  for (let i = 0; i < 10; i++) expect([saliency[5 * i + 2], Math.abs(integrated[5 * i + 2]!)]).toEqual([0, 0]);
});

test("a class that is none, and other columns, are refused", async () => {
  await expect(attribute(model, features.slice(0, 5), { class: 3 })).rejects.toThrow(
    /class must be a class index in \[0, 3\)/,
  );
  await expect(attribute(model, features.slice(0, 7))).rejects.toThrow(/features must be rows of 5 values/);
  await expect(permutationImportance(model, data, { repeats: 1 })).rejects.toThrow(/repeats must be an integer in/);
});
