// The closed form of a network with layer normalization and residuals, in balls whose radius bounds the rounding of any
// implementation of it: forward from the observed input of each layer, backward from the observed outputs.
import { type Loss, SOFTMAX } from "../network/losses.ts";
import { activationOf } from "../network/network.ts";
import { FLOAT64, type Precision } from "../numerics/rounding.ts";
import { type Ball, Balls, exact, widened } from "./ball.ts";
import { activationError, derivativeError, type LayerOffsets, layerOffsets } from "./bounds.ts";
import { seed, slope } from "./dual.ts";
import type { Observation, Problem } from "./implementation.ts";
import { lossOf } from "./oracle-losses.ts";

const EPSILON = 1e-5;

/** What the closed form says of one layer and example. */
type LayerForm = LayerOffsets & {
  readonly input: readonly Ball[]; //      what the layer is given
  readonly errors: readonly number[]; //   of σ, beside the observed a_l
  readonly slopes: readonly Ball[]; //     σ′
  readonly n: readonly Ball[] | undefined; //  of a layer that normalizes
  readonly inverse: Ball; //               1/√(v + ε)
  readonly joins: boolean;
};

/** Balls of one example: δ^l, and ∂ℓ of each parameter by its offset in packed θ. */
export type ExampleForm = {
  readonly errors: readonly (readonly number[])[];
  readonly deltas: readonly (readonly Ball[])[];
  readonly loss: Ball;
  readonly gradient: (layer: number, kind: "W" | "b" | "gain" | "offset", row: number, column: number) => Ball;
};

/** The closed form of example i of `problem`, at what was observed. */
export function exampleForm(
  problem: Problem,
  { outputs }: Observation,
  i: number,
  targets: readonly Ball[],
  p: Precision,
): ExampleForm {
  const { network, parameters, features } = problem;
  const { layers, layerNorm = false, residual = false } = network;
  const L = layers.length - 1;
  const o = new Balls(p);
  const θ = (at: number) => exact(parameters[at]!);
  const total = (terms: readonly Ball[]) => terms.reduce((sum, term) => o.add(sum, term), exact(0));
  const mean = (terms: readonly Ball[]) => o.div(total(terms), exact(terms.length));
  const observed = (l: number) => outputs[l - 1]!.subarray(i * layers[l]!, (i + 1) * layers[l]!);

  let input: readonly Ball[] = Array.from(features.subarray(i * layers[0]!, (i + 1) * layers[0]!), exact);
  const forms = layerOffsets(layers, layerNorm).map((place, index): LayerForm => {
    const { I, O, W, b } = place;
    const l = index + 1;
    const given = input;
    const z = Array.from({ length: O }, (_, c) =>
      o.add(total(Array.from({ length: I }, (_, k) => o.mul(given[k]!, θ(W + k * O + c)))), θ(b + c)),
    );
    let [inner, n, inverse]: [Ball[], Ball[] | undefined, Ball] = [z, undefined, exact(1)];
    if (layerNorm && l < L) {
      const middle = mean(z);
      const centred = z.map((value) => o.sub(value, middle));
      const variance = mean(centred.map((value) => o.mul(value, value)));
      inverse = o.div(exact(1), o.sqrt(o.add(variance, exact(EPSILON))));
      n = centred.map((value) => o.mul(value, inverse));
      inner = n.map((value, c) => o.add(o.mul(θ(b + O + c), value), θ(b + 2 * O + c)));
    }
    const a = observed(l);
    const σ = activationOf(network, l);
    const errors = inner.map(({ e }, c) => widened(activationError(σ, e, a[c]!, p)));
    const slopes = inner.map(({ v, e }, c) => derivativeError(σ, a[c]!, errors[c]!, p, { v, e: 2 * e }));
    const joins = residual && l > 1 && l < L && I === O;
    input = Array.from(a, (value, c) => (joins ? o.add(exact(value), given[c]!) : exact(value)));
    return { ...place, input: given, errors, slopes, n, inverse, joins };
  });

  const last = lastLayer(problem.loss ?? SOFTMAX, observed(L), forms.at(-1)!.errors, targets, p);
  const deltas: Ball[][] = new Array(L);
  const inner: (readonly Ball[])[] = new Array(L); // ∂ℓ/∂h
  deltas[L - 1] = inner[L - 1] = last.deltas;
  let passed: readonly Ball[] = []; //                ∂ℓ/∂(what layer l + 1 handed on)
  for (let l = L - 1; l >= 1; l--) {
    const [above, { b, O, slopes, n, inverse }] = [forms[l]!, forms[l - 1]!];
    const backs = Array.from({ length: O }, (_, k) =>
      total(deltas[l]!.map((d, c) => o.mul(d, θ(above.W + k * above.O + c)))),
    );
    passed = above.joins ? backs.map((back, k) => o.add(back, passed[k]!)) : backs;
    const own = passed.map((back, k) => o.mul(back, slopes[k]!));
    inner[l - 1] = own;
    if (!n) {
      deltas[l - 1] = own;
      continue;
    }
    const scaled = own.map((back, k) => o.mul(θ(b + O + k), back));
    const [m1, m2] = [mean(scaled), mean(scaled.map((value, k) => o.mul(value, n[k]!)))];
    deltas[l - 1] = scaled.map((value, k) => o.mul(inverse, o.sub(o.sub(value, m1), o.mul(n[k]!, m2))));
  }
  return {
    errors: forms.map(({ errors }) => errors),
    deltas,
    loss: last.loss,
    gradient(layer, kind, row, column) {
      const form = forms[layer - 1]!;
      if (kind === "W") return o.mul(form.input[row]!, deltas[layer - 1]![column]!);
      if (kind === "b") return deltas[layer - 1]![column]!;
      const own = inner[layer - 1]![column]!;
      return kind === "gain" ? o.mul(form.n![column]!, own) : own;
    },
  };
}

/** δ^L and ℓ at the observed outputs, which may be off by `errors`. */
function lastLayer(
  loss: Loss,
  z: Float64Array,
  errors: readonly number[],
  targets: readonly Ball[],
  p: Precision,
): { deltas: Ball[]; loss: Ball } {
  const outputs = Array.from(z, (v, c) => seed(v, c, z.length, errors[c]!));
  const stored = targets.map(({ v, e }) => ({ v, e: 2 * e + (e === 0 ? 0 : p.roundoff * (Math.abs(v) + e) + p.tiny) }));
  const value = lossOf(loss, outputs, stored);
  const deltas = Array.from(z, (_, c) => {
    const { v, e } = slope(value, c);
    const size = Math.abs(v) + e;
    return { v, e: widened(2 * e + p.roundoff * size + 16 * FLOAT64.roundoff * (1 + size) + p.tiny) };
  });
  return { deltas, loss: { v: value.v, e: widened(2 * value.e + 16 * FLOAT64.roundoff * (1 + Math.abs(value.v))) } };
}
