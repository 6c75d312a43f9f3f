// The network of E9 and the loss of E2 and E3 over dual numbers, one example at a time: every derivative of the note,
// without a formula of the note for a derivative. No δ, no outer product, no σ′.
import { SELU, SELU_BELOW } from "../gradients/activations.ts";
import type { Loss } from "../network/losses.ts";
import { type Activation, activationOf, LEAKY_SLOPE, type Network } from "../network/network.ts";
import { type Ball, exact } from "./ball.ts";
import { add, affine, type Dual, div, exp, log, mul, sub, sum } from "./dual.ts";
import { crossEntropy, lossOf } from "./oracle-losses.ts";
import { normalCdfDual } from "./oracle-normal.ts";

/** A variable of the loss: an entry of W_l, b_l, γ_l or β_l, or of z_l or a_l of the example. Layers count from 1. */
export type Variable = {
  readonly kind: "W" | "b" | "gain" | "offset" | "z" | "a";
  readonly layer: number;
  readonly row: number; //    k of W_l[k, o]; 0 otherwise
  readonly column: number; // o
};

/** Variables by number, the direction of the dual numbers, and by place. */
export class Directions {
  readonly variables: readonly Variable[];
  readonly #numbers = new Map<string, number>();

  constructor(variables: readonly Variable[]) {
    this.variables = variables;
    variables.forEach(({ kind, layer, row, column }, k) => {
      this.#numbers.set(`${kind},${layer},${row},${column}`, k);
    });
  }

  get size(): number {
    return this.variables.length;
  }

  /** The direction of a variable, −1 if it is not among them. */
  of(kind: Variable["kind"], layer: number, row: number, column: number): number {
    return this.#numbers.get(`${kind},${layer},${row},${column}`) ?? -1;
  }

  /** Every variable of that kind and layer, with its direction. */
  in(kind: Variable["kind"], layer: number): readonly (Variable & { readonly k: number })[] {
    return this.variables.flatMap((v, k) => (v.kind === kind && v.layer === layer ? [{ ...v, k }] : []));
  }
}

/** A layer by units: the column [I] of W_l of each, its bias, and the directions of its variables. */
export type LayerColumns = {
  readonly activation: Activation;
  readonly units: readonly {
    readonly weights: Float64Array;
    readonly bias: number;
    readonly seeds: { readonly weights: Int32Array; readonly bias: number; readonly z: number };
    readonly a: number; // direction of a_l[o], −1 for none
  }[];
  readonly norm?: { readonly gains: readonly Dual[]; readonly offsets: readonly Dual[] } | undefined; // γ_l, β_l
  readonly joins: boolean; // whether a_{l−1} is added to a_l
};

/** Packed θ = [W₁, b₁, …] (row-major W_l [I×O]) as columns. */
export function columnsOf(network: Network, theta: Float64Array, directions: Directions): LayerColumns[] {
  const { layers, layerNorm = false, residual = false } = network;
  let at = 0;
  return layers.slice(1).map((O, index) => {
    const I = layers[index]!;
    const [W, l] = [at, index + 1];
    const hidden = l < layers.length - 1;
    at += (I + 1) * O;
    const row = (kind: "gain" | "offset", first: number) =>
      Array.from({ length: O }, (_, o) =>
        seeded(exact(theta[first + o]!), directions.of(kind, l, 0, o), directions.size),
      );
    const norm = layerNorm && hidden ? { gains: row("gain", at), offsets: row("offset", at + O) } : undefined;
    if (norm) at += 2 * O;
    const units = Array.from({ length: O }, (_, o) => ({
      weights: Float64Array.from({ length: I }, (_, k) => theta[W + k * O + o]!),
      bias: theta[W + I * O + o]!,
      seeds: {
        weights: Int32Array.from({ length: I }, (_, k) => directions.of("W", l, k, o)),
        bias: directions.of("b", l, 0, o),
        z: directions.of("z", l, 0, o),
      },
      a: directions.of("a", l, 0, o),
    }));
    return { activation: activationOf(network, l), units, norm, joins: residual && hidden && l > 1 && I === O };
  });
}

