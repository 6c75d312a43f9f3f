// ⟨g_i, g_j⟩ of two examples from the two arrays of a layer, without a gradient: ∇W_l of one example is the outer
// product a_{l−1}ᵀδ^l, and the inner product of two outer products is the product of two inner products.
import type { LayerArrays } from "../network/memory.ts";

/** a_{l−1} [n×I] and δ^l [n×O] of rows. */
export type LayerRows = Pick<LayerArrays, "input" | "delta">;

/** ⟨g_i, g_j⟩ = Σ_l (⟨a_{l−1,i}, a_{l−1,j}⟩ + 1)·⟨δ^l_i, δ^l_j⟩ of rows i and j of n, in float64 (X44). */
export function gradientProduct(layers: readonly LayerRows[], n: number, i: number, j: number): number {
  let sum = 0;
  for (const { input, delta } of layers)
    sum += (rowProduct(input, input.length / n, i, j) + 1) * rowProduct(delta, delta.length / n, i, j);
  return sum;
}

/** ⟨x_i, x_j⟩ of two rows of `cols` numbers. */
function rowProduct(rows: ArrayLike<number>, cols: number, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < cols; k++) sum += rows[i * cols + k]! * rows[j * cols + k]!;
  return sum;
}
