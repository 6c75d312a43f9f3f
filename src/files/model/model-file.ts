// A model as one safetensors file, and back. Tensors follow PyTorch: `layers.0.weight` [O×I] and `layers.0.bias` [O],
// so that load_state_dict takes them. Everything else is in the metadata, as strings.
import { isPictureForm } from "../../data/pictures/picture-form.ts";
import { InvalidInput, must } from "../../errors.ts";
import {
  ACTIVATIONS,
  type Activation,
  activationText,
  defineNetwork,
  type Network,
  parameterCount,
  readActivation,
} from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, type Model, type TrainedOn } from "../../training/model.ts";
import { checkedPieces, decodeChecked } from "./checksums.ts";
import { parseJson } from "./json.ts";
import { ourNames, plainNames } from "./layer-names.ts";
import { COLUMNS_READING, type ExportCheck, exportMetadata, metadataVersion, readLayerOptions } from "./metadata.ts";
import { isNames, isNumbers, isPrivacy, isSame, isTrainedOn, readScaling } from "./metadata-values.ts";
import { checkNorms, normTensors, packNorms } from "./norm-tensors.ts";
import { readLoss, readTemperature } from "./read-loss.ts";
import { joined, type Tensor } from "./safetensors.ts";

/** `model` as the bytes of a safetensors file with SHA-256 sums. Numbers round-trip exactly. */
export async function encodeModel(model: Model, checked?: ExportCheck): Promise<Uint8Array<ArrayBuffer>> {
  return joined(await modelPieces(model, checked));
}

/** The same file in pieces, to be written one after another: of a large network the file has more than a gigabyte. */
export async function modelPieces(model: Model, checked?: ExportCheck): Promise<readonly Uint8Array[]> {
  checkModel(model);
  const { network, scaling } = model;
  const metadata = new Map<string, string>([
    ["format", "pt"],
    ...exportMetadata(model, checked),
    ["scaling", JSON.stringify(scaling, (_, value) => (value instanceof Float64Array ? [...value] : value))],
    ["reading", reading(model)],
  ]);
  return checkedPieces({ tensors: new Map(layerTensors(network, model.parameters)), metadata });
}

/** A packed block [W₁, b₁, …] as PyTorch's tensors, names ending in `suffix`; `norms.0.weight` is γ, its bias β. */
export function* layerTensors<F extends Float32Array | Float64Array>(
  network: Network,
  packed: F,
  suffix = "",
): Generator<[string, { shape: number[]; values: F }]> {
  for (const [l, { inputs, outputs, W, b }] of packedLayers(network).entries()) {
    const weight = packed.slice(W, b) as F;
    transpose(packed.subarray(W, b), weight, inputs, outputs);
    yield [`layers.${l}.weight${suffix}`, { shape: [outputs, inputs], values: weight }];
    yield [`layers.${l}.bias${suffix}`, { shape: [outputs], values: packed.slice(b, b + outputs) as F }];
  }
  yield* normTensors(network, packed, suffix);
}

const TILE = 32; // rows and columns at a time: both arrays stay in the cache

/** `from` [rows×cols] as `to` [cols×rows]. */
function transpose(from: ArrayLike<number>, to: { [k: number]: number }, rows: number, cols: number): void {
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < cols; left += TILE) {
      const [bottom, right] = [Math.min(rows, top + TILE), Math.min(cols, left + TILE)];
      for (let c = left; c < right; c++) for (let r = top; r < bottom; r++) to[c * rows + r] = from[r * cols + c]!;
    }
}

/** How to compute with the tensors, in words, for a reader without this library. */
function reading({ network, scaling: { kind }, loss, targetScaling: scaled, temperature }: Model): string {
  const input = {
    none: "x",
    divide: "x / by",
    standardize: "(x - mean) / deviation",
    columns: `${COLUMNS_READING} (input_names has them in order),`,
  }[kind];
  const { layers, activation, layerNorm, residual } = network;
  const list = typeof activation === "string" ? undefined : activation.map((σ, h) => `${σ} after layer ${h}`);
  const after = list ? list.join(", ") : `${activationText(network)} after every layer but the last`;
  const norm = layerNorm
    ? ", then, after every layer but the last, its norm: (a - mean) / sqrt(variance + 1e-05) * weight + bias"
    : "";
  const joins = residual
    ? ", then, after a layer with as many outputs as inputs that is neither the first nor the last, what it was given is added"
    : "";
  const between = layers.length > 2 ? `${norm}, then ${after}${joins}` : "";
  const last = loss
    ? `outputs of ${loss.name}${scaled ? ", in units of target_scaling: mean + deviation * output" : ""}`
    : "logits";
  const divided = temperature ? ", divided by temperature before they become probabilities" : "";
  return `a = ${input} as float32; for each layer: a = a @ weight.T + bias${between}; the last a are the ${last}${divided}`;
}

