// E9 of few rows one by one, by row-product.ts, over a memory of the WebAssembly backend: for forward passes alone, so
// that a program which trains does not carry it.

import { ACTIVATE } from "../../gradients/activations.ts";
import type { Kernels } from "../../gradients/kernels.ts";
import { fusedAs } from "./products.ts";
import { type RowProduct, rowModule } from "./row-product.ts";

const FEW_ROWS = 8; // so few go one by one: packing W takes longer

let compiled: WebAssembly.Module | undefined;

/**
 * `kernels` with a `dense` that takes few rows one by one, where every weight is finite and stays so. `scratch`: the
 * address of the kernels' scratch, of which ROW_SCRATCH bytes are enough here.
 */
export function withRowKernel(kernels: Kernels, memory: WebAssembly.Memory, scratch: number): Kernels {
  compiled ??= new WebAssembly.Module(rowModule());
  const { denseRow } = new WebAssembly.Instance(compiled, { env: { memory } }).exports as { denseRow: RowProduct };
  const floats = new Float32Array(memory.buffer);
  const bytes = (offset: number) => 4 * offset;
  return {
    ...kernels,
    dense(output, input, W, b, activation) {
      if (output.rows > FEW_ROWS) return kernels.dense(output, input, W, b, activation);
      const fused = activation === "identity" || activation === "relu" || activation === "leaky-relu";
      const σ = fused ? undefined : ACTIVATE[activation];
      for (let r = 0; r < output.rows; r++) {
        const z = output.offset + r * output.stride;
        denseRow(
          bytes(z),
          bytes(W.stride),
          W.rows,
          bytes(input.offset + r * input.stride),
          bytes(W.offset),
          bytes(b.offset),
          fusedAs(fused ? activation : "identity"),
          scratch,
        );
        if (σ) for (let o = z; o < z + W.cols; o++) floats[o] = σ(floats[o]!, Math.fround);
      }
    },
  };
}
