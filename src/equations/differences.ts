// Central differences of the loss, (ℓ(θ + h) − ℓ(θ − h))/2h: the second oracle, with a bound on its own error. Its forward pass is plain
// float64 and its own; nothing here knows a derivative. A weight's step disturbs one unit of its layer, so only what lies above is redone.
import { LEAKY_SLOPE, type Network } from "../network/network.ts";
import { exp, log } from "../numerics/exp-log.ts";
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { type LayerPlace, placesOf } from "./bounds.ts";

/** A power of two near the cube root of the roundoff, where truncation h² and rounding u/h balance. */
export const STEP = 2 ** -16;

/** A loss with a bound on its rounding error. */
type Loss = { readonly value: number; readonly error: number };

/** One difference quotient and a bound on its distance from the derivative. */
export type Quotient = { readonly value: number; readonly error: number };

export class Differences {
  readonly #network: Network;
  readonly #theta: Float64Array;
  readonly #t: readonly number[];
  readonly #places: readonly LayerPlace[];
  readonly #z: Float64Array[] = []; //     z_1 … z_L at θ
  readonly #errors: Float64Array[] = []; // their rounding errors
  readonly #a: Float64Array[];

  constructor(network: Network, theta: Float64Array, x: Float64Array, targets: readonly number[]) {
    this.#network = network;
    this.#theta = theta;
    this.#t = targets;
    this.#places = placesOf(network.layers);
    this.#a = [x];
    let inputError: Float64Array = new Float64Array(x.length);
    for (let l = 1; l < network.layers.length; l++) {
      const { z, error } = this.#layer(l, this.#a[l - 1]!, inputError);
      this.#z.push(z);
      this.#errors.push(error);
      this.#a.push(z.map((value) => this.#activate(l, value)));
      inputError = error; // σ has Lipschitz constant 1; its own rounding is added in #above
    }
  }

  /**
   * ∂ℓ/∂W_l[k, o], or of b_l[o] for k = −1. `spread` is max − min over c of ∂z_L,c/∂θ. On a piece where f is linear in the parameter
   * (ReLU, leaky ReLU, identity; no kink within h), ℓ‴ is Σt times the third central moment of ∂z_L,c/∂θ under S, at most
   * spread³/(6√3), so truncation is at most Σt·h²·spread³/(36√3). For tanh and sigmoid ℓ‴ is estimated from a second step of 2h, and doubled.
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
    const { activation } = this.#network;
    if (activation !== "tanh" && activation !== "sigmoid")
      return (mass * STEP ** 2 * spread ** 3) / (36 * Math.sqrt(3));
    const wide = (this.#moved(l, o, 2 * a * STEP).value - this.#moved(l, o, -2 * a * STEP).value) / (4 * STEP);
    return (2 * Math.abs(wide - value)) / 3;
  }

  /** ℓ with z_l[o] moved by `shift`, which is what a step in W_l[k, o] or b_l[o] does. */
  #moved(l: number, o: number, shift: number): Loss {
    const z = Float64Array.from(this.#z[l - 1]!);
    const error = Float64Array.from(this.#errors[l - 1]!);
    z[o] = z[o]! + shift;
    error[o] = error[o]! + FLOAT64.roundoff * (Math.abs(z[o]!) + Math.abs(shift));
    return this.#above(l, z, error);
  }

  /** ℓ from z_l upwards. */
  #above(l: number, z: Float64Array, error: Float64Array): Loss {
    let [values, errors] = [z, error];
    for (let m = l + 1; m < this.#network.layers.length; m++) {
      const a = values.map((value) => this.#activate(m - 1, value));
      const da = errors.map((e, o) => e + 8 * FLOAT64.roundoff * Math.abs(a[o]!));
      ({ z: values, error: errors } = this.#layer(m, a, da));
    }
    return this.#loss(values, errors);
  }

  #layer(l: number, input: Float64Array, inputError: Float64Array): { z: Float64Array; error: Float64Array } {
    const { I, O, W, b } = this.#places[l - 1]!;
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
    if (l === this.#network.layers.length - 1) return z;
    switch (this.#network.activation) {
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
    }
  }

  /** −Σ t_c log S_c, shifted by max z. */
  #loss(z: Float64Array, error: Float64Array): Loss {
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
