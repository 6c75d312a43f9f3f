// A model as JSON for people: every weight a decimal number, one row of a matrix a line.
import type { ImageSize } from "../../data/dataset.ts";
import { isPictureForm } from "../../data/pictures/picture-form.ts";
import { InvalidInput, must, printableJson } from "../../errors.ts";
import { type Activation, defineNetwork, type Network, parameterCount } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, type Model, type TrainedOn } from "../../training/model.ts";
import { parseJson } from "./json.ts";
import { COLUMNS_READING, type ExportCheck, MODEL_VERSION, VALUE_VERSION } from "./metadata.ts";
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
    deltaprop: Number(model.loss === undefined ? MODEL_VERSION : VALUE_VERSION),
    reading: `a = ${scaling.kind === "columns" ? COLUMNS_READING : "the scaled input"} as float32; for each layer: z_o = sum over i of a_i W[i][o], plus b[o]; a = activation(z), but the last z are the logits; ${model.loss ? `they are the outputs of ${model.loss.name}` : "probabilities = softmax(logits)"}`,
    layers: network.layers,
    activation: network.activation,
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
  const weights = packedLayers(network).map(({ inputs, outputs, W, b }) => {
    const row = (at: number) => `[${Array.from(model.parameters.subarray(at, at + outputs), shortest).join(", ")}]`;
    const rows = Array.from({ length: inputs }, (_, i) => `        ${row(W + i * outputs)}`);
    return `    {\n      "W": [\n${rows.join(",\n")}\n      ],\n      "b": ${row(b)}\n    }`;
  });
  return `{\n${lines.join("\n")}\n  "weights": [\n${weights.join(",\n")}\n  ]\n}\n`;
}

/** The model in a text of `encodeModelJson`, or in its parsed value. Raises InvalidInput BAD_MODEL. */
export function decodeModelJson(json: unknown): Model {
  const value = typeof json === "string" ? parse(json) : json;
  const {
    deltaprop,
    layers,
    activation,
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
  const format = loss === undefined ? MODEL_VERSION : VALUE_VERSION;
  expect(deltaprop === Number(format), "deltaprop", format, deltaprop, remedy);
  expect(isNumbers(layers), "layers", "a list of sizes", layers);
  const network = defineNetwork(layers as number[], activation as Activation);
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
  packedLayers(network).forEach(({ inputs, outputs, W: at, b: bias }, l) => {
    const { W, b } = ((weights as unknown[] | undefined)?.[l] ?? {}) as Record<string, unknown>;
    const rows = Array.isArray(W) && W.length === inputs ? [...W, b] : [];
    rows.forEach((row: unknown, i) => {
      const ok = isNumbers(row, outputs);
      must(ok, `weights[${l}], row ${i}`, `${outputs} finite numbers`, row, "", {}, "BAD_MODEL");
      out.set(row, i === inputs ? bias : at + i * outputs);
    });
    const what = `weights[${l}]`;
    must(rows.length === inputs + 1, what, `W with ${inputs} rows, and b`, weights, "", {}, "BAD_MODEL");
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
