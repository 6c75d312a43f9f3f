// A network: layer sizes and the activation of each hidden layer. The layout of its numbers is in parameters.ts and
// plan.ts.
import { must } from "../errors.ts";

/** Activations of a hidden layer (X1 … X5, X16 … X21). */
export const ACTIVATIONS = [
  "relu",
  "leaky-relu",
  "tanh",
  "sigmoid",
  "identity",
  "selu",
  "elu",
  "gelu",
  "silu",
  "mish",
  "softplus",
] as const;
/** σ of a hidden layer: the name of one of ACTIVATIONS. */
export type Activation = (typeof ACTIVATIONS)[number];

/** Activations whose σ′ is no function of σ(z) alone. Their layers keep σ′(z), a float a unit; no others do. */
export const SLOPE_KEEPERS = ["gelu", "silu", "mish"] as const;
export type SlopeKeeper = (typeof SLOPE_KEEPERS)[number];

export const keepsSlope = (activation: Activation): activation is SlopeKeeper =>
  (SLOPE_KEEPERS as readonly Activation[]).includes(activation);

/** α of leaky-relu (X2): the default 0.01 of PyTorch and ONNX, rounded to float32 in every precision. */
export const LEAKY_SLOPE = Math.fround(0.01);

/** What hidden layers may have beside σ. */
export type LayerOptions = {
  /** Whether each normalizes z over its units before σ, with a learned gain and offset (X49). Default false. */
  readonly layerNorm?: boolean | undefined;
  /** Whether each that is as wide as the hidden layer before it adds what that one handed on (X50). Default false. */
  readonly residual?: boolean | undefined;
};

/** A feed-forward classifier f(x) = σ(… σ(xW₁ + b₁) …)W_L + b_L (E9). */
export type Network = LayerOptions & {
  /** D, the hidden sizes and C: [784, 256, 256, 256, 10] has L = 4. */
  readonly layers: readonly number[];
  /** σ of all hidden layers, or where they differ of each, first to last. The last layer's output is z_L. */
  readonly activation: Activation | readonly Activation[];
};

/** σ of layer l, counted from 1; "identity" for the last. */
export function activationOf({ layers, activation }: Network, l: number): Activation {
  if (l === layers.length - 1) return "identity";
  return typeof activation === "string" ? activation : activation[l - 1]!;
}

/** σ of the hidden layers as a text, as files and records hold it: "relu", or "gelu,tanh". */
export const activationText = ({ activation }: Pick<Network, "activation">): string => `${activation}`;

/** The inverse; names are not checked. */
export const readActivation = (text: string): Network["activation"] =>
  (text.includes(",") ? text.split(",") : text) as Network["activation"];

/** Every activation of the hidden layers, once each: [] without a hidden layer. */
export function activationsOf(network: Network): readonly Activation[] {
  const all = Array.from({ length: network.layers.length - 2 }, (_, h) => activationOf(network, h + 1));
  return [...new Set(all)];
}

/** Of the options those that are on, as records and files hold them. */
export const layerOptionsOf = ({ layerNorm, residual }: LayerOptions): LayerOptions => ({
  ...(layerNorm && { layerNorm }),
  ...(residual && { residual }),
});

/** The layers between input and output in words: "relu", "gelu, layer normalization, residual". */
export const betweenText = (network: Network): string =>
  [
    activationText(network),
    ...(network.layerNorm ? ["layer normalization"] : []),
    ...(network.residual ? ["residual"] : []),
  ].join(", ");

/** Whether layer l, counted from 1, normalizes z. */
export const isNormalized = ({ layers, layerNorm }: Network, l: number): boolean =>
  layerNorm === true && l < layers.length - 1;

/** Whether layer l hands on σ(z_l) + a_{l−1}: between hidden layers of equal width, never the first or the last. */
export const isResidual = ({ layers, residual }: Network, l: number): boolean =>
  residual === true && l > 1 && l < layers.length - 1 && layers[l] === layers[l - 1];

/** The largest sizes that are accepted; defineNetwork refuses larger ones before any memory is allocated. */
export const LIMITS = { depth: 256, width: 1 << 20, parameters: 1 << 28 } as const;

/**
 * A checked network. `activation`: σ of all hidden layers, or a list with one for each. Raises InvalidInput for sizes
 * that are not integers in [1, 2²⁰], an unknown activation, a list of another length, more than 2²⁸ parameters, or
 * options that no layer could follow: `layerNorm` without a hidden layer or with one of a single unit, `residual`
 * without hidden layers of equal width one after the other.
 */
export function defineNetwork(
  layers: readonly number[],
  activation: Activation | readonly Activation[] = "relu",
  options: LayerOptions = {},
): Network {
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
  const network: Network = {
    layers: Object.freeze([...layers]),
    activation: checkedActivation(activation, depth - 1),
    ...layerOptionsOf(options),
  };
  checkLayerOptions(network, options);
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

function checkLayerOptions(network: Network, options: LayerOptions): void {
  for (const name of ["layerNorm", "residual"] as const)
    must([undefined, true, false].includes(options[name]), name, "true or false", options[name]);
  const hidden = network.layers.slice(1, -1);
  const wide = hidden.length > 0 && hidden.every((size) => size > 1);
  must(!network.layerNorm || wide, "the hidden layers with layerNorm", "one or more, each of 2 units or more", hidden);
  const any = network.layers.some((_, l) => isResidual(network, l));
  must(!network.residual || any, "the hidden layers with residual", "two or more, of equal width side by side", hidden);
}

/** One name where all hidden layers have the same, else a list. */
function checkedActivation(given: Activation | readonly Activation[], hidden: number): Network["activation"] {
  const check = (name: Activation, what: string) =>
    must(ACTIVATIONS.includes(name), what, `one of ${ACTIVATIONS.join(", ")}`, name);
  if (!Array.isArray(given)) {
    check(given as Activation, "activation");
    return given;
  }
  const list: readonly Activation[] = given;
  must(
    list.length === hidden,
    "activations",
    `${hidden}, one for each hidden layer`,
    list.length,
    "One name alone stands for all of them.",
  );
  for (const [h, name] of list.entries()) check(name, `activations[${h}]`);
  const [first = "relu"] = list;
  return list.every((name) => name === first) ? first : Object.freeze([...list]);
}

/** P = Σ_l (I + 1)·O: all weights and biases; and 2·O of each hidden layer that normalizes: gain and offset. */
export function parameterCount(network: Network): number {
  must(Array.isArray(network?.layers), "network", "a network of defineNetwork", network);
  const { layers } = network;
  let count = 0;
  for (let l = 1; l < layers.length; l++) count += (layers[l - 1]! + (isNormalized(network, l) ? 3 : 1)) * layers[l]!;
  return count;
}

/** Floating-point operations of a training step on `batch` examples: 2·B·(3P − D·H₁), without ∂ℓ/∂x. */
export function stepFlops(network: Network, batch: number): number {
  const [D, H] = network.layers;
  return 2 * batch * (3 * parameterCount(network) - D! * H!);
}