/**
 * The model in a safetensors file; `file` names it in errors. A file without our metadata is `plain`: PyTorch layers,
 * named as ours or as nn.Sequential names them, with the activation `assumed` (by default ReLU) between them, unscaled
 * inputs and classes 0, 1, … `order` names its layers, first to last, where their names and shapes leave it open;
 * `converted` says what became of numbers that were no float32. Sums are compared where the file has any. Raises
 * InvalidInput.
 */
export async function decodeModel(
  bytes: Uint8Array,
  file?: string,
  assumed?: Activation,
  order?: readonly string[],
): Promise<{ readonly model: Model; readonly plain: boolean; readonly converted?: string | undefined }> {
  const { tensors: stored32, metadata } = await decodeChecked(bytes, file);
  const version = metadata.get("deltaprop");
  const { tensors, converted } = version === undefined ? inFloat32(stored32) : { tensors: stored32 };
  const expect = (ok: boolean, what: string, expected: string, got: unknown, remedy = "") =>
    must(ok, what, expected, got, remedy, { file, at: "metadata" }, "BAD_MODEL");
  const newer = "It may come from a newer Deltaprop.";
  const options = readLayerOptions(metadata);
  expect(options !== undefined, "the metadata layer_norm and residual", "true or absent", metadata.get("layer_norm"));
  const format = metadataVersion({ network: options!, loss: metadata.get("loss") });
  expect(version === undefined || version === format, "the model's format", format, version, newer);
  const ordered = order === undefined || version === undefined;
  expect(ordered, "the order of the layers", "left out: the file says it", order);
  const names = version === undefined ? plainNames(tensors, order, file) : ourNames(tensors, options!.layerNorm);
  const sizes = layerSizes(tensors, names, file);
  const stored = metadata.get("activation");
  const known = `${stored}, as the file says`;
  expect(assumed === undefined || stored === undefined || stored === assumed, "the activation", known, assumed);
  const between = readActivation(stored ?? assumed ?? "relu");
  const listed = typeof between === "string" ? [between] : between;
  const allKnown = listed.every((name) => ACTIVATIONS.includes(name));
  expect(allKnown, "the metadata activation", `one of ${ACTIVATIONS.join(", ")}`, stored);
  const fits = typeof between === "string" || between.length === sizes.length - 2;
  expect(fits, "the metadata activation", `one name, or ${sizes.length - 2} for the hidden layers`, stored);
  const network = defineNetwork(sizes, between, options);
  checkNorms(network, tensors, file);
  const C = sizes.at(-1)!;
  const json = (key: string): unknown => {
    const text = metadata.get(key);
    if (text === undefined) return undefined;
    try {
      return parseJson(text);
    } catch {
      throw new InvalidInput("BAD_MODEL", `the metadata ${key} must be JSON, with no key twice.`, {
        file,
        at: "metadata",
      });
    }
  };
  const layers = json("layers");
  expect(
    layers === undefined || (isNumbers(layers, sizes.length) && layers.every((size, l) => size === sizes[l])),
    "the metadata layers",
    JSON.stringify(sizes),
    metadata.get("layers"),
  );
  const { names: T, ...learned } = readLoss(json("loss"), json("target_scaling"), C, file);
  const classes = json("classes") ?? Array.from({ length: T }, (_, c) => String(c));
  expect(isNames(classes, T), "the metadata classes", `${T} different names`, classes);
  const scaling = readScaling(json("scaling"), sizes[0]!, file);
  const featureNames = json("features");
  const count = scaling.kind === "columns" ? scaling.columns.length : sizes[0]!;
  const sameNames = scaling.kind !== "columns" || isSame(featureNames, scaling.columns);
  expect(
    (featureNames === undefined || isNames(featureNames, count)) && sameNames,
    "the metadata features",
    `${count} different names${sameNames ? "" : ", those of the scaling's columns"}`,
    featureNames,
  );
  const image = json("image");
  expect(
    image === undefined || (isNumbers(image, 2) && image[0]! * image[1]! === sizes[0]),
    "the metadata image",
    `[height, width] with ${sizes[0]} pixels`,
    image,
  );
  const picture = json("picture");
  const pictured = picture === undefined || isPictureForm(picture, sizes[0]!);
  expect(pictured, "the metadata picture", `the form of pictures of ${sizes[0]} numbers`, picture);
  const privacy = json("privacy");
  expect(privacy === undefined || isPrivacy(privacy), "the metadata privacy", "numbers epsilon and delta", privacy);
  const trainedOn = json("trained_on");
  expect(trainedOn === undefined || isTrainedOn(trainedOn), "the metadata trained_on", "a data set's name", trainedOn);
  const model: Model = {
    network,
    parameters: finite(network, packTensors(network, renamed(tensors, names), Float32Array), names, file),
    classes: classes as string[],
    ...learned,
    ...readTemperature(json("temperature"), file),
    scaling,
    featureNames: featureNames as string[] | undefined,
    image: image === undefined ? undefined : { height: (image as number[])[0]!, width: (image as number[])[1]! },
    picture: pictured ? picture : undefined,
    ...(privacy !== undefined && { privacy: privacy as Model["privacy"] }),
    trainedOn: trainedOn as TrainedOn | undefined,
  };
  return { model, plain: version === undefined, converted };
}

