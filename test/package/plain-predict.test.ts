import { expect, test } from "vitest";
import { ACTIVATIONS, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { predict as withEngine } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { predict } from "../../src/training/plain-predict.ts";

const network = (activation: (typeof ACTIVATIONS)[number]) => defineNetwork([9, 14, 11, 4], activation);
const modelOf = (activation: (typeof ACTIVATIONS)[number], scaling: Model["scaling"]): Model => ({
  network: network(activation),
  parameters: initialize(network(activation), "he", 3).map((w, i) => w + (i % 7) / 50),
  scaling,
  classes: ["a", "b", "c", "d"],
});

test.each(ACTIVATIONS)("the plain predictor has the bits of the engines, with %s", async (activation) => {
  const random = new Random(5, 31);
  const floats = Float64Array.from({ length: 9 * 33 }, () => 3 * random.normal());
  const bytes = Uint8Array.from({ length: 9 * 33 }, () => random.integer(256));
  const mean = Float64Array.from({ length: 9 }, () => random.normal());
  const standardize = modelOf(activation, { kind: "standardize", mean, deviation: mean.map((m) => 1 + m * m) });
  const divide = modelOf(activation, { kind: "divide", by: 255 });
  expect(predict(standardize, floats)).toEqual(await withEngine(standardize, floats, { engine: "wasm" }));
  expect(predict(divide, bytes)).toEqual(await withEngine(divide, bytes, { engine: "wasm" }));
});

test("features that are no whole rows are refused", () => {
  expect(() => predict(modelOf("relu", { kind: "divide", by: 1 }), new Float64Array(10))).toThrow(/rows of 9 values/);
});
