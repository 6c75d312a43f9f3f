// Clipping every example's gradient without forming one: g_i is linear in δ_i, so scaling the row of each δ^l by c_i
// scales g_i, and one product a layer then adds c_i g_i (Goodfellow, arXiv 1510.01799; Lee and Kifer, 2009.03106).
import type { Memory } from "../network/memory.ts";
import type { Batch } from "../network/plan.ts";

/**
 * δ_i ← s·c_i·δ_i in every layer, c_i = min(1, C/‖g_i‖), from the norms that `exampleNorms` left (X40). Products in
 * float64, rounded once.
 */
export function clipRows(
  { floats, doubles }: Pick<Memory, "floats" | "doubles">,
  { layers, losses }: Batch,
  norm: number,
  scale: number,
): void {
  for (let r = 0; r < losses.rows; r++) {
    let square = 0;
    for (const { norms } of layers) square += doubles[norms!.offset + r]!;
    const size = Math.sqrt(square);
    const factor = scale * (size <= norm ? 1 : norm / size); // NaN never passes unclipped
    for (const { delta, norm } of layers)
      for (const { offset, stride, cols } of norm?.step ? [delta, norm.step.delta] : [delta]) {
        const from = offset + r * stride;
        for (let at = from; at < from + cols; at++) floats[at] = floats[at]! * factor;
      }
  }
}

/** σC/B: the deviation of a step's noise beside the mean of the clipped gradients (X41). */
export const noiseDeviation = (sigma: number, norm: number, expected: number): number => (sigma * norm) / expected;
