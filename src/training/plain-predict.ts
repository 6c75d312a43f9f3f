// A forward pass in plain loops, for programs that predict and do nothing else: no session, no WebAssembly, no workers.
// Its bits are those of every engine. deltaprop/predict hands it out; evaluate.ts has the one that takes an engine.
import type { Dataset } from "../data/dataset.ts";
import { must } from "../errors.ts";
import { type Activation, LEAKY_SLOPE } from "../network/network.ts";
import { packedLayers } from "../network/parameters.ts";
import { logistic, tanh } from "../numerics/exp-log.ts";
import { exponentials } from "../numerics/softmax.ts";
import { columnCount, type Model, sessionFeatures } from "./model.ts";

/** Class and probabilities of each row. */
export type PlainPrediction = {
  /** [n], the index of the greatest logit; the first of equals. */
  readonly classes: Int32Array;
  /** [n×C], each row S(z_L). */
  readonly probabilities: Float64Array;
};

/** σ(z) in place, one rounding each: X1 … X5. */
const ACTIVATE: Record<Activation, (z: Float32Array) => void> = {
  identity() {},
  relu(z) {
    for (let o = 0; o < z.length; o++) z[o] = Math.max(0, z[o]!);
  },
  "leaky-relu"(z) {
    for (let o = 0; o < z.length; o++) if (!(z[o]! > 0)) z[o] = LEAKY_SLOPE * z[o]!;
  },
  tanh(z) {
    for (let o = 0; o < z.length; o++) z[o] = tanh(z[o]!);
  },
  sigmoid(z) {
    for (let o = 0; o < z.length; o++) z[o] = logistic(z[o]!);
  },
};

/** Class and probabilities of each row of raw `features` [n×D], scaled as in training. At once. Raises InvalidInput. */
export function predict(model: Model, features: Dataset["features"]): PlainPrediction {
  const cols = columnCount(model);
  const D = model.network.layers[0]!;
  const rows = features.length / cols;
  must(Number.isInteger(rows) && rows >= 1, "features", `rows of ${cols} values`, features.length);
  const scaled = sessionFeatures({ features, cols }, model.scaling);
  const divisor = scaled.divisor ?? 1;
  const C = model.classes.length;
  const classes = new Int32Array(rows);
  const probabilities = new Float64Array(rows * C);
  const arrays = model.network.layers.map((units) => new Float32Array(units));
  const [x, z] = [arrays[0]!, arrays.at(-1)!];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < D; j++) x[j] = scaled.features[i * D + j]! / divisor;
    forward(model, arrays);
    const { numerators, denominator, argmax } = exponentials(z, 0, C);
    for (let c = 0; c < C; c++) probabilities[i * C + c] = numerators[c]! / denominator;
    classes[i] = argmax;
  }
  return { classes, probabilities };
}

/** a_l = σ(a_{l−1} W_l + b_l), E9, in order of k, product rounded and then sum rounded. */
function forward({ network, parameters }: Model, arrays: readonly Float32Array[]): void {
  const layers = packedLayers(network);
  layers.forEach(({ inputs, outputs, W, b }, l) => {
    const [a, z] = [arrays[l]!, arrays[l + 1]!];
    z.fill(0);
    for (let k = 0; k < inputs; k++) {
      const x = a[k]!;
      const w = W + k * outputs;
      for (let o = 0; o < outputs; o++) z[o] = z[o]! + Math.fround(x * parameters[w + o]!);
    }
    for (let o = 0; o < outputs; o++) z[o] = z[o]! + parameters[b + o]!;
    ACTIVATE[l + 1 < layers.length ? network.activation : "identity"](z);
  });
}
