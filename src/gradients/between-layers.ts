// Layer normalization, σ and σ′ apart from the products, and residual sums (X49, X50). One loop for every engine, over
// the memory that they share; it defines every rounding. Sums of a row run in the order of normalize-row.ts.
import type { Memory } from "../network/memory.ts";
import type { View } from "../network/plan.ts";
import { ACTIVATE, BACK, type Round } from "./activations.ts";
import type { BetweenKernels } from "./kernels.ts";
import { lanesTotal, normalizeRow } from "./normalize-row.ts";

export function betweenOver({ floats: f, doubles }: Pick<Memory, "floats" | "doubles">): BetweenKernels {
  const round: Round = f instanceof Float32Array ? Math.fround : (x) => x;
  const place = ({ offset, stride }: View, r: number) => offset + r * stride;
  return {
    // h = γ ∘ n + β, n = (z − μ)/√(v + ε)                                        X49
    normalize(output, gain, offset, kept) {
      for (let r = 0; r < output.rows; r++) {
        const keep = kept && ((j: number, n: number) => (f[place(kept.normalized, r) + j] = n));
        const places = { gain: gain.offset, offset: offset.offset };
        const inverse = normalizeRow(f, place(output, r), output.cols, f, places, round, keep);
        if (kept) doubles[place(kept.inverses, r)] = inverse;
      }
    },

    // a = σ(h)                                                                   X1 … X5, X16 … X21
    apply(output, activation) {
      const σ = ACTIVATE[activation];
      for (let r = 0; r < output.rows; r++)
        for (let j = place(output, r), end = j + output.cols; j < end; j++) f[j] = σ(f[j]!, round);
    },

    // δ = s ⊙ σ′                                                                 E17
    slope(delta, above, kept, activation) {
      const back = BACK[activation];
      for (let r = 0; r < delta.rows; r++) {
        const [d, s, a] = [place(delta, r), place(above, r), place(kept, r)];
        for (let j = 0; j < delta.cols; j++) f[d + j] = back(f[s + j]!, f[a + j]!, round);
      }
    },

    // δ = (p − m₁ − n·m₂)/√(v + ε), p = γ ∘ ∂ℓ/∂h, m₁ and m₂ the means of p and p ∘ n   X49
    denormalize(delta, above, gain, { normalized, inverses }) {
      const { cols } = delta;
      for (let r = 0; r < delta.rows; r++) {
        const [d, s, n] = [place(delta, r), place(above, r), place(normalized, r)];
        const [sums, products] = [new Float64Array(8), new Float64Array(8)];
        for (let j = 0; j < cols; j++) {
          const p = f[gain.offset + j]! * f[s + j]!;
          sums[j % 8]! += p;
          products[j % 8]! += p * f[n + j]!;
        }
        const [m1, m2] = [lanesTotal(sums) / cols, lanesTotal(products) / cols];
        const inverse = doubles[place(inverses, r)]!;
        for (let j = 0; j < cols; j++) f[d + j] = inverse * (f[gain.offset + j]! * f[s + j]! - m1 - f[n + j]! * m2);
      }
    },

    // a_l + a_{l−1}, and the same of what comes back                             X50
    join(sum, x, y) {
      for (let r = 0; r < sum.rows; r++) {
        const [to, a, b] = [place(sum, r), place(x, r), place(y, r)];
        for (let j = 0; j < sum.cols; j++) f[to + j] = f[a + j]! + f[b + j]!;
      }
    },
  };
}
