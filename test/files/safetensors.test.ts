import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/files/model/safetensors.ts";

/** A file by hand: any header text before any data. */
function file(header: string, data: Uint8Array = new Uint8Array(), length?: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: number[], begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

test("a file written by hand is read: little-endian values, empty and scalar shapes, metadata, padding", () => {
  const header = `{"__metadata__":{"made":"by hand"},"x":${entry("F32", [1, 2], 0, 8)},"s":${entry("U8", [], 8, 9)},"none":${entry("F64", [0, 3], 9, 9)}}   `;
  const { tensors, metadata } = decodeSafetensors(file(header, Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192, 7)));
  expect(tensors.get("x")).toEqual({ shape: [1, 2], values: Float32Array.of(1, -2) });
  expect(tensors.get("s")).toEqual({ shape: [], values: Uint8Array.of(7) });
  expect(tensors.get("none")).toEqual({ shape: [0, 3], values: new Float64Array() });
  expect([...metadata]).toEqual([["made", "by hand"]]);
});

test("whatever is written is read back, bit for bit, in all four types and under any name", () => {
  const values = fc.oneof(
    fc.float32Array({ maxLength: 9 }),
    fc.float64Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
    fc.bigInt64Array({ maxLength: 9 }),
  );
  // Node 24.21's JSON.parse mixes up keys of one escaped character: after {"\\\\":1} it reads {"\\"":1} as {"\\\\":1}.
  const name = fc
    .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("__proto__", "constructor", "1", '""', "\\\\"))
    .filter((key) => key !== "__metadata__" && !/^["\\\p{Cc}]$/u.test(key));
  const names = fc.dictionary(name, values);
  fc.assert(
    fc.property(names, fc.dictionary(name, fc.string()), (arrays, strings) => {
      const tensors = new Map(
        Object.entries(arrays).map(([key, v]): [string, Tensor] => [key, { shape: [v.length], values: v }]),
      );
      const bytes = encodeSafetensors({ tensors, metadata: new Map(Object.entries(strings)) });
      const read = decodeSafetensors(bytes);
      expect(read.tensors.size).toBe(tensors.size);
      for (const [key, tensor] of tensors) expect(read.tensors.get(key)).toEqual(tensor);
      expect(Object.fromEntries(read.metadata)).toEqual(Object.fromEntries(Object.entries(strings)));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("Node's Buffers, which may begin anywhere in their memory, are read like any bytes", () => {
  const tensors = new Map([["x", { shape: [2], values: Float32Array.of(1.5, -2) }]]);
  const bytes = Buffer.from(encodeSafetensors({ tensors, metadata: new Map() }));
  expect(decodeSafetensors(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)).tensors).toEqual(tensors);
  expect(decodeSafetensors(bytes).tensors.get("x")?.values.buffer.byteLength).toBe(8);
});

test("tensors lie aligned to their element size", () => {
  const tensors = new Map<string, Tensor>([
    ["a", { shape: [3], values: Uint8Array.of(1, 2, 3) }],
    ["b", { shape: [1], values: Float32Array.of(1) }],
    ["c", { shape: [1], values: Float64Array.of(1) }],
  ]);
  const bytes = encodeSafetensors({ tensors, metadata: new Map() });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  expect(length % 8).toBe(0);
  for (const [name, size] of Object.entries({ a: 1, b: 4, c: 8 })) expect(header[name].data_offsets[0] % size).toBe(0);
});

const x = entry("U8", [2], 0, 2);
const two = Uint8Array.of(1, 2);
const bad: Record<string, Uint8Array> = {
  "no bytes": new Uint8Array(),
  "seven bytes": new Uint8Array(7),
  "a header longer than the file": file(`{"x":${x}}`, two, 5000),
  "a header of 2^60 bytes": file("{}", two, 2 ** 60),
  "a header that is not JSON": file("{x}"),
  "a header that is a list": file("[]"),
  "a header with a space first": file(" {}"),
  "a header with a byte-order mark": file("\ufeff{}"),
  "a header that is not UTF-8": (() => {
    const bytes = file(`{"é":${x}}`, two);
    bytes[10] = 0xff;
    return bytes;
  })(),
  "a name twice": file(`{"x":${x},"x":${x}}`, two),
  "a name twice, once escaped": file(`{"x":${x},"\\u0078":${x}}`, two),
  "a field twice": file(`{"x":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, two),
  "metadata that is no object": file(`{"__metadata__":3}`),
  "metadata that is no string": file(`{"__metadata__":{"a":1}}`),
  "an unknown type": file(`{"x":${entry("F8_E4M3", [1], 0, 2)}}`, two),
  "a type from the prototype": file(`{"x":${entry("toString", [1], 0, 2)}}`, two),
  "a shape that disagrees with the offsets": file(`{"x":${entry("U8", [3], 0, 2)}}`, two),
  "a negative size": file(`{"x":${entry("U8", [-1, -2], 0, 2)}}`, two),
  "a size that is a fraction": file(`{"x":${entry("U8", [0.5, 4], 0, 2)}}`, two),
  "sizes whose product overflows": file(`{"x":${entry("U8", [2 ** 40, 2 ** 40], 0, 2)}}`, two),
  "no offsets": file(`{"x":{"dtype":"U8","shape":[2]}}`, two),
  "offsets that run backwards": file(`{"x":${entry("U8", [2], 2, 0)}}`, two),
  "offsets past the end": file(`{"x":${entry("U8", [3], 0, 3)}}`, two),
  "a hole before the first tensor": file(`{"x":${entry("U8", [1], 1, 2)}}`, two),
  "overlapping tensors": file(`{"x":${x},"y":${entry("U8", [1], 1, 2)}}`, two),
  "bytes after the last tensor": file(`{"x":${entry("U8", [1], 0, 1)}}`, two),
  "data without a tensor": file("{}", two),
};

for (const [what, bytes] of Object.entries(bad))
  test(`${what} is refused, with the file's name`, () => {
    expect(() => decodeSafetensors(bytes, "m.safetensors")).toThrow(InvalidInput);
    expect(() => decodeSafetensors(bytes, "m.safetensors")).toThrow(expect.objectContaining({ file: "m.safetensors" }));
  });

test("every truncation of a good file is refused", () => {
  const whole = encodeSafetensors({
    tensors: new Map([["x", { shape: [3], values: Float32Array.of(1, 2, 3) }]]),
    metadata: new Map([["a", "b"]]),
  });
  for (let length = 0; length < whole.length; length++)
    expect(() => decodeSafetensors(whole.subarray(0, length)), `${length} bytes`).toThrow(InvalidInput);
});
