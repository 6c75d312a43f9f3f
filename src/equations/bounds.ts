// Bounds on the rounding errors of a correct implementation: running error analysis of E9, E8, E17, E36 and E37 on the
// observed numbers, in the implementation's precision, for sums in any order. Derived in docs/bounds.md.
import { SELU, SELU_BELOW } from "../gradients/activations.ts";
import { type Loss, SOFTMAX } from "../network/losses.ts";
import { type Activation, activationOf, keepsSlope, LEAKY_SLOPE, type Network } from "../network/network.ts";
import { exp } from "../numerics/exp-log.ts";
import { FLOAT64, gamma, type Precision } from "../numerics/rounding.ts";
import { type Ball, widened } from "./ball.ts";
import { NOTE } from "./formulas.ts";
import type { Observation } from "./implementation.ts";
import { lossBounds, softmaxBounds } from "./loss-bounds.ts";

/**
 * Absolute error bounds of an Observation, laid out like it. z_l and a_l: for the observed input of layer l. All else:
 * for the observed activations of every layer.
 */
export type Bounds = {
  readonly z: readonly Float64Array[]; //      [n×O]
  readonly values: readonly Float64Array[]; // z_l itself, in float64 from the observed input [n×O]
  readonly a: readonly Float64Array[]; //      [n×O]
  readonly deltas: readonly Float64Array[]; // [n×O]
  readonly losses: Float64Array; //            [n]
  dW(layer: number, row: number, column: number): number;
  db(layer: number, column: number): number;
};

/** tanh and the logistic function were measured within 3 ulp = 6u; 8u are allowed. */
const SIGMOID_ROUNDOFFS = 8 * FLOAT64.roundoff;

export function runningBounds(
  network: Network,
  theta: Float64Array,
  observation: Observation,
  targets: readonly (readonly Ball[])[],
  p: Precision,
  loss: Loss = SOFTMAX,
): Bounds {
  const { layers } = network;
  const { rows: n, outputs, deltas } = observation;
  const L = layers.length - 1;
  const offsets = layerOffsets(layers);
  const { z, a } = forwardErrors(network, theta, observation, p, false);
  const inputOf = (l: number) => (l === 1 ? observation.input : outputs[l - 2]!);
  const values = offsets.map((layer, l) => sumValues(theta, layer, n, inputOf(l + 1)));
  const errors: Float64Array[] = new Array(L);
  const last = lastLayer(loss, layers[L]!, observation, new Float64Array(n * layers[L]!), targets, p);
  errors[L - 1] = last.delta;
  for (let l = L - 1; l >= 1; l--)
    errors[l - 1] = backError(
      activationOf(network, l),
      theta,
      offsets[l]!,
      n,
      deltas[l]!,
      errors[l]!,
      outputs[l - 1]!,
      a[l - 1]!,
      p,
      { values: values[l - 1]!, errors: z[l - 1]! },
    );

  const gradientError = (l: number, k: number, o: number): number => {
    const [I, O] = [layers[l - 1]!, layers[l]!];
    const [delta, deltaError] = [deltas[l - 1]!, errors[l - 1]!];
    let [magnitude, inherited] = [0, 0];
    for (let i = 0; i < n; i++) {
      const x = k < 0 ? 1 : Math.abs(inputOf(l)[i * I + k]!);
      magnitude += x * Math.abs(delta[i * O + o]!);
      inherited += x * deltaError[i * O + o]!;
    }
    const g = gamma(n + 2, p); // a product, n − 1 sums, 1/B and its product
    return widened((g * (magnitude + inherited) + inherited) / n + (n + 1) * p.tiny);
  };
  return {
    z,
    values,
    a,
    deltas: errors,
    losses: last.losses,
    dW: (l, k, o) => gradientError(l, k, o),
    db: (l, o) => gradientError(l, -1, o),
  };
}

/**
 * Bounds on a_l and, under softmax cross-entropy, ℓ against the exact values from x and θ: each layer inherits the
 * errors of those before it.
 */
export function accumulatedBounds(
  network: Network,
  theta: Float64Array,
  observation: Observation,
  targets: readonly (readonly Ball[])[],
  p: Precision,
  loss: Loss = SOFTMAX,
): { a: readonly Float64Array[]; losses: Float64Array } {
  const { a } = forwardErrors(network, theta, observation, p, true);
  if (loss.name !== "softmax-cross-entropy") return { a, losses: new Float64Array(observation.rows) };
  return { a, losses: lastLayer(SOFTMAX, network.layers.at(-1)!, observation, a.at(-1)!, targets, p).losses };
}

