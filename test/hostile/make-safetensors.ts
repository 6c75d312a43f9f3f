// Nasty safetensors models beside valid twins.
import { type Case, joined, oneFile } from "./case.ts";

/** A file with the header's text and data bytes; its length prefix may lie. */
export function writeSafetensors(header: string | object, data: Uint8Array, length?: bigint): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(text.length));
  return joined(head, text, data);
}

const data = new Uint8Array(new Float32Array([1, -1, 0.5, 2, 0, 0]).buffer);
const weight = { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] };
const bias = { dtype: "F32", shape: [2], data_offsets: [16, 24] };
const layers = (w: object = weight, b: object = bias, more: object = {}) =>
  writeSafetensors({ "layers.0.weight": w, "layers.0.bias": b, ...more }, data);
const model = oneFile("m.safetensors");
const bad = (name: string, bytes: Uint8Array, at: string | RegExp, reason: string, code = "BAD_SAFETENSORS") =>
  model(name, bytes, [code, at, reason]);
const W = JSON.stringify(weight);
const B = JSON.stringify(bias);
const text = (header: string) => writeSafetensors(header, data);
const NAME = '"layers.0.weight"';

const told = (more: object = {}) =>
  layers(weight, bias, {
    __metadata__: {
      ...{
        format: "pt",
        deltaprop: "1",
        layers: "[2,2]",
        activation: "relu",
        classes: '["a","b"]',
        features: '["x","y"]',
      },
      ...{ scaling: '{"kind":"standardize","mean":[0,1],"deviation":[1,2]}', image: "[1,2]" },
      trained_on: '{"name":"t","sha256":"0","label":null,"heldOut":{"fraction":0.2,"seed":1}}',
      ...more,
    },
  });
const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

export const SAFETENSORS: readonly Case[] = [
  model("one layer", layers()),
  model("one layer with all that we write beside it", told()),
  ...Object.entries({
    layers: [DEEP, "[2,3]", "{", '"[2,2]"'],
    classes: [DEEP, '["a","a"]', '["a"]', '{"length":2}', "null1"],
    features: [DEEP, '["x"]'],
    scaling: [DEEP, '{"kind":"divide","by":0}', '{"kind":"standardize","mean":[0,1],"deviation":[1,-1]}', "1"],
    image: ["[2,2]", "[1e999,2]"],
    trained_on: [DEEP, "[]", '{"name":1}'],
    activation: ["__proto__", "", "sigmoid\u001b[31m"],
    deltaprop: ["2"],
  }).flatMap(([key, values]) =>
    values.map((value) =>
      bad(
        `metadata ${key} of ${value.slice(0, 20)}`,
        told({ [key]: value }),
        "metadata",
        `metadata ${key}`.replace("metadata deltaprop", "the model's format"),
        "BAD_MODEL",
      ),
    ),
  ),
  model("one layer, its header padded", text(`{"layers.0.weight":${W},"layers.0.bias":${B}}   `)),
  model(
    "a metadata text of 12 million escapes",
    text(`{"__metadata__":{"note":"${"\\n".repeat(12e6)}"},"layers.0.weight":${W},"layers.0.bias":${B}}`),
  ),
  bad("nothing", new Uint8Array(0), "byte 0", "at least 8 bytes"),
  bad("a header of 2^64 − 1 bytes", writeSafetensors("{}", data, 2n ** 64n - 1n), "byte 0", "at most 100000000"),
  bad("a header of 2^53 + 1 bytes", writeSafetensors("{}", data, 2n ** 53n + 1n), "byte 0", "at most 100000000"),
  bad("a header longer than the file", writeSafetensors("{}", data, 1000n), "byte 0", "but the file ends"),
  bad("an empty header", writeSafetensors("", data), "byte 8", "must be JSON"),
  bad("a header that is a list", text("[1]"), "byte 8", "must begin with {"),
  bad(
    "a blank before the header",
    text(` {"layers.0.weight":${W},"layers.0.bias":${B}}`),
    "byte 8",
    "must begin with {",
  ),
  bad(
    "a header that is not UTF-8",
    joined(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff)),
    "byte 8",
    "must be JSON in UTF-8",
  ),
  bad("a header cut short", text(`{"layers.0.weight":`), "byte 8", "must be JSON"),
  bad("a header 200,000 levels deep", text(`${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`), /byte 8|"a"/, ""),
  bad(
    "a tensor twice",
    text(`{"layers.0.weight":${W},"layers.0.weight":${W},"layers.0.bias":${B}}`),
    "byte 8",
    "twice",
  ),
  bad(
    "a tensor twice, once escaped",
    text(`{"layers.0.weight":${W},"layers.0.weigh\\u0074":${W},"layers.0.bias":${B}}`),
    "byte 8",
    "twice",
  ),
  bad(
    "a field twice",
    text(`{"layers.0.weight":{"dtype":"F32","dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}`),
    "byte 8",
    "twice",
  ),
  bad(
    "tensors that overlap",
    layers(weight, { ...bias, data_offsets: [8, 16] }),
    /layers/,
    "without holes or overlaps",
  ),
  bad("a hole", layers({ ...weight, shape: [1, 2], data_offsets: [0, 8] }), /layers/, "without holes or overlaps"),
  bad("bytes after the last tensor", joined(layers(), "\0"), /byte/, "follow the last tensor"),
  bad("a byte too few", layers().subarray(0, -1), /layers/, "before this tensor's end"),
  bad("a shape whose product wraps", layers({ ...weight, shape: [2 ** 32, 2 ** 32, 4] }), NAME, "takes"),
  bad("a shape over 2^53", layers({ ...weight, shape: [2 ** 53, 2] }), NAME, "shape must be"),
  bad("a negative shape", layers({ ...weight, shape: [-2, -2] }), NAME, "shape must be"),
  bad("negative offsets", layers({ ...weight, data_offsets: [-16, 0] }), NAME, "data_offsets must be"),
  bad("offsets the wrong way round", layers({ ...weight, data_offsets: [16, 0] }), NAME, "data_offsets span -16"),
  bad("half an offset", layers({ ...weight, data_offsets: [0, 16.5] }), NAME, "data_offsets must be"),
  bad("three offsets", layers({ ...weight, data_offsets: [0, 8, 16] }), NAME, "data_offsets must be"),
  bad("an unknown type", layers({ ...weight, dtype: "Q8" }), NAME, "dtype must be"),
  bad("__proto__ for a type", layers({ ...weight, dtype: "__proto__" }), NAME, "dtype must be"),
  bad("a number for a tensor", layers(weight, bias, { x: 1 }), '"x"', "must be an object"),
  bad(
    "metadata that are not text",
    layers(weight, bias, { __metadata__: { a: 1 } }),
    "__metadata__",
    "must be a string",
  ),
  bad(
    "__proto__ for a tensor",
    text(`{"__proto__":${W},"layers.0.bias":${B}}`),
    "layers.0.weight",
    "is not there",
    "BAD_MODEL",
  ),
];
