// Every source of kernels, fastest first: the list that the registry and the pool's workers share.
import type { KernelSource } from "./engine.ts";
import { nativeSource } from "./native/kernels.ts";
import { mathematicalSource, referenceSource } from "./reference-backend.ts";
import { wasmSource } from "./wasm/kernels.ts";

export const SOURCES: readonly KernelSource[] = [nativeSource, wasmSource, referenceSource, mathematicalSource];
