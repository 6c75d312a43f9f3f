// ∂ℓ/∂x as users get it. Its proof against dual numbers is row X15 of the check; here the model's own answers are the
// witness.
import { expect, test } from "vitest";
import { ENGINES } from "../../src/engines/registry.ts";
import { InvalidInput } from "../../src/errors.ts";
import { type Activation, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { inputGradients, predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";

const D = 6;
const C = 4;
const exactly = { engine: "reference-float64" };

function modelOf(activation: Activation): Model {
  const network = defineNetwork([D, 9, 7, C], activation);
  const classes = ["a", "b", "c", "d"];
  return { network, parameters: initialize(network, "glorot", 3), scaling: { kind: "divide", by: 2 }, classes };
}

/** Raw features on a grid of sixteenths, so that features / 2 ± h is exact in float32. */
function rowsOf(n: number): { features: Float32Array; classes: Int32Array } {
  const random = new Random(8, 99);
  return {
    features: Float32Array.from({ length: n * D }, () => (random.integer(65) - 32) / 16),
    classes: Int32Array.from({ length: n }, (_, i) => i % C),
  };
}

test.each(["tanh", "sigmoid", "identity"] as const)(
  "under %s every entry is the slope of −log S_c as predict sees it",
  async (activation) => {
    const model = modelOf(activation);
    const { features, classes } = rowsOf(5);
    const { losses, gradients } = await inputGradients(model, features, classes, exactly);
    const lossOf = async (moved: Float32Array) => {
      const { probabilities } = await predict(model, moved, exactly);
      return Array.from(classes, (c, i) => -Math.log(probabilities[i * C + c]!));
    };
    const here = await lossOf(features);
    const h = 2 ** -10;
    for (let j = 0; j < D; j++) {
      const [up, down] = [features.slice(), features.slice()];
      for (let i = 0; i < 5; i++) {
        up[i * D + j] = up[i * D + j]! + 2 * h; // raw: twice as far, for x = raw/2
        down[i * D + j] = down[i * D + j]! - 2 * h;
      }
      const [above, below] = [await lossOf(up), await lossOf(down)];
      for (let i = 0; i < 5; i++) {
        expect(losses[i]).toBeCloseTo(here[i]!, 10);
        expect(gradients[i * D + j]).toBeCloseTo((above[i]! - below[i]!) / (2 * h), 5);
      }
    }
  },
);

test("every float32 engine gives the same bits, on any number of threads, and rows do not meet", async () => {
  const model = modelOf("relu");
  const { features, classes } = rowsOf(300); // more than one pass
  const wanted = await inputGradients(model, features, classes, { engine: "reference" });
  const alone = await inputGradients(model, features.slice(290 * D, 291 * D), classes.slice(290, 291));
  expect(alone.gradients).toEqual(wanted.gradients.slice(290 * D, 291 * D));
  for (const { name, missing } of ENGINES)
    if (missing() === undefined && name !== "reference-float64")
      for (const threads of [1, 3])
        expect(await inputGradients(model, features, classes, { engine: name, threads }), name).toEqual(wanted);
});

test("the gradients of all classes, weighted by their probabilities, cancel", async () => {
  const model = modelOf("tanh"); // Σ_c S_c ∂(−log S_c)/∂x = −∂(Σ S_c)/∂x = 0
  const { features } = rowsOf(1);
  const { probabilities } = await predict(model, features, exactly);
  const sum = new Float64Array(D);
  for (let c = 0; c < C; c++) {
    const { gradients } = await inputGradients(model, features, Int32Array.of(c), exactly);
    gradients.forEach((g, j) => {
      sum[j] = sum[j]! + probabilities[c]! * g;
    });
  }
  for (const total of sum) expect(total).toBeCloseTo(0, 14);
});

test("features that do not fit, and classes that are none, are refused", async () => {
  const model = modelOf("relu");
  const { features } = rowsOf(2);
  await expect(inputGradients(model, features, new Int32Array(3))).rejects.toThrow(InvalidInput);
  await expect(inputGradients(model, features, new Int32Array(0))).rejects.toThrow("rows of 6 values");
  await expect(inputGradients(model, features, Int32Array.of(0, C))).rejects.toThrow("a class in [0, 4)");
});
