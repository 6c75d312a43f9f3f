// Layer normalization of one row in plain loops (X49): the definition, and all that a mere prediction needs.
// Sums run in float64, in eight lanes as those of example-norms.ts do, so that vectors of any width keep the order.
import type { Floats } from "../network/memory.ts";
import type { Round } from "./activations.ts";

/** ε beside the variance: the default of PyTorch and ONNX. */
export const NORM_EPSILON = 1e-5;

/** The sum of eight lanes. */
export const lanesTotal = (s: Float64Array): number =>
  s[0]! + s[4]! + (s[2]! + s[6]!) + (s[1]! + s[5]! + (s[3]! + s[7]!));

/** Places in an array of parameters: the first elements of γ and β [1×O]. */
export type NormPlaces = { readonly gain: number; readonly offset: number };

/**
 * The `count` numbers z at `at` become γ ∘ n + β, n = (z − μ)/√(v + ε), v the mean of (z − μ)² (without Bessel's
 * correction). n is rounded, then the product, then the sum; `keep` is given each n. Returns 1/√(v + ε).
 */
export function normalizeRow(
  z: Floats,
  at: number,
  count: number,
  parameters: Floats,
  { gain, offset }: NormPlaces,
  round: Round,
  keep?: (j: number, n: number) => void,
): number {
  const [sums, squares] = [new Float64Array(8), new Float64Array(8)];
  for (let j = 0; j < count; j++) sums[j % 8]! += z[at + j]!;
  const mean = lanesTotal(sums) / count;
  for (let j = 0; j < count; j++) squares[j % 8]! += (z[at + j]! - mean) * (z[at + j]! - mean);
  const inverse = 1 / Math.sqrt(lanesTotal(squares) / count + NORM_EPSILON);
  for (let j = 0; j < count; j++) {
    const n = round((z[at + j]! - mean) * inverse);
    keep?.(j, n);
    z[at + j] = round(parameters[gain + j]! * n) + parameters[offset + j]!;
  }
  return inverse;
}
