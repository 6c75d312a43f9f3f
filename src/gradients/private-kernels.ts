// What a private step does to δ and to ∇θ. These loops define the bits of every engine.
import type { Memory } from "../network/memory.ts";
import { COEFFICIENT } from "../network/plan.ts";
import { drawGroup, GROUP } from "../privacy/keyed-normals.ts";
import { KEY_WORDS } from "../privacy/private-draws.ts";
import type { Kernels, PrivateKernels } from "./kernels.ts";

export function privateOver({ floats: f, doubles, integers }: Memory, k: Pick<Kernels, "update">): PrivateKernels {
  const normals = new Float32Array(GROUP);
  const round = f instanceof Float32Array ? Math.fround : (x: number) => x;
  return {
    // δ_r ← s_r·δ_r                                                              X40
    scaleRows(delta, factors) {
      for (let r = 0; r < delta.rows; r++) {
        const factor = doubles[factors.offset + r]!;
        const from = delta.offset + r * delta.stride;
        for (let at = from; at < from + delta.cols; at++) f[at] = f[at]! * factor;
      }
    },

    // g ← g + s·ξ, −s as the rate of a plain step; θ follows                     X41
    noisyUpdate(optimizer, spans, gradient, { first }, { key, factor }, coefficients) {
      const words = Uint32Array.from(integers.subarray(key, key + KEY_WORDS));
      const rate = f[factor + COEFFICIENT.rate]!;
      let held = -1;
      for (let r = 0, n = first; r < gradient.rows; r++) {
        const row = gradient.offset + r * gradient.stride;
        for (let at = row; at < row + gradient.cols; at++, n++) {
          const group = Math.floor(n / GROUP);
          if (group !== held) drawGroup(normals, words, group);
          held = group;
          f[at] = f[at]! - round(rate * normals[n % GROUP]!);
        }
      }
      words.fill(0);
      normals.fill(0);
      k.update(optimizer, spans, coefficients);
    },
  };
}
