// Central differences of the loss, (ℓ(θ + h) − ℓ(θ − h))/2h: the second oracle, with a bound on its own error. It has a
// forward pass of its own in float64 and no derivative. A step in W_l or b_l moves one unit of layer l, so only the
// layers above it are evaluated again.
import { SELU, SELU_BELOW } from "../gradients/activations.ts";
import { type Loss as Objective, SOFTMAX } from "../network/losses.ts";
import { type Activation, activationOf, activationsOf, LEAKY_SLOPE, type Network } from "../network/network.ts";
import { exp, log } from "../numerics/exp-log.ts";
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { exact } from "./ball.ts";
import { type LayerOffsets, layerOffsets } from "./bounds.ts";
import { lossOf } from "./oracle-losses.ts";
import { normalCdf } from "./oracle-normal.ts";

/** h: a power of two near ∛u, where truncation h² and rounding u/h balance. */
export const STEP = 2 ** -16;

/** Activations that are linear on both sides of 0. */
const PIECEWISE: readonly string[] = ["relu", "leaky-relu", "identity"];

/** In one value of σ, at most: Φ of GELU takes some 30 terms. */
const ROUNDINGS = 40;

/** A loss with a bound on its rounding error. */
type Loss = { readonly value: number; readonly error: number };

/** One difference quotient and a bound on its distance from the derivative. */
export type Quotient = { readonly value: number; readonly error: number };

export class Differences {
  readonly #network: Network;
  readonly #theta: Float64Array;
  readonly #t: readonly number[];
  readonly #objective: Objective;
  readonly #offsets: readonly LayerOffsets[];
  readonly #a: readonly Float64Array[]; //  x, a_1 … a_L as given
  readonly #z: Float64Array[] = []; //      z_1 … z_L from them
  readonly #errors: Float64Array[] = []; // of z_1 … z_L
  readonly #r: Float64Array[] = []; //      r_l = a_l − σ(z_l)

  /** One example at θ. `given` are a_1 … a_L: the loss is that of a_l = σ(z_l) + r_l, as in `differentiate`. */
  constructor(
    network: Network,
    theta: Float64Array,
    x: Float64Array,
    targets: readonly number[],
    given: readonly Float64Array[],
    objective: Objective = SOFTMAX,
  ) {
    this.#objective = objective;
    this.#network = network;
    this.#theta = theta;
    this.#t = targets;
    this.#offsets = layerOffsets(network.layers);
    this.#a = [x, ...given];
    for (let l = 1; l < network.layers.length; l++) {
      const { z, error } = this.#layer(l, this.#a[l - 1]!, new Float64Array(network.layers[l - 1]!));
      this.#z.push(z);
      this.#errors.push(error);
      this.#r.push(z.map((value, o) => this.#a[l]![o]! - this.#activate(l, value)));
    }
  }

