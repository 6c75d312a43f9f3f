// A model as JSON for people: every weight a decimal number, one row of a matrix a line.
import type { ImageSize } from "../../data/dataset.ts";
import { isPictureForm } from "../../data/pictures/picture-form.ts";
import { InvalidInput, must, printableJson } from "../../errors.ts";
import {
  type Activation,
  defineNetwork,
  type LayerOptions,
  layerOptionsOf,
  type Network,
  parameterCount,
} from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, type Model, type TrainedOn } from "../../training/model.ts";
import { parseJson } from "./json.ts";
import { COLUMNS_READING, type ExportCheck, metadataVersion } from "./metadata.ts";
import { isNames, isNumbers, isPrivacy, isSame, isTrainedOn, readScaling } from "./metadata-values.ts";
import { readLoss, readTemperature } from "./read-loss.ts";

const MOST_PARAMETERS = 2 ** 24; // a text of some 200 MB

/**
 * `model` as JSON text. Reading a weight and rounding it to float32 gives its bits back. Raises InvalidInput for > 2²⁴
 * parameters.
 */
export function encodeModelJson(model: Model, checked?: ExportCheck): string {
  checkModel(model);
  const { network, classes, featureNames, image, picture, scaling, trainedOn, privacy } = model;
  const count = parameterCount(network);
  if (count > MOST_PARAMETERS)
    throw new InvalidInput(
      "TOO_LARGE",
      `a JSON file holds at most ${MOST_PARAMETERS} parameters, got ${count}. Use safetensors.`,
    );
  const head = {
    deltaprop: Number(metadataVersion(model)),
    reading: `a = ${scaling.kind === "columns" ? COLUMNS_READING : "the scaled input"} as float32; for each layer: z_o = sum over i of a_i W[i][o], plus b[o]; ${betweenReading(network)}, but the last z are the logits; ${model.loss ? `they are the outputs of ${model.loss.name}` : "probabilities = softmax(logits)"}`,
    layers: network.layers,
    activation: network.activation,
    ...layerOptionsOf(network),
    classes,
    loss: model.loss,
    targetScaling: model.targetScaling,
    temperature: model.temperature,
    features: featureNames,
    image,
    picture,
    privacy,
    trainedOn,
    scaling:
      scaling.kind === "standardize"
        ? { kind: scaling.kind, mean: [...scaling.mean], deviation: [...scaling.deviation] }
        : scaling,
    checked,
  };
  const given = Object.entries(head).filter(([, value]) => value !== undefined);
  const lines = given.map(([key, value]) => `  ${printableJson(key)}: ${printableJson(value)},`);
  const weights = packedLayers(network).map(({ inputs, outputs, W, b, gain, offset }) => {
    const row = (at: number) => `[${Array.from(model.parameters.subarray(at, at + outputs), shortest).join(", ")}]`;
    const rows = Array.from({ length: inputs }, (_, i) => `        ${row(W + i * outputs)}`);
    const norm = gain === undefined ? "" : `,\n      "gain": ${row(gain)},\n      "offset": ${row(offset!)}`;
    return `    {\n      "W": [\n${rows.join(",\n")}\n      ],\n      "b": ${row(b)}${norm}\n    }`;
  });
  return `{\n${lines.join("\n")}\n  "weights": [\n${weights.join(",\n")}\n  ]\n}\n`;
}

/** What follows the sums of a hidden layer, in words. */
function betweenReading({ layerNorm, residual }: LayerOptions): string {
  const norm = "z = (z - mean(z)) / sqrt(variance(z) + 1e-05) * gain + offset; ";
  const joins =
    "; then, of a layer with as many outputs as inputs that is neither the first nor the last, a = a + what it was given";
  return `${layerNorm ? norm : ""}a = activation(z)${residual ? joins : ""}`;
}

