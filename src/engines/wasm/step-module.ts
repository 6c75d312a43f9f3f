// What bounds a step (X33 … X35, X38): a module of its own over the session's memory, which no forward classifier has.
// Its kernels as gradients/kernels.ts has them.
import type { LimitKernels } from "../../gradients/kernels.ts";
import type { View } from "../../network/plan.ts";
import { ModuleBuilder } from "./assembler.ts";
import { defineLimits } from "./limit-kernels.ts";

/** The module's functions. Addresses, strides and ends are bytes. */
export type StepFunctions = Record<
  "squares" | "clip" | "shrink" | "average" | "holdUnits",
  (...numbers: number[]) => void
>;

export function stepModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  defineLimits(module);
  return module.finish(shared);
}

/** Address of a view's first float, and bytes from row to row. */
const placed = (view: View) => [4 * view.offset, 4 * view.stride] as const;

/** `scratch`: an address of 64 bytes. */
export function stepKernels(k: StepFunctions, scratch: number): { readonly limits: LimitKernels } {
  return {
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
