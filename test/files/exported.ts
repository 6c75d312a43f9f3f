// Models to export, one of every kind, and onnxruntime to hold them against.
import type { Scaling } from "../../src/data/scaling.ts";
import { type Activation, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { Model } from "../../src/training/model.ts";

export type Exported = {
  readonly title: string;
  readonly model: Model;
  readonly features: Float32Array | Float64Array;
};

const ROWS = 40;
export const HOSTILE_NAMES = ["__proto__", "</script><!--", '"\\` ${', "\u2028\u202e\ud800", "", "a\nb"];

/** A model with random biases too, and rows for it in the range of its scaling. */
export function sample(
  layers: readonly number[],
  activation: Activation | readonly Activation[],
  kind: Exclude<Scaling["kind"], "columns">,
  names?: string[],
): Exported {
  const network = defineNetwork(layers, activation);
  const [D, C] = [layers[0]!, layers.at(-1)!];
  const random = new Random(layers.length + D + C, 99);
  const mean = Float64Array.from({ length: D }, () => 1e6 * random.normal());
  const deviation = Float64Array.from({ length: D }, () => random.between(0.5, 3));
  const scaling: Scaling =
    kind === "none" ? { kind } : kind === "divide" ? { kind, by: 255 } : { kind, mean, deviation };
  const features = new (kind === "standardize" ? Float64Array : Float32Array)(ROWS * D);
  for (let k = 0; k < features.length; k++) {
    if (kind === "standardize") features[k] = mean[k % D]! + deviation[k % D]! * random.normal();
    else features[k] = kind === "divide" ? random.integer(256) : random.normal();
  }
  const model = {
    ...{ network, scaling, classes: names ?? Array.from({ length: C }, (_, c) => `class ${c}`) },
    parameters: initialize(network, "glorot", 1).map((w) => (w === 0 ? Math.fround(random.normal() / 4) : w)),
  };
  return { title: `${layers.join("-")} ${activation}, ${kind}`, model, features };
}

export const EXPORTED: readonly Exported[] = [
  sample([3, 2], "relu", "none"),
  sample([7, 5, 4], "leaky-relu", "standardize"),
  sample([64, 33, 17, 6], "tanh", "divide", HOSTILE_NAMES),
  sample([5, 9, 8, 7, 6, 5, 4, 3], "sigmoid", "none"),
  sample([16, 12, 3], "identity", "divide"),
  sample([4, 3, 1], "relu", "standardize"),
  sample([20, 30, 1000], "relu", "none"),
];

/** onnxruntime's outputs for a whole file. */
export async function runOnnx(bytes: Uint8Array, features: Float32Array | Float64Array, cols: number) {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes);
  const type = features instanceof Float64Array ? "float64" : "float32";
  const tensor = new ort.Tensor(type, features, [features.length / cols, cols]);
  const { probabilities, label, class: names } = await session.run({ features: tensor });
  return {
    session,
    probabilities: probabilities!.data as Float32Array,
    label: Int32Array.from(label!.data as BigInt64Array, Number),
    names: names!.data as unknown as readonly string[],
    dims: [probabilities!.dims, label!.dims],
  };
}
