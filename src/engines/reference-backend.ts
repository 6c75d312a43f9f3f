// The reference as a backend: gradients/reference.ts over plain memory, in float32 (the bits) or float64 (the
// mathematics).
import { referenceKernels } from "../gradients/reference.ts";
import type { Backend } from "./backend.ts";
import type { EngineName } from "./engine.ts";

const reference = (name: EngineName, floatBytes: 4 | 8): Backend => ({
  name,
  floatBytes,
  missing: () => undefined,
  about: () => `plain loops, float${8 * floatBytes}`,
  scratchBytes: () => 0,
  allocate: (bytes, shared) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)),
  async kernels(_store, memory, { clipping }) {
    const kernels = referenceKernels(memory);
    if (!clipping) return kernels;
    const { privateOver } = await import("../gradients/private-kernels.ts");
    return { ...kernels, private: privateOver(memory, kernels) };
  },
  kernelsAtOnce: (_store, memory) => referenceKernels(memory),
});

/** Float32, every sum in index order: the bits that all engines give. */
export const referenceBackend = reference("reference", 4);

/** Float64: the mathematics. For proofs and comparison, not for training runs that are to be repeated elsewhere. */
export const float64Backend = reference("reference-float64", 8);
