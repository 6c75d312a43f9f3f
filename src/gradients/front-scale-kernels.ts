// A learned scale of the inputs. One loop for every engine, over the memory that they share.
import type { Memory } from "../network/memory.ts";
import type { FrontKernels } from "./kernels.ts";

export function frontOver({ floats: f }: Pick<Memory, "floats">): FrontKernels {
  const round = f instanceof Float32Array ? Math.fround : (x: number) => x;
  return {
    // x ⊙ s                                                                      X39
    scale(scaled, input, s) {
      for (let r = 0; r < input.rows; r++) {
        const [to, x] = [scaled.offset + r * scaled.stride, input.offset + r * input.stride];
        for (let j = 0; j < input.cols; j++) f[to + j] = f[x + j]! * f[s.offset + j]!;
      }
    },

    // ∂L/∂s = Σ_i x_i ⊙ δ⁰_i / B                                                 X39
    scaleGradient(gradient, input, delta, adds = false) {
      const inverseB = round(1 / delta.rows);
      const g = gradient.offset;
      if (!adds) f.fill(0, g, g + gradient.cols);
      for (let i = 0; i < delta.rows; i++) {
        const [x, d] = [input.offset + i * input.stride, delta.offset + i * delta.stride];
        for (let j = 0; j < gradient.cols; j++) f[g + j] = f[g + j]! + round(f[x + j]! * f[d + j]!);
      }
      for (let j = 0; !adds && j < gradient.cols; j++) f[g + j] = f[g + j]! * inverseB;
    },

    // s ← s′ + k(s − s′)                                                         X39
    extend({ offset, length }, before, rate) {
      const rounded = round(rate);
      for (let j = 0; j < length; j++) f[offset + j] = before[j]! + round(rounded * round(f[offset + j]! - before[j]!));
    },
  };
}
