import { expect, test } from "vitest";
import { kernelModule, wasmBackend, wasmBackendWith } from "../../src/engines/wasm/wasm-backend.ts";
import { checkProducts, conformance } from "./conformance.ts";
import { Twins } from "./twins.ts";

conformance(wasmBackend);

test("one module, valid for plain and for shared memory, serves every network", () => {
  for (const shared of [false, true])
    for (const unroll of [1, 8] as const) expect(WebAssembly.validate(kernelModule(shared, unroll))).toBe(true);
});

test.each([1, 8] as const)(
  "layer sizes from 1 to 1,025 give the reference's bits, as inputs, outputs and terms, unrolled %i times",
  { timeout: 60_000 },
  async (unroll) => {
    const backend = wasmBackendWith(unroll);
    for (let size = 1; size <= 1025; size += unroll === 8 ? 1 : 7)
      checkProducts(await Twins.of(backend, { layers: [2, 3, size, 2], batchSize: 2 }), 2, "ordinary");
  },
);

test.each([1, 8] as const)(
  "batches of 1 to 21 rows, cut into micro-tiles of every height, give the reference's bits, unrolled %i times",
  async (unroll) => {
    const twins = await Twins.of(wasmBackendWith(unroll), { layers: [9, 11, 17, 3], batchSize: 21 });
    for (let rows = 1; rows <= 21; rows++) checkProducts(twins, rows, "ordinary");
  },
);

test("a memory that WebAssembly cannot address is refused", () => {
  expect(() => wasmBackend.allocate(2 ** 32, false)).toThrow(RangeError);
});