/** |Δz_l| and |Δa_l|: for the observed input of each layer, or accumulated from x. */
function forwardErrors(
  network: Network,
  theta: Float64Array,
  { rows, input, outputs }: Observation,
  p: Precision,
  accumulate: boolean,
): { z: Float64Array[]; a: Float64Array[] } {
  const z: Float64Array[] = [];
  const a: Float64Array[] = [];
  layerOffsets(network.layers).forEach((offsets, l) => {
    const below = l === 0 ? input : outputs[l - 1]!;
    const error = sumErrors(theta, offsets, rows, below, accumulate ? a[l - 1] : undefined, p);
    const σ = activationOf(network, l + 1);
    z.push(error);
    a.push(error.map((e, i) => widened(activationError(σ, e, outputs[l]![i]!, p))));
  });
  return { z, a };
}

/** Sizes of a layer, and the offsets of W_l and b_l in packed θ; of a normalized layer γ and β follow b. */
export type LayerOffsets = { readonly I: number; readonly O: number; readonly W: number; readonly b: number };

/** Those of every layer. Not packedLayers of network/parameters.ts, which belongs to the implementation under test. */
export function layerOffsets(layers: readonly number[], layerNorm = false): LayerOffsets[] {
  let at = 0;
  return layers.slice(1).map((O, l) => {
    const I = layers[l]!;
    const W = at;
    at += (I + (layerNorm && l < layers.length - 2 ? 3 : 1)) * O;
    return { I, O, W, b: W + I * O };
  });
}

/** |Δz| ≤ γ_{I+1}(|a||W| + |b|) + |Δa||W| + underflow [n×O], for inputs a [n×I] with errors Δa. */
export function sumErrors(
  theta: Float64Array,
  { I, O, W, b }: LayerOffsets,
  n: number,
  input: Float64Array,
  inputError: Float64Array | undefined,
  p: Precision,
): Float64Array {
  const g = gamma(I + 1, p);
  const out = new Float64Array(n * O);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < I; k++) {
      const reach = g * Math.abs(input[i * I + k]!) + (inputError ? (1 + g) * inputError[i * I + k]! : 0);
      if (reach === 0) continue;
      for (let o = 0; o < O; o++) out[i * O + o] = out[i * O + o]! + reach * Math.abs(theta[W + k * O + o]!);
    }
    for (let o = 0; o < O; o++)
      out[i * O + o] = widened(out[i * O + o]! + g * Math.abs(theta[b + o]!) + (I + 1) * p.tiny);
  }
  return out;
}

/** z = a·W + b in float64 [n×O]. */
function sumValues(theta: Float64Array, { I, O, W, b }: LayerOffsets, n: number, input: Float64Array): Float64Array {
  const out = new Float64Array(n * O);
  for (let i = 0; i < n; i++)
    for (let o = 0; o < O; o++) {
      let z = theta[b + o]!;
      for (let k = 0; k < I; k++) z += input[i * I + k]! * theta[W + k * O + o]!;
      out[i * O + o] = z;
    }
  return out;
}

/** Lipschitz constants, rounded up. */
const STEEPEST = { selu: 1.7581, elu: 1, softplus: 1, gelu: 1.1291, silu: 1.0999, mish: 1.0886 } as const;

/** |Δσ(z)| from |Δz|: σ has Lipschitz constant 1 (the logistic function ¼), and its evaluation rounds a few times. */
export function activationError(activation: Activation, dz: number, a: number, { roundoff, tiny }: Precision): number {
  switch (activation) {
    case "identity":
    case "relu":
      return dz;
    case "leaky-relu":
      return dz + roundoff * Math.abs(a) + tiny;
    case "tanh":
      return dz + (roundoff + SIGMOID_ROUNDOFFS) * (Math.abs(a) + dz) + tiny;
    case "sigmoid":
      return dz / 4 + (roundoff + SIGMOID_ROUNDOFFS) * (Math.abs(a) + dz) + tiny;
    default: {
      const moved = STEEPEST[activation] * dz;
      return moved + (roundoff + 2 * SIGMOID_ROUNDOFFS) * (Math.abs(a) + moved) + tiny;
    }
  }
}

/**
 * σ′ from the observed activation a, and its distance from σ′(z). At a kink, σ′ of the side that a is on. Where the
 * layer keeps slopes, from z ± e.
 */
