// The norm of one example's gradient, by brute force.
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { widened } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { BoundedObservation, Case } from "./case.ts";

/** Σ g² of layer l of one example, from its gradient, and its distance from the exact one. */
export function squaredGradient(
  c: Case,
  { observation, bounds }: BoundedObservation,
  l: number,
): { v: number; e: number } {
  const { I, O, W, b } = layerOffsets(c.network.layers)[l - 1]!;
  let [v, e] = [0, 0];
  for (let k = 0; k <= I; k++)
    for (let o = 0; o < O; o++) {
      const g = observation.gradients[k < I ? W + k * O + o : b + o]!;
      const error = k < I ? bounds.dW(l, k, o) : bounds.db(l, o);
      v += g * g;
      e += (2 * Math.abs(g) + error) * error;
    }
  return { v, e: widened(e + gamma((I + 1) * O + 1, FLOAT64) * v) };
}
