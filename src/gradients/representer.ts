// Representer points of the last layer: where (1/n) Σ ℓ_i + (λ/2)‖θ_L‖² is at its minimum over the last layer, its
// outputs are a sum over the training examples (Yeh et al., arXiv 1811.09720). Away from the minimum the rest is what
// the slope of that sum adds.
import type { LayerRows } from "./gradient-products.ts";

/** −δ^L_i,c (⟨a_{L−1,i}, a_{L−1,t}⟩ + 1)/(λn): what example i of n gives logit c of an input with a_t (X46). */
export function representerValue(
  { input, delta }: LayerRows,
  n: number,
  decay: number,
  i: number,
  a: ArrayLike<number>,
  c: number,
): number {
  const I = input.length / n;
  let product = 1;
  for (let k = 0; k < I; k++) product += input[i * I + k]! * a[k]!;
  return (-delta[(i * delta.length) / n + c]! * product) / (decay * n);
}
