// Mixup: every row of a step with another one. This loop runs in every engine and defines the bits.
import type { Memory } from "../network/memory.ts";
import type { Kernels } from "./kernels.ts";

export function mixOver({ floats: f, doubles }: Pick<Memory, "floats" | "doubles">): NonNullable<Kernels["mix"]> {
  // x ← λx + (1 − λ)x′, in float64 and rounded once                                X52
  return function mix(rows, partners, shares) {
    for (let r = 0; r < rows.rows; r++) {
      const share = doubles[shares + r]!;
      const [x, other] = [rows.offset + r * rows.stride, partners.offset + r * partners.stride];
      for (let j = 0; j < rows.cols; j++) f[x + j] = share * f[x + j]! + (1 - share) * f[other + j]!;
    }
  };
}
