// Small problems for the checks: a network of given sizes with seeded parameters and data, made hard on purpose: an all-zero input with
// zero biases, units that are exactly zero for every example, a class that never occurs.
import { type Activation, defineNetwork } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { placesOf } from "./bounds.ts";
import type { Problem } from "./implementation.ts";

/**
 * `rows` examples for a network of these sizes; every number is a float32. Row 0 is all zeros. In each hidden layer unit 0 has zero bias, so
 * row 0 meets z = 0 exactly, and the last unit (of two or more) has zero weights and bias, so every row does.
 */
export function shapeProblem(layers: readonly number[], activation: Activation, rows: number, seed: number): Problem {
  const network = defineNetwork(layers, activation);
  const random = new Random(seed, PURPOSE.check, 0);
  const parameters = Float64Array.from(initialize(network, "he", seed));
  placesOf(layers).forEach(({ I, O, W, b }, index) => {
    for (let o = 0; o < O; o++) parameters[b + o] = Math.fround(0.1 * random.normal());
    if (index === layers.length - 2) return;
    parameters[b] = 0;
    if (O < 2) return;
    for (let k = 0; k < I; k++) parameters[W + k * O + O - 1] = 0;
    parameters[b + O - 1] = 0;
  });
  const [D, C] = [layers[0]!, layers.at(-1)!];
  const features = Float64Array.from({ length: rows * D }, (_, at) => (at < D ? 0 : Math.fround(random.normal())));
  const labels = Int32Array.from({ length: rows }, () => random.integer(Math.max(1, C - 1)));
  return { network, parameters, batchSize: rows, features, labels };
}
