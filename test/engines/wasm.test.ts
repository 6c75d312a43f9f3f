import { expect, test } from "vitest";
import { kernelModule, wasmSource, wasmSourceWith } from "../../src/engines/wasm/kernels.ts";
import { checkProducts, conformance } from "./conformance.ts";
import { Twins } from "./twins.ts";

conformance(wasmSource);

test("one module, valid for plain and for shared memory, serves every network", () => {
  for (const shared of [false, true])
    for (const unroll of [1, 8] as const) expect(WebAssembly.validate(kernelModule(shared, unroll))).toBe(true);
});

test.each([1, 8] as const)(
  "layer sizes from 1 to 1,025 give the reference's bits, as inputs, outputs and terms, with %i terms a turn",
  { timeout: 60_000 },
  async (unroll) => {
    const source = wasmSourceWith(unroll);
    for (let size = 1; size <= 1025; size += unroll === 8 ? 1 : 7)
      checkProducts(await Twins.of(source, { layers: [2, 3, size, 2], batchSize: 2 }), 2, "ordinary");
  },
);

test.each([1, 8] as const)(
  "batches of 1 to 21 rows, cut into tiles of every height, give the reference's bits with %i terms a turn",
  async (unroll) => {
    const twins = await Twins.of(wasmSourceWith(unroll), { layers: [9, 11, 17, 3], batchSize: 21 });
    for (let rows = 1; rows <= 21; rows++) checkProducts(twins, rows, "ordinary");
  },
);

test("a memory that WebAssembly cannot address is refused", () => {
  expect(() => wasmSource.allocate(2 ** 32, false)).toThrow(RangeError);
});
