import { expect, test } from "vitest";
import { kernelModule, wasmSource } from "../../src/engines/wasm/kernels.ts";
import { checkProducts, conformance } from "./conformance.ts";
import { Twins } from "./twins.ts";

conformance(wasmSource);

test("one module, valid for plain and for shared memory, serves every network", () => {
  for (const shared of [false, true]) {
    expect(WebAssembly.validate(kernelModule(shared))).toBe(true);
    expect(kernelModule(shared)).toEqual(kernelModule(shared));
  }
});

test("every layer size from 1 to 1,025 gives the reference's bits, as inputs, as outputs and as terms", {
  timeout: 60_000,
}, async () => {
  for (let size = 1; size <= 1025; size++)
    checkProducts(await Twins.of(wasmSource, { layers: [2, 3, size, 2], batchSize: 2 }), 2, "ordinary");
});

test("a memory that WebAssembly cannot address is refused", () => {
  expect(() => wasmSource.allocate(2 ** 32, false)).toThrow(RangeError);
});