  /**
   * ∂ℓ/∂W_l[k, o], or ∂ℓ/∂b_l[o] for k = −1. `spread` is max − min over c of ∂z_L,c/∂θ. Where f is linear in the
   * parameter (ReLU, leaky ReLU, identity; no kink within h), ℓ‴ is Σt times the third central moment of ∂z_L,c/∂θ
   * under S, at most spread³/(6√3), so truncation is at most Σt·h²·spread³/(36√3). Elsewhere ℓ‴ is estimated from a
   * second step of 2h, and doubled.
   */
  quotient(l: number, k: number, o: number, spread: number): Quotient {
    const a = k < 0 ? 1 : this.#a[l - 1]![k]!;
    const h = STEP;
    const [up, down] = [this.#moved(l, o, a * h), this.#moved(l, o, -a * h)];
    const value = (up.value - down.value) / (2 * h);
    const rounding = (up.error + down.error) / (2 * h) + FLOAT64.roundoff * Math.abs(value);
    return { value, error: rounding + this.#truncation(l, o, a, spread, value) };
  }

  #truncation(l: number, o: number, a: number, spread: number, value: number): number {
    const mass = this.#t.reduce((total, t) => total + t, 0);
    const linear = activationsOf(this.#network).every((σ) => PIECEWISE.includes(σ));
    if (linear && this.#objective.name === "softmax-cross-entropy")
      return (mass * STEP ** 2 * spread ** 3) / (36 * Math.sqrt(3));
    const wide = (this.#moved(l, o, 2 * a * STEP).value - this.#moved(l, o, -2 * a * STEP).value) / (4 * STEP);
    return (2 * Math.abs(wide - value)) / 3;
  }

  /** ℓ with z_l[o] moved by `shift`, the effect of a step in W_l[k, o] or b_l[o]. */
  #moved(l: number, o: number, shift: number): Loss {
    const u = FLOAT64.roundoff;
    const depth = this.#network.layers.length - 1;
    let a = Float64Array.from(this.#a[l]!);
    let error: Float64Array = new Float64Array(a.length);
    const z = this.#z[l - 1]![o]! + shift;
    a[o] = this.#activate(l, z) + this.#r[l - 1]![o]!;
    error[o] = 2 * this.#errors[l - 1]![o]! + ROUNDINGS * u * (Math.abs(z) + Math.abs(shift) + Math.abs(a[o]!));
    for (let m = l + 1; m <= depth; m++) {
      const above = this.#layer(m, a, error);
      const [r, at] = [this.#r[m - 1]!, this.#errors[m - 1]!];
      a = above.z.map((value, i) => this.#activate(m, value) + r[i]!);
      error = above.error.map((e, i) => e + at[i]! + ROUNDINGS * u * (Math.abs(a[i]!) + 2 * Math.abs(r[i]!)));
    }
    return this.#loss(a, error);
  }

  #layer(l: number, input: Float64Array, inputError: Float64Array): { z: Float64Array; error: Float64Array } {
    const { I, O, W, b } = this.#offsets[l - 1]!;
    const z = new Float64Array(O);
    const error = new Float64Array(O);
    const g = gamma(I + 2, FLOAT64);
    for (let k = 0; k < I; k++) {
      const [a, ea] = [input[k]!, inputError[k]!];
      if (a === 0 && ea === 0) continue;
      for (let o = 0; o < O; o++) {
        const w = this.#theta[W + k * O + o]!;
        z[o] = z[o]! + a * w;
        error[o] = error[o]! + Math.abs(w) * (g * Math.abs(a) + ea);
      }
    }
    for (let o = 0; o < O; o++) {
      z[o] = z[o]! + this.#theta[b + o]!;
      error[o] = error[o]! + g * Math.abs(this.#theta[b + o]!);
    }
    return { z, error };
  }

  #activate(l: number, z: number): number {
    return this.#σ(activationOf(this.#network, l), z);
  }

  #σ(activation: Activation, z: number): number {
    switch (activation) {
      case "identity":
        return z;
      case "relu":
        return Math.max(0, z);
      case "leaky-relu":
        return z > 0 ? z : LEAKY_SLOPE * z;
      case "tanh": {
        const e = exp(-2 * Math.abs(z));
        return ((z < 0 ? -1 : 1) * (1 - e)) / (1 + e);
      }
      case "sigmoid":
        return z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z));
      case "selu":
        return z > 0 ? SELU.lambda * z : SELU_BELOW * (exp(z) - 1);
      case "elu":
        return z > 0 ? z : exp(z) - 1;
      case "softplus":
        return Math.max(z, 0) + log(1 + exp(-Math.abs(z)));
      case "gelu":
        return z * normalCdf(exact(z)).v;
      case "silu":
        return z * this.#σ("sigmoid", z);
      case "mish":
        return z * this.#σ("tanh", this.#σ("softplus", z));
    }
  }

  /** −Σ t_c log S_c, shifted by max z; of another loss its definition over balls. */
  #loss(z: Float64Array, error: Float64Array): Loss {
    if (this.#objective.name !== "softmax-cross-entropy") {
      const outputs = Array.from(z, (v, c) => ({ v, e: error[c]! }));
      const { v, e } = lossOf(this.#objective, outputs, this.#t.map(exact));
      return { value: v, error: e };
    }
    const top = Math.max(...z);
    let total = 0;
    for (const value of z) total += exp(value - top);
    const logTotal = log(total);
    let [value, size, mass] = [0, 0, 0];
    this.#t.forEach((t, c) => {
      if (t === 0) return;
      value += t * (logTotal - (z[c]! - top));
      size += t * (logTotal + (top - z[c]!) + 1);
      mass += t;
    });
    const moved = 2 * mass * Math.max(...error); // each −log S_c moves by at most twice the logits' error
    return { value, error: moved + gamma(2 * z.length + 10, FLOAT64) * size };
  }
}
