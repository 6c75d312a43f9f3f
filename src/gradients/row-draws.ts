// Dropout and input noise. Each number is drawn by the counter-based generator from (seed, epoch, example, layer,
// unit): neither threads nor the other rows of a batch change it. These loops define the bits of every engine.
import type { Memory } from "../network/memory.ts";
import { placePair, radiusOf } from "../numerics/box-muller.ts";
import { PURPOSE, philox } from "../numerics/random.ts";
import type { DrawKernels } from "./kernels.ts";

/** Blocks of a layer, in a counter's first word: layer · LAYER_BLOCKS + block. */
export const LAYER_BLOCKS = 2 ** 20;
const TWO_32 = 2 ** 32;

/** m = [word ≥ least]·kept of dropout p in an epoch, both in the range of their types. */
export function dropLimits(p: number, epoch: number): { readonly least: number; readonly kept: number } {
  const least = Math.ceil(p * TWO_32);
  return epoch === 0 ? { least: 0, kept: 1 } : least < TWO_32 ? { least, kept: 1 / (1 - p) } : { least: 0, kept: 0 };
}

/** Four words for the units 4·block … of a layer, in `out`. */
function drawBlock(
  out: Uint32Array,
  seed: number,
  purpose: number,
  epoch: number,
  example: number,
  layer: number,
  block: number,
): void {
  const first = (layer * LAYER_BLOCKS + block) >>> 0;
  philox(out, [first, epoch >>> 0, example >>> 0, purpose], [seed >>> 0, Math.floor(seed / TWO_32) >>> 0]);
}

export function drawsOver({ floats: f, integers }: Pick<Memory, "floats" | "integers">): DrawKernels {
  const words = new Uint32Array(4);
  const pair = new Float32Array(2);
  const round = f instanceof Float32Array ? Math.fround : (x: number) => x;
  return {
    // x ← x + σ·√(−2 ln u)·cos 2πv, and sin for the next unit                    X37
    addNoise(input, { seed, inputNoise = 0, examples }, { epoch, at }) {
      if (epoch === 0 || inputNoise === 0) return;
      for (let r = 0; r < input.rows; r++) {
        const example = integers[examples + at + r]!;
        const x = input.offset + r * input.stride;
        for (let j = 0; j < input.cols; j++) {
          if (j % 4 === 0) drawBlock(words, seed, PURPOSE.inputNoise, epoch, example, 0, j / 4);
          if (j % 2 === 0) placePair(pair, 0, 1, radiusOf(words[j % 4]!), words[(j % 4) + 1]!);
          f[x + j] = f[x + j]! + round(round(inputNoise) * pair[j % 2]!);
        }
      }
    },

    // m = [u ≥ p]/(1 − p), a ← a ⊙ m                                             X36
    drop(passed, mask, output, { seed, dropout = 0, examples }, { epoch, at }, layer) {
      const { least, kept } = dropLimits(dropout, epoch);
      for (let r = 0; r < output.rows; r++) {
        const example = integers[examples + at + r]!;
        const [a, m, to] = [output, mask, passed].map((view) => view.offset + r * view.stride) as [
          number,
          number,
          number,
        ];
        for (let o = 0; o < output.cols; o++) {
          if (least > 0 && o % 4 === 0) drawBlock(words, seed, PURPOSE.dropout, epoch, example, layer, o / 4);
          f[m + o] = least === 0 || words[o % 4]! >= least ? kept : 0;
          f[to + o] = f[a + o]! * f[m + o]!;
        }
      }
    },

    // δ ← δ ⊙ m                                                                  X36
    mask(delta, mask) {
      for (let r = 0; r < delta.rows; r++) {
        const [d, m] = [delta.offset + r * delta.stride, mask.offset + r * mask.stride];
        for (let o = 0; o < delta.cols; o++) f[d + o] = f[d + o]! * f[m + o]!;
      }
    },
  };
}
