import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { decodeChecked } from "../../src/files/model/checksums.ts";
import { decodeModel, encodeModel } from "../../src/files/model/model-file.ts";
import { decodeSafetensors, encodeSafetensors, type Tensors } from "../../src/files/model/safetensors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { Model } from "../../src/training/model.ts";

const network = defineNetwork([3, 4, 2], "tanh");
const random = new Random(5, 99);
const model: Model = {
  network,
  parameters: initialize(network, "glorot", 3),
  scaling: {
    kind: "standardize",
    mean: Float64Array.from({ length: 3 }, () => random.normal() / 3),
    deviation: Float64Array.of(0.1, 5e-324, 1.7976931348623157e308),
  },
  classes: ["__proto__", 'a "b"\n'],
  featureNames: ["x", "y", "z"],
  trainedOn: { name: "t.csv", sha256: "00", label: "kind", heldOut: { fraction: 0.2, seed: 7 } },
};

/** The same file with some tensors or metadata changed, and without sums. */
async function changed(
  change: (parts: { tensors: Map<string, unknown>; metadata: Map<string, string> }) => void,
): Promise<Uint8Array> {
  const { tensors, metadata } = await decodeChecked(await encodeModel(model));
  const parts = { tensors: new Map<string, unknown>(tensors), metadata: new Map(metadata) };
  change(parts);
  return encodeSafetensors(parts as unknown as Tensors);
}

test("a model survives its file with every bit and every name", async () => {
  expect(await decodeModel(await encodeModel(model))).toEqual({ model, plain: false });
});

test("an image model keeps its divisor and its shape", async () => {
  const pixels = defineNetwork([6, 2]);
  const images: Model = {
    ...{ network: pixels, parameters: initialize(pixels, "he", 1), classes: ["0", "1"] },
    ...{ scaling: { kind: "divide", by: 255 }, image: { height: 2, width: 3 } },
  };
  expect((await decodeModel(await encodeModel(images))).model).toEqual(images);
});

test("weights are stored as PyTorch stores them: outputs by inputs", async () => {
  const { tensors } = decodeSafetensors(await encodeModel(model));
  expect([...tensors.keys()].sort()).toEqual(["layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight"]);
  const weight = tensors.get("layers.0.weight")!;
  expect(weight.shape).toEqual([4, 3]);
  for (let o = 0; o < 4; o++)
    for (let i = 0; i < 3; i++) expect(weight.values[o * 3 + i]).toBe(model.parameters[i * 4 + o]);
});

test("PyTorch's own file, without our metadata, is read as plain layers", async () => {
  const bytes = await changed(({ metadata }) => metadata.clear());
  const { model: read, plain } = await decodeModel(bytes);
  expect(plain).toBe(true);
  expect(read).toEqual({
    ...{ network: defineNetwork([3, 4, 2]), parameters: model.parameters },
    ...{ scaling: { kind: "none" }, classes: ["0", "1"] },
  });
});

const bad: Record<string, Parameters<typeof changed>[0]> = {
  "a missing bias": ({ tensors }) => tensors.delete("layers.0.bias"),
  "a tensor too many": ({ tensors }) => tensors.set("extra", { shape: [1], values: Float32Array.of(1) }),
  "no tensors": ({ tensors }) => tensors.clear(),
  "a weight of doubles": ({ tensors }) => tensors.set("layers.1.bias", { shape: [2], values: Float64Array.of(1, 2) }),
  "layers that do not fit each other": ({ tensors }) =>
    tensors.set("layers.1.weight", { shape: [2, 3], values: new Float32Array(6) }),
  "a bias of the wrong length": ({ tensors }) =>
    tensors.set("layers.1.bias", { shape: [3], values: new Float32Array(3) }),
  "a weight that is not finite": ({ tensors }) =>
    tensors.set("layers.1.bias", { shape: [2], values: Float32Array.of(0, Number.NaN) }),
  "a newer format": ({ metadata }) => metadata.set("deltaprop", "2"),
  "layers that contradict the tensors": ({ metadata }) => metadata.set("layers", "[3,5,2]"),
  "an unknown activation": ({ metadata }) => metadata.set("activation", "swish"),
  "classes that are not JSON": ({ metadata }) => metadata.set("classes", "a,b"),
  "a class name twice": ({ metadata }) => metadata.set("classes", '["a","a"]'),
  "too few feature names": ({ metadata }) => metadata.set("features", '["a"]'),
  "an image that is not its pixels": ({ metadata }) => metadata.set("image", "[28,28]"),
  "a scaling with too few columns": ({ metadata }) =>
    metadata.set("scaling", '{"kind":"standardize","mean":[0],"deviation":[1]}'),
  "a scaling that divides by zero": ({ metadata }) =>
    metadata.set("scaling", '{"kind":"standardize","mean":[0,0,0],"deviation":[1,1,0]}'),
};

for (const [what, change] of Object.entries(bad))
  test(`${what} is refused`, async () => {
    await expect(decodeModel(await changed(change), "m.safetensors")).rejects.toThrow(InvalidInput);
  });

