// What a step draws and what bounds it (X33 … X38, X40, X41): a module of its own over the session's memory, which no
// forward classifier has. Its kernels as gradients/kernels.ts has them.
import type { DrawKernels, Kernels, LimitKernels, PrivateKernels } from "../../gradients/kernels.ts";
import { dropLimits, LAYER_BLOCKS } from "../../gradients/row-draws.ts";
import type { Memory } from "../../network/memory.ts";
import { COEFFICIENT, type PlannedDraws, type View } from "../../network/plan.ts";
import { GROUP, KEY_WORDS, placeTails } from "../../privacy/keyed-normals.ts";
import { ModuleBuilder } from "./assembler.ts";
import { defineDraws } from "./draw-kernels.ts";
import { defineLimits } from "./limit-kernels.ts";
import { defineNoise } from "./noise-kernels.ts";

/** The module's functions. Addresses, strides and ends are bytes. */
export type StepFunctions = Record<
  | "drop"
  | "mask"
  | "addNoise"
  | "squares"
  | "clip"
  | "shrink"
  | "average"
  | "holdUnits"
  | "scaleRows"
  | "drawGroup"
  | "addScaled",
  (...numbers: number[]) => void
>;

export function stepModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineDraws(module);
  defineLimits(module);
  defineNoise(module);
  return module.finish(shared);
}

/** Address of a view's first float, and bytes from row to row. */
const placed = (view: View) => [4 * view.offset, 4 * view.stride] as const;
const keys = ({ seed }: PlannedDraws) => [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;

/** `scratch`: an address of 2 KiB and 16 bytes. */
export function stepKernels(
  k: StepFunctions,
  update: Kernels["update"],
  memory: Memory,
  scratch: number,
): { readonly draws: DrawKernels; readonly limits: LimitKernels; readonly private: PrivateKernels } {
  return {
    private: privateKernels(k, update, memory, scratch),

    draws: {
      // X37
      addNoise(input, draws, { epoch, at }) {
        const { inputNoise = 0, examples } = draws;
        if (epoch === 0 || inputNoise === 0) return;
        const sizes = [input.rows, input.cols, 4 * (examples + at)] as const;
        k.addNoise(...placed(input), ...sizes, epoch, ...keys(draws), scratch, inputNoise);
      },

      // X36
      drop(passed, mask, output, draws, { epoch, at }, layer) {
        const { least, kept } = dropLimits(draws.dropout ?? 0, epoch);
        const sizes = [output.rows, output.cols, 4 * (draws.examples + at)] as const;
        const views = [...placed(passed), ...placed(mask), ...placed(output)] as const;
        k.drop(...views, ...sizes, layer * LAYER_BLOCKS, epoch, ...keys(draws), least, scratch, kept);
      },

      // X36
      mask(delta, mask) {
        k.mask(...placed(delta), ...placed(mask), delta.rows, delta.cols);
      },
    },

    limits: {
      // X33
      squares(squares, dW) {
        k.squares(8 * squares.offset, ...placed(dW), dW.rows, dW.cols, scratch);
      },

      // X33
      clip({ offset, length }, factor) {
        k.clip(4 * offset, 4 * (offset + length), factor);
      },

      // X34
      shrink({ offset, length }, by) {
        k.shrink(4 * offset, 4 * (offset + length), by);
      },

      // X38
      average(mean, parameters, share) {
        k.average(4 * mean.offset, 4 * parameters.offset, 4 * (mean.offset + mean.length), share);
      },

      // X35
      holdUnits(W, most) {
        k.holdUnits(...placed(W), W.rows, W.cols, most);
      },
    },
  };
}

function privateKernels(
  k: StepFunctions,
  update: Kernels["update"],
  { buffer, floats, integers }: Memory,
  scratch: number,
): PrivateKernels {
  const [normals, tails] = [scratch + 4 * GROUP, scratch + 8 * GROUP];
  const own = { words: new Uint32Array(buffer, scratch, GROUP), out: new Float32Array(buffer, normals, GROUP) };
  return {
    // X40
    scaleRows(delta, factors) {
      k.scaleRows(...placed(delta), delta.rows, delta.cols, 8 * factors.offset);
    },

    // X41
    noisyUpdate(optimizer, spans, gradient, { first }, { key, factor }, coefficients) {
      const words = Uint32Array.from(integers.subarray(key, key + KEY_WORDS));
      const rate = floats[factor + COEFFICIENT.rate]!;
      const { offset, rows, cols, stride } = gradient;
      let [n, held] = [first, -1];
      for (let r = 0; r < rows; r++)
        for (let c = 0, count: number; c < cols; c += count, n += count) {
          const from = n % GROUP;
          const group = (n - from) / GROUP;
          if (group !== held) {
            k.drawGroup(scratch, normals, tails, 4 * key, (16 * group) | 0);
            if (integers.subarray(tails / 4, tails / 4 + 4).some((some) => some !== 0))
              placeTails(own.out, own.words, words, group);
            held = group;
          }
          count = Math.min(cols - c, GROUP - from);
          k.addScaled(4 * (offset + r * stride + c), normals + 4 * from, count, rate);
        }
      for (const drawn of [words, own.words, own.out]) drawn.fill(0);
      update(optimizer, spans, coefficients);
    },
  };
}