/** Tensors with float64 narrowed to float32, and what was done in words. */
function inFloat32(stored: ReadonlyMap<string, Tensor>): {
  tensors: ReadonlyMap<string, Tensor>;
  converted: string | undefined;
} {
  const tensors = new Map<string, Tensor>();
  const done = new Set<string>();
  for (const [name, tensor] of stored) {
    const narrow = tensor.values instanceof Float64Array;
    tensors.set(name, narrow ? { ...tensor, values: Float32Array.from(tensor.values as Float64Array) } : tensor);
    if (narrow) done.add("F64 rounded to float32");
    if (tensor.widened) done.add(`${tensor.widened} widened to float32`);
  }
  return { tensors, converted: done.size > 0 ? [...done].join(", ") : undefined };
}

/** D, the hidden sizes and C, from the shapes of the layers of these names. */
function layerSizes(
  tensors: ReadonlyMap<string, Tensor>,
  names: readonly string[],
  file: string | undefined,
): number[] {
  const sizes: number[] = [];
  for (const [l, layer] of names.entries()) {
    const weight = `${layer}.weight`;
    const bias = `${layer}.bias`;
    for (const [name, dimensions] of [[weight, 2] as const, [bias, 1] as const]) {
      const tensor = tensors.get(name);
      const place = { file, at: name };
      if (!tensor)
        throw new InvalidInput(
          "BAD_MODEL",
          "a model holds layers.0.weight, layers.0.bias, layers.1.weight, … (or 0.weight, 0.bias, 2.weight, … as nn.Sequential names them) and nothing else; this one is not there.",
          place,
        );
      must(
        tensor.values instanceof Float32Array,
        "its dtype",
        "F32",
        tensor.values.constructor.name,
        "",
        place,
        "BAD_MODEL",
      );
      must(
        tensor.shape.length === dimensions,
        "its shape",
        `${dimensions} sizes`,
        tensor.shape,
        "",
        place,
        "BAD_MODEL",
      );
    }
    const [outputs, inputs] = tensors.get(weight)!.shape as [number, number];
    if (l === 0) sizes.push(inputs);
    must(inputs === sizes[l], `${weight}'s inputs`, `${sizes[l]}`, inputs, "", { file, at: weight }, "BAD_MODEL");
    const biases = tensors.get(bias)!.shape[0];
    must(biases === outputs, `${bias}'s length`, `${outputs}`, biases, "", { file, at: bias }, "BAD_MODEL");
    sizes.push(outputs);
  }
  must(sizes.length >= 2, "the model", "at least one layer", sizes.length, "", { file, at: "header" }, "BAD_MODEL");
  return sizes;
}

/** The inverse of layerTensors, for tensors whose shapes were checked. */
export function packTensors<F extends Float32Array | Float64Array>(
  network: Network,
  tensors: ReadonlyMap<string, Tensor>,
  Floats: new (count: number) => F,
  suffix = "",
): F {
  const packed = new Floats(parameterCount(network));
  for (const [l, { inputs, outputs, W, b }] of packedLayers(network).entries()) {
    const weight = tensors.get(`layers.${l}.weight${suffix}`)!.values as F;
    transpose(weight, packed.subarray(W, b), outputs, inputs);
    packed.set(tensors.get(`layers.${l}.bias${suffix}`)!.values as F, b);
  }
  packNorms(network, tensors, packed, suffix);
  return packed;
}

/** Tensors of layers `names` under our names. */
function renamed(tensors: ReadonlyMap<string, Tensor>, names: readonly string[]): ReadonlyMap<string, Tensor> {
  const parts = names.flatMap((name, l) =>
    ["weight", "bias"].map((part) => [`${name}.${part}`, `layers.${l}.${part}`]),
  );
  const norms = [...tensors].filter(([name]) => name.startsWith("norms."));
  return new Map([...parts.map(([theirs, ours]) => [ours!, tensors.get(theirs!)!] as const), ...norms]);
}

function finite(
  network: Network,
  packed: Float32Array,
  names: readonly string[],
  file: string | undefined,
): Float32Array {
  for (const [l, { outputs, W, b }] of packedLayers(network).entries()) {
    const bad = packed.subarray(W, b + outputs).findIndex((value) => !Number.isFinite(value));
    must(bad < 0, "its values", "finite numbers", packed[W + bad], "", { file, at: names[l] }, "BAD_MODEL");
  }
  return packed;
}
