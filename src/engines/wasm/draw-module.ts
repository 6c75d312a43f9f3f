// What a step draws (X36, X37): a module of its own over the session's memory, loaded with a session that draws.
import type { DrawKernels } from "../../gradients/kernels.ts";
import { dropLimits, LAYER_BLOCKS } from "../../gradients/row-draws.ts";
import type { PlannedDraws, View } from "../../network/plan.ts";
import { ModuleBuilder } from "./assembler.ts";
import { defineDraws } from "./draw-kernels.ts";

/** The module's functions. Addresses and strides are bytes. */
export type DrawFunctions = Record<"drop" | "mask" | "addNoise", (...numbers: number[]) => void>;

export function drawModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineDraws(module);
  return module.finish(shared);
}

/** Address of a view's first float, and bytes from row to row. */
const placed = (view: View) => [4 * view.offset, 4 * view.stride] as const;
const keys = ({ seed }: PlannedDraws) => [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;

/** `scratch`: an address of 64 bytes. */
export function drawKernels(k: DrawFunctions, scratch: number): DrawKernels {
  return {
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
  };
}