/** The tensors of `model` under the names that PyTorch gives them, in an order of the file's own. */
const renamed = (names: readonly string[]) =>
  changed((parts) => {
    parts.metadata.clear();
    const tensors = names.flatMap((name, l) =>
      ["weight", "bias"].map((part) => [`${name}.${part}`, parts.tensors.get(`layers.${l}.${part}`)] as const),
    );
    parts.tensors = new Map(tensors.reverse());
  });

test.each([
  [["0", "2"]],
  [["8", "10"]],
  [["net.0", "net.3"]],
  [["model.mlp.1", "model.mlp.2"]],
  [["fc9", "fc10"]],
  [["module.fc1", "module.fc2"]],
  [["hidden", "out"]],
  [["z.0", "a.2"]],
])(
  "layers named %j, as PyTorch's users name them, are read in the order of their numbers, else of their shapes",
  async (names) => {
    const { model: read, plain } = await decodeModel(await renamed(names));
    expect(plain).toBe(true);
    expect(read.network).toEqual({ layers: [3, 4, 2], activation: "relu" });
    expect(read.parameters).toEqual(model.parameters);
  },
);

test("the activation of a plain file may be told, that of ours not changed", async () => {
  const { model: read } = await decodeModel(await renamed(["0", "2"]), "f", "sigmoid");
  expect(read.network.activation).toBe("sigmoid");
  expect((await decodeModel(await encodeModel(model), "f", "tanh")).model).toEqual(model);
  const other = decodeModel(await encodeModel(model), "f", "relu");
  await expect(other).rejects.toThrow('the activation must be tanh, as the file says, got "relu".');
});

test.each([[["2", "0"], /0\.weight|2\.weight's inputs must be/]])(
  "layers named %j are refused",
  async (names, reason) => {
    await expect(decodeModel(await renamed(names))).rejects.toThrow(reason);
  },
);

test("layers whose order is open are refused, and read in the order that is given", async () => {
  const square = {
    ...model,
    network: defineNetwork([2, 2, 2], "relu"),
    parameters: new Float32Array(12).map((_, k) => k),
  };
  const {
    scaling: _,
    classes,
    ...rest
  } = { ...square, featureNames: undefined, image: undefined, trainedOn: undefined };
  const bytes = await encodeModel({ ...rest, classes: classes.slice(0, 2), scaling: { kind: "none" } });
  const { tensors } = decodeSafetensors(bytes);
  const named = new Map(
    [...tensors].map(([name, t]) => [name.replace("layers.0", "in").replace("layers.1", "out"), t]),
  );
  const plain = encodeSafetensors({ tensors: named, metadata: new Map() });
  await expect(decodeModel(plain)).rejects.toThrow("its layers fit in more than one order");
  await expect(decodeModel(plain, "f", "relu", ["in", "end"])).rejects.toThrow("in some order");
  expect((await decodeModel(plain, "f", "relu", ["in", "out"])).model.parameters).toEqual(square.parameters);
});

/** A safetensors file of one layer [1×2], its values these bytes. */
function oneLayer(dtype: string, values: Uint8Array, shape = "[1,2]"): Uint8Array {
  const size = values.length / 3;
  const header = JSON.stringify({
    "fc.weight": { dtype, shape: "SHAPE", data_offsets: [0, 2 * size] },
    "fc.bias": { dtype, shape: [1], data_offsets: [2 * size, 3 * size] },
  }).replace('"SHAPE"', shape);
  const whole = new Uint8Array(8 + header.length + values.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(header.length), true);
  whole.set(new TextEncoder().encode(header), 8);
  whole.set(values, 8 + header.length);
  return whole;
}

test.each([
  ["F16", new Uint8Array(Uint16Array.of(0x3c00, 0xc100, 0x0001).buffer), [1, -2.5, 2 ** -24], "F16 widened to float32"],
  [
    "BF16",
    new Uint8Array(Uint16Array.of(0x3f80, 0xc020, 0x4049).buffer),
    [1, -2.5, 3.140625],
    "BF16 widened to float32",
  ],
  ["F64", new Uint8Array(Float64Array.of(1, -2.5, 0.1).buffer), [1, -2.5, Math.fround(0.1)], "F64 rounded to float32"],
])("a model in %s is read, and what became of its numbers is told", async (dtype, values, expected, words) => {
  const { model: read, converted } = await decodeModel(oneLayer(dtype, values));
  expect([...read.parameters]).toEqual(expected);
  expect(converted).toBe(words);
});

test("a float64 that float32 has no room for is refused", async () => {
  const bytes = oneLayer("F64", new Uint8Array(Float64Array.of(1, 1e300, 0).buffer));
  await expect(decodeModel(bytes)).rejects.toThrow("its values must be finite numbers");
});

test.each(["[1.0,2]", "[1,2e0]", "[1,20e-1]"])("a size that is no plain integer is refused: %s", async (shape) => {
  const bytes = oneLayer("F32", new Uint8Array(12), shape);
  await expect(decodeModel(bytes)).rejects.toThrow("the header's numbers must be written as plain integers");
});
