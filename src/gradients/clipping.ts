// Clipping every example's gradient without forming one: g_i is linear in δ_i, so scaling the row of each δ^l by c_i
// scales g_i, and one product a layer then adds c_i g_i (Goodfellow, arXiv 1510.01799; Lee and Kifer, 2009.03106).
import type { Memory } from "../network/memory.ts";
import type { Batch, View } from "../network/plan.ts";
import type { PrivateKernels } from "./kernels.ts";

/**
 * δ_i ← s·c_i·δ_i in every layer, c_i = min(1, C/‖g_i‖), from the norms that `exampleNorms` left (X40). s·c_i stays in
 * `factors`.
 */
export function clipRows(
  k: Pick<PrivateKernels, "scaleRows">,
  { doubles }: Pick<Memory, "doubles">,
  { layers }: Pick<Batch, "layers">,
  factors: View,
  norm: number,
  scale: number,
): void {
  for (let r = 0; r < factors.rows; r++) {
    let square = 0;
    for (const { norms } of layers) square += doubles[norms!.offset + r]!;
    const size = Math.sqrt(square);
    doubles[factors.offset + r] = scale * (size <= norm ? 1 : norm / size); // NaN never passes unclipped
  }
  for (const { delta, norm } of layers) {
    k.scaleRows(delta, factors);
    if (norm?.step) k.scaleRows(norm.step.delta, factors);
  }
}

/** σC/B: the deviation of a step's noise beside the mean of the clipped gradients (X41). */
export const noiseDeviation = (sigma: number, norm: number, expected: number): number => (sigma * norm) / expected;
