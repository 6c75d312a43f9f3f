// A model as JSON for people: every weight a decimal number, one row of a matrix a line.
import type { Scaling } from "../../data/scaling.ts";
import { InvalidInput, printableJson } from "../../errors.ts";
import { defineNetwork, parameterCount } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import type { Model } from "../../training/model.ts";
import { parseJson } from "./json.ts";
import { type ExportCheck, MODEL_VERSION } from "./metadata.ts";

const MOST_PARAMETERS = 2 ** 24; // a text of some 200 MB

/**
 * `model` as JSON text. Reading a weight and rounding it to float32 gives its bits back. Raises InvalidInput for > 2²⁴
 * parameters.
 */
export function encodeModelJson(model: Model, checked?: ExportCheck): string {
  const { network, classes, featureNames, image, scaling, trainedOn } = model;
  const count = parameterCount(network);
  if (count > MOST_PARAMETERS)
    throw new InvalidInput(
      "TOO_LARGE",
      `a JSON file holds at most ${MOST_PARAMETERS} parameters, got ${count}. Use safetensors.`,
    );
  const head = {
    deltaprop: Number(MODEL_VERSION),
    reading:
      "a = the scaled input as float32; for each layer: z_o = sum over i of a_i W[i][o], plus b[o]; a = activation(z), but the last z are the logits; probabilities = softmax(logits)",
    layers: network.layers,
    activation: network.activation,
    classes,
    features: featureNames,
    image,
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

/** The model in a text of `encodeModelJson`, for the verification of an export; other texts are not checked enough. */
export function decodeModelJson(text: string): Model {
  const { layers, activation, classes, scaling, weights } = parseJson(text) as Written;
  return {
    network: defineNetwork(layers, activation),
    parameters: Float32Array.from(weights.flatMap(({ W, b }) => [...W.flat(), ...b])),
    scaling:
      scaling.kind === "standardize"
        ? { ...scaling, mean: Float64Array.from(scaling.mean), deviation: Float64Array.from(scaling.deviation) }
        : scaling,
    classes,
  };
}

type Written = Model["network"] & {
  readonly classes: readonly string[];
  readonly scaling: Scaling;
  readonly weights: readonly { readonly W: readonly (readonly number[])[]; readonly b: readonly number[] }[];
};

/** The shortest decimal that rounds to this float32; nine digits always do. */
function shortest(x: number): string {
  for (let digits = 6; ; digits++) {
    const text = String(Number(x.toPrecision(digits)));
    if (Math.fround(Number(text)) === x || digits === 9) return Object.is(x, -0) ? "-0" : text;
  }
}
