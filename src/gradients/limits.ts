// What a step does beside the optimizer's update: it clips the gradient by its norm, shrinks weights towards 0, holds
// the weights of each unit within a norm, and keeps the mean of θ over steps. These loops define the bits of
// every engine. Sums run in float64, in index order within a row or a column, and rows in index order:
// no slice changes a bit.
import type { Memory } from "../network/memory.ts";
import type { View } from "../network/plan.ts";
import { squaredNorm } from "./example-norms.ts";
import type { LimitKernels } from "./kernels.ts";

export function limitsOver({ floats: f, doubles }: Pick<Memory, "floats" | "doubles">): LimitKernels {
  const round = f instanceof Float32Array ? Math.fround : (x: number) => x;
  return {
    // squares_k = Σ_o dW_ko²                                                     X33
    squares(squares, dW) {
      for (let k = 0; k < dW.rows; k++)
        doubles[squares.offset + k] = squaredNorm(f, dW.offset + k * dW.stride, dW.cols);
    },
    // g ← factor·g                                                               X33
    clip({ offset, length }, factor) {
      const rounded = round(factor);
      for (let i = offset; i < offset + length; i++) f[i] = f[i]! * rounded;
    },
    // w ← sign(w)·max(|w| − by, 0)                                               X34
    shrink({ offset, length }, by) {
      const rounded = round(by);
      for (let i = offset; i < offset + length; i++) {
        const w = f[i]!;
        f[i] = w - Math.max(-rounded, Math.min(rounded, w)); // no branch to mispredict; NaN stays
      }
    },
    // θ̄ ← θ̄ + share·(θ − θ̄)                                                      X38
    average(mean, parameters, share) {
      const rounded = round(share);
      for (let i = 0; i < mean.length; i++) {
        const old = f[mean.offset + i]!;
        f[mean.offset + i] = old + round(rounded * round(f[parameters.offset + i]! - old));
      }
    },

    // w ← w·min(1, most/‖w‖) of each column w                                    X35
    holdUnits(W, most) {
      const sums = new Float64Array(W.cols);
      for (let k = 0; k < W.rows; k++) {
        const at = W.offset + k * W.stride;
        for (let o = 0; o < W.cols; o++) sums[o]! += f[at + o]! * f[at + o]!;
      }
      for (let o = 0; o < W.cols; o++) {
        const norm = Math.sqrt(sums[o]!);
        if (!(norm > most)) continue;
        const factor = round(most / norm);
        for (let k = 0; k < W.rows; k++) f[W.offset + k * W.stride + o]! *= factor;
      }
    },
  };
}

/** The sums of squares of one layer. */
type Measured = { readonly squares?: View | undefined; readonly biasSquares?: View | undefined };

/** min(1, most/‖∇θ‖): layers first to last, of each the rows of ∇W by index, then ∇b by index. (X33) */
export function clipFactor({ doubles }: Memory, layers: readonly Measured[], most: number): number {
  let sum = 0;
  for (const { squares, biasSquares } of layers)
    for (const column of [squares, biasSquares])
      for (let k = 0; column && k < column.rows; k++) sum += doubles[column.offset + k]!;
  const norm = Math.sqrt(sum);
  return norm > most ? most / norm : 1;
}