export function derivativeError(
  activation: Activation,
  a: number,
  da: number,
  { roundoff: u, tiny }: Precision,
  z: Ball,
): Ball {
  switch (activation) {
    case "identity":
      return { v: 1, e: 0 };
    case "relu":
      return { v: a > 0 ? 1 : 0, e: 0 };
    case "leaky-relu":
      return { v: a > 0 ? 1 : LEAKY_SLOPE, e: 0 };
    case "tanh":
      return { v: 1 - a * a, e: (2 * Math.abs(a) + da) * da + 2 * u + tiny };
    case "sigmoid":
      return { v: a * (1 - a), e: (Math.abs(1 - 2 * a) + da) * da + 2 * u * (a + da) + tiny };
    case "selu":
      return a > 0 ? { v: SELU.lambda, e: 0 } : { v: a + SELU_BELOW, e: da + 4 * FLOAT64.roundoff };
    case "elu":
      return a > 0 ? { v: 1, e: 0 } : { v: a + 1, e: da + 2 * FLOAT64.roundoff };
    case "softplus":
      return { v: 1 - exp(-a), e: da + SIGMOID_ROUNDOFFS };
    default: {
      const { v, e } = NOTE.derivative(activation, { v: a, e: da }, z);
      return { v, e: 2 * e + (u + 2 * SIGMOID_ROUNDOFFS) * (Math.abs(v) + e) + 2 * SIGMOID_ROUNDOFFS + tiny };
    }
  }
}

/** |Δδ^l| from |Δδ^{l+1}|: s = δ^{l+1} W_{l+1}ᵀ has |Δs| ≤ γ_O |δ||W|ᵀ + |Δδ||W|ᵀ; then the product with σ′. */
export function backError(
  activation: Activation,
  theta: Float64Array,
  { I, O, W }: LayerOffsets,
  n: number,
  delta: Float64Array, //                  δ^{l+1} [n×O]
  deltaError: Float64Array | undefined, // [n×O]; undefined: δ^{l+1} is exact
  outputs: Float64Array, //                a_l     [n×I]
  outputError: Float64Array,
  p: Precision,
  z?: { readonly values: Float64Array; readonly errors: Float64Array }, // z_l [n×I], where σ′ may need it
): Float64Array {
  const g = gamma(O, p);
  const out = new Float64Array(n * I);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < I; k++) {
      let [s, ds] = [0, O * p.tiny];
      for (let o = 0; o < O; o++) {
        const w = theta[W + k * O + o]!;
        const d = delta[i * O + o]!;
        s += d * w;
        ds += Math.abs(w) * (g * Math.abs(d) + (1 + g) * (deltaError?.[i * O + o] ?? 0));
      }
      const at = i * I + k;
      const own = z && keepsSlope(activation) ? { v: z.values[at]!, e: 2 * z.errors[at]! } : { v: 0, e: 0 };
      const slope = derivativeError(activation, outputs[at]!, outputError[at]!, p, own);
      const size = Math.abs(slope.v) + slope.e;
      const exactStep = activation === "relu" || activation === "identity"; // a mask rounds nothing
      const rounding = exactStep ? 0 : p.roundoff * size * (Math.abs(s) + ds) + p.tiny;
      out[i * I + k] = widened(size * ds + slope.e * Math.abs(s) + rounding);
    }
  return out;
}

/** |Δδ^L| and |Δℓ| from |Δz_L| ≤ Δ, which moves S_c by a factor within e^{±2Δ} and −log S_c by at most 2Δ. */
function lastLayer(
  objective: Loss,
  C: number,
  { rows, outputs, losses }: Observation,
  logitErrors: Float64Array,
  targets: readonly (readonly Ball[])[],
  p: Precision,
): { delta: Float64Array; losses: Float64Array } {
  const logits = outputs.at(-1)!;
  const delta = new Float64Array(rows * C);
  const loss = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (objective.name !== "softmax-cross-entropy") {
      const bounds = lossBounds(objective, logits.subarray(i * C, (i + 1) * C), targets[i]!, p);
      delta.set(bounds.delta, i * C);
      loss[i] = widened(bounds.loss + FLOAT64.roundoff * Math.abs(losses[i]!));
      continue;
    }
    const row = Array.from(logits.subarray(i * C, (i + 1) * C), (v) => ({ v, e: 0 }));
    const moved = Math.max(...logitErrors.subarray(i * C, (i + 1) * C));
    const { mass, deltas, loss: value } = softmaxBounds(row, targets[i]!, p);
    const factor = growth(2 * moved);
    for (let c = 0; c < C; c++) delta[i * C + c] = widened(deltas[c]!.e + mass * Math.min(1, deltas[c]!.S * factor));
    loss[i] = widened(value + 2 * moved * mass + FLOAT64.roundoff * Math.abs(losses[i]!));
  }
  return { delta, losses: loss };
}

/** An upper bound of e^x − 1: x + x² for x ≤ 1, else the largest double. */
export function growth(x: number): number {
  return x <= 1 ? x * (1 + x) : Number.MAX_VALUE;
}
