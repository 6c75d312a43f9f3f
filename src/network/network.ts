// A network: layer sizes and one hidden activation. The layout of its numbers is in parameters.ts and plan.ts.
import { must } from "../errors.ts";

/** Hidden activations σ whose derivative is a function of σ(z) alone, so that z itself is never kept. */
export const ACTIVATIONS = ["relu", "leaky-relu", "tanh", "sigmoid", "identity"] as const;
/** σ of the hidden layers: "relu", "leaky-relu", "tanh", "sigmoid" or "identity". */
export type Activation = (typeof ACTIVATIONS)[number];

/** α of leaky-relu (X2): the default 0.01 of PyTorch and ONNX, rounded to float32 in every precision. */
export const LEAKY_SLOPE = Math.fround(0.01);

/** A feed-forward classifier f(x) = σ(… σ(xW₁ + b₁) …)W_L + b_L (E9). */
export type Network = {
  /** D, the hidden sizes and C: [784, 256, 256, 256, 10] has L = 4. */
  readonly layers: readonly number[];
  /** σ of the hidden layers. The output of the last layer is the logits z_L. */
  readonly activation: Activation;
};

/** The largest sizes that are accepted; defineNetwork refuses larger ones before any memory is allocated. */
export const LIMITS = { depth: 256, width: 1 << 20, parameters: 1 << 28 } as const;

/**
 * A checked network. Raises InvalidInput for sizes that are not integers in [1, 2²⁰], an unknown activation, or more
 * than 2²⁸ parameters.
 */
export function defineNetwork(layers: readonly number[], activation: Activation = "relu"): Network {
  must(Array.isArray(layers), "layers", "a list of sizes", layers);
  const depth = layers.length - 1;
  must(
    depth >= 1 && depth <= LIMITS.depth,
    "layers",
    `2 to ${LIMITS.depth + 1} sizes, input and classes included`,
    layers,
  );
  layers.forEach((size, l) => {
    must(
      Number.isInteger(size) && size >= 1 && size <= LIMITS.width,
      `layers[${l}]`,
      `an integer in [1, ${LIMITS.width}]`,
      size,
    );
  });
  must(ACTIVATIONS.includes(activation), "activation", `one of ${ACTIVATIONS.join(", ")}`, activation);
  const network = { layers: Object.freeze([...layers]), activation };
  const count = parameterCount(network);
  must(
    count <= LIMITS.parameters,
    "the number of parameters",
    `at most ${LIMITS.parameters}`,
    count,
    "Use smaller layers.",
  );
  return Object.freeze(network);
}

/** P = Σ_l (I + 1)·O: all weights and biases. */
export function parameterCount(network: Network): number {
  must(Array.isArray(network?.layers), "network", "a network of defineNetwork", network);
  const { layers } = network;
  let count = 0;
  for (let l = 1; l < layers.length; l++) count += (layers[l - 1]! + 1) * layers[l]!;
  return count;
}

/** Floating-point operations of a training step on `batch` examples: 2·B·(3P − D·H₁), without ∂ℓ/∂x. */
export function stepFlops(network: Network, batch: number): number {
  const [D, H] = network.layers;
  return 2 * batch * (3 * parameterCount(network) - D! * H!);
}
