// Every backend, fastest first: the list that the registry and the pool's workers share.
import type { Backend } from "./backend.ts";
import { nativeSource } from "./native/kernels.ts";
import { float64Backend, referenceBackend } from "./reference-backend.ts";
import { wasmSource } from "./wasm/kernels.ts";

export const BACKENDS: readonly Backend[] = [nativeSource, wasmSource, referenceBackend, float64Backend];