/** γ ∘ (z − μ)/√(v + ε) + β of the units of one layer, from its definition; ε = 10⁻⁵. */
function normalized(z: readonly Dual[], { gains, offsets }: NonNullable<LayerColumns["norm"]>): Dual[] {
  const count = exact(z.length);
  const mean = div(sum(z), count);
  const centred = z.map((value) => sub(value, mean));
  const variance = div(sum(centred.map((c) => mul(c, c))), count);
  const root = exp(mul(exact(0.5), log(add(variance, exact(1e-5)))));
  return centred.map((c, o) => add(mul(gains[o]!, div(c, root)), offsets[o]!));
}

/** The dual numbers of one example. */
export type Differentiated = {
  readonly z: readonly (readonly Dual[])[]; //   z_1 … z_L
  readonly own: readonly (readonly Dual[])[]; // σ(z_1) … z_L, before r_l is added
  readonly a: readonly (readonly Dual[])[]; //   a_1 … a_L
  readonly S: readonly Dual[]; //                S(z_L); [] under another loss
  readonly loss: Dual;
};

/**
 * f(x) and ℓ of one example along all directions. `active(l, o)`: whether unit o of layer l is on the side of slope 1
 * of the kink of ReLU and leaky ReLU; this makes f differentiable there.
 *
 * With `given`, a_l = σ(z_l) + r_l for the constants r_l that make each value the given one: the function that the
 * implementation evaluated, with r_l its rounding, and the exact derivative of that function.
 */
export function differentiate(
  layers: readonly LayerColumns[],
  x: readonly Dual[],
  targets: readonly Ball[],
  size: number,
  active: (layer: number, unit: number) => boolean,
  given?: (layer: number, unit: number) => number,
  objective?: Loss,
): Differentiated {
  const z: Dual[][] = [];
  const own: Dual[][] = [];
  const a: Dual[][] = [];
  let input = x;
  layers.forEach(({ activation, units, norm, joins }, index) => {
    const l = index + 1;
    const sums = units.map(({ weights, bias, seeds }) => affine(input, weights, bias, size, seeds));
    const inner = norm ? normalized(sums, norm) : sums;
    const outputs = inner.map((value, o) => activate(activation, value, () => active(l, o)));
    z.push(sums);
    own.push(outputs);
    const below = input;
    input = outputs.map((value, o) => seeded(given ? { ...value, v: given(l, o), e: 0 } : value, units[o]!.a, size));
    a.push([...input]);
    if (joins) input = input.map((value, o) => add(value, below[o]!));
  });
  if (objective === undefined || objective.name === "softmax-cross-entropy")
    return { z, own, a, ...crossEntropy(input, targets) };
  return { z, own, a, S: [], loss: lossOf(objective, input, targets) };
}

/** `value` as a variable, too, in direction k; unchanged for k = −1. */
function seeded(value: Dual, k: number, size: number): Dual {
  if (k < 0) return value;
  const d = value.d ? Float64Array.from(value.d) : new Float64Array(size);
  d[k] = 1;
  return { ...value, d, ed: value.ed ?? new Float64Array(size) };
}

/** σ over dual numbers, from its definition; `active` decides the side of a kink. */
export function activate(activation: Activation, z: Dual, active: () => boolean): Dual {
  const one = exact(1);
  switch (activation) {
    case "identity":
      return z;
    case "relu":
      return active() ? z : exact(0);
    case "leaky-relu":
      return active() ? z : mul(exact(LEAKY_SLOPE), z);
    case "tanh": {
      const e = exp(mul(exact(z.v < 0 ? 2 : -2), z)); // e^{−2|z|} never overflows
      const t = div(sub(one, e), add(one, e));
      return z.v < 0 ? mul(exact(-1), t) : t;
    }
    case "sigmoid": {
      const e = exp(mul(exact(z.v < 0 ? 1 : -1), z));
      return z.v < 0 ? div(e, add(one, e)) : div(one, add(one, e));
    }
    case "selu":
      return active() ? mul(exact(SELU.lambda), z) : mul(exact(SELU_BELOW), sub(exp(z), one));
    case "elu":
      return active() ? z : sub(exp(z), one);
    case "gelu":
      return mul(z, normalCdfDual(z));
    case "silu":
      return mul(z, activate("sigmoid", z, active));
    case "mish":
      return mul(z, activate("tanh", activate("softplus", z, active), active));
    case "softplus": {
      const tail = log(add(one, exp(z.v > 0 ? mul(exact(-1), z) : z)));
      return z.v > 0 ? add(z, tail) : tail;
    }
  }
}
