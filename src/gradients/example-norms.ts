// ‖g_i‖² of every example from the two arrays of a layer, without a gradient: ‖∇W_l‖² + ‖∇b_l‖² of one example is
// (‖a_{l−1}‖² + 1)·‖δ^l‖², because ∇W_l is the outer product of the two (Goodfellow, arXiv 1510.01799).
import type { Floats, Memory } from "../network/memory.ts";
import type { View } from "../network/plan.ts";
import type { Kernels } from "./kernels.ts";

/** norms_r = (‖input_r‖² + 1)·‖delta_r‖² (X30). */
export function exampleNormsOver({ floats, doubles }: Pick<Memory, "floats" | "doubles">): NormKernel {
  return (norms, input, delta) => {
    for (let r = 0; r < norms.rows; r++) {
      const a = squaredNorm(floats, input.offset + r * input.stride, input.cols);
      const d = squaredNorm(floats, delta.offset + r * delta.stride, delta.cols);
      doubles[norms.offset + r] = (a + 1) * d;
    }
  };
}

/** norms_r += ‖n_r ∘ ∂ℓ/∂h_r‖² + ‖∂ℓ/∂h_r‖², the gradients of gain and offset; sums in index order. (X49) */
export function addNormOfNorm(
  { floats: f, doubles }: Pick<Memory, "floats" | "doubles">,
  norms: View,
  { normalized, delta }: { readonly normalized: View; readonly delta: View },
): void {
  for (let r = 0; r < norms.rows; r++) {
    let sum = 0;
    for (let j = 0; j < delta.cols; j++) {
      const d = f[delta.offset + r * delta.stride + j]!;
      const n = f[normalized.offset + r * normalized.stride + j]!;
      sum += (n * n + 1) * (d * d);
    }
    doubles[norms.offset + r]! += sum;
  }
}

type NormKernel = NonNullable<Kernels["exampleNorms"]>;

/**
 * Σ x² of `count` floats from `at` on, in float64. Lane k of eight adds the terms j ≡ k (mod 8) in index order from +0;
 * then the lanes are added as ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)): an order that vectors of any width can keep.
 */
export function squaredNorm(f: Floats, at: number, count: number): number {
  const lanes = [0, 0, 0, 0, 0, 0, 0, 0];
  const whole = count - (count % 8);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  for (let j = at, end = at + whole; j < end; j += 8) {
    s0 += f[j]! * f[j]!;
    s1 += f[j + 1]! * f[j + 1]!;
    s2 += f[j + 2]! * f[j + 2]!;
    s3 += f[j + 3]! * f[j + 3]!;
    s4 += f[j + 4]! * f[j + 4]!;
    s5 += f[j + 5]! * f[j + 5]!;
    s6 += f[j + 6]! * f[j + 6]!;
    s7 += f[j + 7]! * f[j + 7]!;
  }
  for (let k = 0; whole + k < count; k++) lanes[k] = f[at + whole + k]! * f[at + whole + k]!;
  return (
    s0 +
    lanes[0]! +
    (s4 + lanes[4]!) +
    (s2 + lanes[2]! + (s6 + lanes[6]!)) +
    (s1 + lanes[1]! + (s5 + lanes[5]!) + (s3 + lanes[3]! + s7))
  );
}
