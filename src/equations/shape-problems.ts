// Problems of given sizes with seeded parameters and data, and with hard cases: a row of zeros under zero biases, units
// that are exactly 0 for every example, a class without examples.
import { type Loss, lossTask, SOFTMAX, targetColumns } from "../network/losses.ts";
import { defineNetwork, type LayerOptions, type Network } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { layerOffsets } from "./bounds.ts";
import type { Problem } from "./implementation.ts";

/**
 * `rows` examples for a network of these sizes; every number is a float32. Row 0 is all zeros. In each hidden layer,
 * unit 0 has bias 0, so that z = 0 exactly for row 0, and the last unit (of two or more) has zero weights and bias, so
 * that z = 0 for every row.
 */
export function shapeProblem(
  layers: readonly number[],
  activation: Network["activation"],
  rows: number,
  seed: number,
  loss: Loss = SOFTMAX,
  options: LayerOptions = {},
): Problem {
  const network = defineNetwork(layers, activation, options);
  const random = new Random(seed, PURPOSE.check, 0);
  const parameters = Float64Array.from(initialize(network, "he", seed));
  layerOffsets(layers, options.layerNorm).forEach(({ I, O, W, b }, index) => {
    for (let o = 0; o < O; o++) parameters[b + o] = Math.fround(0.1 * random.normal());
    if (index === layers.length - 2) return;
    for (let o = 0; options.layerNorm && o < O; o++) {
      parameters[b + O + o] = Math.fround(1 + 0.3 * random.normal()); // γ
      parameters[b + 2 * O + o] = Math.fround(0.3 * random.normal()); // β
    }
    parameters[b] = 0;
    if (O < 2) return;
    for (let k = 0; k < I; k++) parameters[W + k * O + O - 1] = 0;
    parameters[b + O - 1] = 0;
  });
  const [D, C] = [layers[0]!, layers.at(-1)!];
  const features = Float64Array.from({ length: rows * D }, (_, at) => (at < D ? 0 : Math.fround(random.normal())));
  const labels = Int32Array.from({ length: rows }, () => random.integer(Math.max(1, C - 1)));
  if (lossTask(loss) === "classify") return { network, parameters, batchSize: rows, features, labels };
  const draw = () => Math.fround(lossTask(loss) === "multilabel" ? random.uniform() : Math.abs(2 * random.normal()));
  const targets = Float64Array.from({ length: rows * targetColumns(loss, C) }, draw);
  return { network, parameters, batchSize: rows, features, labels, loss, targets };
}