/** The model in a text of `encodeModelJson`, or in its parsed value. Raises InvalidInput BAD_MODEL. */
export function decodeModelJson(json: unknown): Model {
  const value = typeof json === "string" ? parse(json) : json;
  const {
    deltaprop,
    layers,
    activation,
    layerNorm,
    residual,
    classes,
    loss,
    targetScaling,
    temperature,
    features,
    image,
    picture,
    privacy,
    trainedOn,
    scaling,
    weights,
  } = (value ?? {}) as Record<string, unknown>;
  const expect = (ok: boolean, what: string, expected: string, got: unknown, remedy = "") =>
    must(ok, what, expected, got, remedy, {}, "BAD_MODEL");
  const remedy = "JSON.stringify a classifier, or write encodeModelJson(model): typed arrays are no JSON.";
  const options = { layerNorm, residual } as LayerOptions;
  const format = metadataVersion({ network: options, loss });
  expect(deltaprop === Number(format), "deltaprop", format, deltaprop, remedy);
  expect(isNumbers(layers), "layers", "a list of sizes", layers);
  const network = defineNetwork(layers as number[], activation as Activation, options);
  const [D, C] = [network.layers[0]!, network.layers.at(-1)!];
  const { names: T, ...fitted } = readLoss(loss, targetScaling, C, undefined);
  const learned = { ...fitted, ...readTemperature(temperature, undefined) };
  expect(isNames(classes, T), "classes", `${T} different names`, classes);
  const read = readScaling(scaling, D, undefined);
  const count = read.kind === "columns" ? read.columns.length : D;
  const named = features === undefined || isNames(features, count);
  const same = read.kind !== "columns" || isSame(features, read.columns);
  expect(named && same, "features", `${count} different names${same ? "" : ", those of scaling"}`, features);
  const { height, width } = (image ?? {}) as Record<string, unknown>;
  const sized = Number(height) * Number(width) === D;
  expect(image === undefined || sized, "image", `a height and a width with ${D} pixels`, [height, width]);
  const pictured = picture === undefined || isPictureForm(picture, D);
  expect(pictured, "picture", `the form of pictures of ${D} numbers`, picture);
  expect(privacy === undefined || isPrivacy(privacy), "privacy", "numbers epsilon and delta", privacy);
  expect(trainedOn === undefined || isTrainedOn(trainedOn), "trainedOn", "a data set's name and sum", trainedOn);
  return {
    network,
    parameters: readWeights(network, weights),
    scaling: read,
    classes: classes as string[],
    ...learned,
    featureNames: features as string[] | undefined,
    image: image as ImageSize | undefined,
    picture: pictured ? picture : undefined,
    ...(privacy !== undefined && { privacy: privacy as Model["privacy"] }),
    trainedOn: trainedOn as TrainedOn | undefined,
  };
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const reason = `the text must be a model as JSON: ${(cause as Error).message}.`;
    throw new InvalidInput("BAD_MODEL", reason, {}, { cause });
  }
}

function readWeights(network: Network, weights: unknown): Float32Array {
  const out = new Float32Array(parameterCount(network));
  packedLayers(network).forEach(({ inputs, outputs, W: at, gain }, l) => {
    const layer = ((weights as unknown[] | undefined)?.[l] ?? {}) as Record<string, unknown>;
    const { W } = layer;
    const beside = gain === undefined ? ["b"] : ["b", "gain", "offset"]; // behind W, in this order
    const rows = Array.isArray(W) && W.length === inputs ? [...W, ...beside.map((name) => layer[name])] : [];
    rows.forEach((row: unknown, i) => {
      const ok = isNumbers(row, outputs);
      must(ok, `weights[${l}], row ${i}`, `${outputs} finite numbers`, row, "", {}, "BAD_MODEL");
      out.set(row, at + i * outputs);
    });
    const what = `weights[${l}]`;
    const whole = rows.length === inputs + beside.length;
    must(whole, what, `W with ${inputs} rows, and ${beside.join(", ")}`, weights, "", {}, "BAD_MODEL");
  });
  return out;
}

/** The shortest decimal that rounds to this float32; nine digits always do. */
function shortest(x: number): string {
  for (let digits = 6; ; digits++) {
    const text = String(Number(x.toPrecision(digits)));
    if (Math.fround(Number(text)) === x || digits === 9) return Object.is(x, -0) ? "-0" : text;
  }
}
