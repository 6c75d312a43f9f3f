// A learned scale of the inputs before the first layer: where it lies, behind the layers in every block laid out like
// θ.
import { type Arena, padded, type Span, type View } from "./arena.ts";

/** The arrays of the scale s for a pass of some rows. */
export type FrontScale = {
  readonly scale: View; //               s                                   [1×D]
  readonly scaled: View; //              x ⊙ s, which layer 1 is given        [B×D]
  readonly gradient?: View | undefined; // ∂L/∂s, of a training step          [1×D]
  readonly delta?: View | undefined; //  δ⁰ = ∂ℓ/∂(x ⊙ s) = δ¹W₁ᵀ, of one     [B×D]
  readonly squares?: View | undefined; // of each element of ∂L/∂s, in doubles, if the gradient is clipped [D×1]
};

/** What D numbers more take in a block laid out like θ. */
export const frontLength = (D: number, wanted: boolean): number => (wanted ? padded(D) : 0);

/** Of a training step on `input`, which stays as it is for ∂L/∂s; `at`: the place of s in a block. */
export function planFront(
  arena: Arena,
  { rows, cols }: View,
  at: number,
  parameters: Span,
  gradients: Span,
  clipped: boolean,
): FrontScale {
  const row = (block: Span): View => ({ offset: block.offset + at, rows: 1, cols, stride: padded(cols) });
  return {
    scale: row(parameters),
    scaled: arena.matrix(rows, cols),
    gradient: row(gradients),
    delta: arena.matrix(rows, cols),
    squares: clipped ? arena.column(cols, 8) : undefined,
  };
}
