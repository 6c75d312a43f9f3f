// Layer normalization between a layer's sums z and σ (X49), and what a residual connection keeps (X50): where their
// arrays lie. A normalization is a layer with two arrays of its own: what it made of z, and the error of what it hands
// on.
import type { Arena, View } from "./arena.ts";

/** γ and β of a layer, or their gradients, [1×O] each. */
export type GainAndOffset = { readonly gain: View; readonly offset: View };

/** What a training step keeps of a normalization. */
export type KeptNorm = {
  readonly normalized: View; // n = (z − μ)/√(v + ε)        [B×O]
  readonly inverses: View; //   1/√(v + ε), in doubles      [B×1]
};

/** The arrays of h = γ ∘ n + β. Of a forward pass alone: γ and β. */
export type LayerNorm = GainAndOffset & {
  readonly step?:
    | (KeptNorm & {
        readonly delta: View; //            ∂ℓ/∂h                                [B×O]
        readonly gradients: GainAndOffset; // ∇γ, ∇β                             [1×O]
        readonly squares?: GainAndOffset | undefined; // of each element of them, in doubles, if the gradient is clipped
      })
    | undefined;
};

/** The normalization of a layer with room for what a step on `output` keeps; its gradients are `gradients`. */
export function planNorm(
  arena: Arena,
  norm: GainAndOffset,
  gradients: GainAndOffset,
  { rows, cols }: View,
  clipped: boolean,
): LayerNorm {
  const kept = { normalized: arena.matrix(rows, cols), inverses: arena.column(rows, 8) };
  const delta = arena.matrix(rows, cols);
  const squares = clipped ? { gain: arena.column(cols, 8), offset: arena.column(cols, 8) } : undefined;
  return { ...norm, step: { ...kept, delta, gradients, squares } };
}

/** The normalization with its arrays of rows cut by `rows`. */
export function normRows(norm: LayerNorm, rows: (view: View) => View): LayerNorm {
  const { step } = norm;
  if (!step) return norm;
  const { normalized, inverses, delta } = step;
  return {
    ...norm,
    step: { ...step, normalized: rows(normalized), inverses: rows(inverses), delta: rows(delta) },
  };
}
