// A forward pass in plain loops, for programs that predict and do nothing else: no session, no WebAssembly, no workers.
// Its bits are those of every engine. deltaprop/predict hands it out; evaluate.ts has the one that takes an engine.
import type { Dataset } from "../data/dataset.ts";
import { must } from "../errors.ts";
import { ACTIVATE } from "../gradients/activations.ts";
import { denseRow } from "../gradients/dense.ts";
import { normalizeRow } from "../gradients/normalize-row.ts";
import { activationOf, isNormalized, isResidual } from "../network/network.ts";
import { packedLayers } from "../network/parameters.ts";
import { exponentials } from "../numerics/softmax.ts";
import { checkModel, columnCount, type Model, mustClassify, sessionFeatures } from "./model.ts";

/** Class and probabilities of each row. */
export type PlainPrediction = {
  /** [n], the index of the greatest logit; the first of equals. */
  readonly classes: Int32Array;
  /** [n×C], each row S(z_L). */
  readonly probabilities: Float64Array;
};

/** Class and probabilities of each row of raw `features` [n×D], scaled as in training. At once. Raises InvalidInput. */
export function predict(model: Model, features: Dataset["features"]): PlainPrediction {
  checkModel(model);
  mustClassify(model, "predict");
  const cols = columnCount(model);
  must(ArrayBuffer.isView(features), "features", `a typed array of rows of ${cols} values`, features);
  const rows = features.length / cols;
  must(Number.isInteger(rows) && rows >= 1, "features", `rows of ${cols} values`, features.length);
  const { features: scaled, divisor = 1 } = sessionFeatures({ features, cols }, model.scaling);
  const C = model.classes.length;
  const classes = new Int32Array(rows);
  const probabilities = new Float64Array(rows * C);
  const D = model.network.layers[0]!;
  const { input, logits } = plainForward(model);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < D; j++) input[j] = scaled[i * D + j]! / divisor;
    const { numerators, denominator, argmax } = exponentials(logits(), 0, C, undefined, 1 / (model.temperature ?? 1));
    for (let c = 0; c < C; c++) probabilities[i * C + c] = numerators[c]! / denominator;
    classes[i] = argmax;
  }
  return { classes, probabilities };
}

/** A forward pass over the model's own parameters, which must not change: write a scaled row to `input`, then ask. */
export type PlainForward = {
  /** x [D]. */
  readonly input: Float32Array;
  /** z_L [C], until the next call. */
  readonly logits: () => Float32Array;
};

export function plainForward({ network, parameters }: Pick<Model, "network" | "parameters">): PlainForward {
  const arrays = network.layers.map((units) => new Float32Array(units));
  const layers = packedLayers(network).map(({ outputs, W, b, gain = -1, offset = -1 }, l) => ({
    x: arrays[l]!,
    z: arrays[l + 1]!,
    places: { W, b, stride: outputs },
    norm: isNormalized(network, l + 1) ? { gain, offset } : undefined,
    activation: activationOf(network, l + 1),
    joins: isResidual(network, l + 1),
  }));
  const finite = parameters.every(Number.isFinite);
  const logits = () => {
    for (const { x, z, places, norm, activation, joins } of layers) {
      denseRow(z, x, parameters, places, norm ? "identity" : activation, Math.fround, finite);
      if (norm) {
        normalizeRow(z, 0, z.length, parameters, norm, Math.fround);
        for (let o = 0; o < z.length; o++) z[o] = ACTIVATE[activation](z[o]!, Math.fround);
      }
      if (joins) for (let o = 0; o < z.length; o++) z[o]! += x[o]!;
    }
    return arrays.at(-1)!;
  };
  return { input: arrays[0]!, logits };
}
