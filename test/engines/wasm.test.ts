import { wasmSource } from "../../src/engines/wasm/kernels.ts";
import { conformance } from "./conformance.ts";

conformance(wasmSource);
