// Every backend, fastest first: the list that the registry and the pool's workers share.
import type { Backend } from "./backend.ts";
import { nativeBackend } from "./native/native-backend.ts";
import { float64Backend, referenceBackend } from "./reference-backend.ts";
import { wasmBackend } from "./wasm/wasm-backend.ts";

export const BACKENDS: readonly Backend[] = [nativeBackend, wasmBackend, referenceBackend, float64Backend];
