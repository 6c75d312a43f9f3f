// The definition of every kernel, in plain loops. Over a float64 memory it defines the mathematics; over a float32 memory it
// defines the bits that every other engine must give. Nothing here is tuned beyond the order of loops.

import type { Memory } from "../network/memory.ts";
import { type Activation, LEAKY_SLOPE } from "../network/network.ts";
import { exp, log, logistic, tanh } from "../numerics/exp-log.ts";
import type { Kernels, Optimizer } from "./kernels.ts";

/** Rounding of one operation's result to the memory's float type. */
type Round = (x: number) => number;

/** σ(z), one rounding each. NaN stays NaN; relu(−0) = +0. */
const ACTIVATE: Record<Activation, (z: number, round: Round) => number> = {
  identity: (z) => z,
  relu: (z) => Math.max(0, z),
  "leaky-relu": (z, round) => (z > 0 ? z : round(LEAKY_SLOPE * z)),
  tanh: (z, round) => round(tanh(z)),
  sigmoid: (z, round) => round(logistic(z)),
};

/** s·σ′(z) from a = σ(z). */
const BACK: Record<Activation, (s: number, a: number, round: Round) => number> = {
  identity: (s) => s,
  relu: (s, a) => (a > 0 ? s : 0), //                                            σ′(0) = 0
  "leaky-relu": (s, a, round) => (a > 0 ? s : round(LEAKY_SLOPE * s)),
  tanh: (s, a, round) => round(s * round(1 - round(a * a))), //                  1 − a²
  sigmoid: (s, a, round) => round(s * round(a * round(1 - a))), //               a(1 − a)
};

/** The kernels over `memory`: float32 arithmetic if its floats are a Float32Array, else float64. */
export function referenceKernels(memory: Memory): Kernels {
  const { floats: f, doubles, integers, bytes } = memory;
  const round: Round = f instanceof Float32Array ? Math.fround : (x) => x;

  const kernels: Kernels = {
    gather(input, targets, { features, form, divisor, cols, classes, labels, soft, order, scale, shift }, at) {
      const source = form === "bytes" ? bytes : f;
      for (let r = 0; r < input.rows; r++) {
        const row = integers[order + at + r]!;
        for (let j = 0; j < cols; j++) {
          f[input.offset + r * input.stride + j] = source[features + row * cols + j]! / divisor;
        }
        for (let c = 0; c < classes; c++) {
          const y = soft === undefined ? (integers[labels + row] === c ? 1 : 0) : f[soft + row * classes + c]!;
          f[targets.offset + r * targets.stride + c] = doubles[scale + c]! * y + doubles[shift + c]!;
        }
      }
    },

    dense(output, input, W, b, activation) {
      const activate = ACTIVATE[activation];
      for (let i = 0; i < output.rows; i++) {
        const z = output.offset + i * output.stride;
        for (let o = 0; o < W.cols; o++) f[z + o] = 0;
        for (let k = 0; k < W.rows; k++) {
          const x = f[input.offset + i * input.stride + k]!;
          const w = W.offset + k * W.stride;
          for (let o = 0; o < W.cols; o++) f[z + o] = f[z + o]! + round(x * f[w + o]!);
        }
        for (let o = 0; o < W.cols; o++) f[z + o] = activate(round(f[z + o]! + f[b.offset + o]!), round);
      }
    },

    softmaxCrossEntropy(delta, losses, predictions, logits, targets) {
      const e = new Float64Array(logits.cols);
      for (let i = 0; i < logits.rows; i++) {
        const z = logits.offset + i * logits.stride;
        const t = targets.offset + i * targets.stride;
        let best = 0;
        for (let c = 1; c < logits.cols; c++) if (f[z + c]! > f[z + best]!) best = c;
        const max = f[z + best]!;
        let sum = 0;
        let mass = 0;
        for (let c = 0; c < logits.cols; c++) {
          e[c] = exp(f[z + c]! - max);
          sum += e[c]!;
          mass += f[t + c]!;
        }
        const logSum = log(sum);
        let loss = 0;
        for (let c = 0; c < logits.cols; c++) {
          const y = f[t + c]!;
          if (y !== 0) loss += y * (logSum + (max - f[z + c]!)); //              0·log 0 = 0
          f[delta.offset + i * delta.stride + c] = mass * (e[c]! / sum) - y;
        }
        doubles[losses.offset + i] = loss;
        integers[predictions.offset + i] = best;
      }
    },

    backpropagate(below, delta, W, output, activation) {
      const back = BACK[activation];
      for (let i = 0; i < below.rows; i++) {
        const d = delta.offset + i * delta.stride;
        for (let k = 0; k < W.rows; k++) {
          const w = W.offset + k * W.stride;
          let sum = 0;
          for (let o = 0; o < W.cols; o++) sum = round(sum + round(f[d + o]! * f[w + o]!));
          f[below.offset + i * below.stride + k] = back(sum, f[output.offset + i * output.stride + k]!, round);
        }
      }
    },

    weightGradient(dW, input, delta) {
      const share = round(1 / delta.rows);
      for (let k = 0; k < dW.rows; k++) {
        const g = dW.offset + k * dW.stride;
        for (let o = 0; o < dW.cols; o++) f[g + o] = 0;
        for (let i = 0; i < delta.rows; i++) {
          const a = f[input.offset + i * input.stride + k]!;
          const d = delta.offset + i * delta.stride;
          for (let o = 0; o < dW.cols; o++) f[g + o] = f[g + o]! + round(a * f[d + o]!);
        }
        for (let o = 0; o < dW.cols; o++) f[g + o] = f[g + o]! * share;
      }
    },

    biasGradient(db, delta) {
      const share = round(1 / delta.rows);
      for (let o = 0; o < db.cols; o++) {
        let sum = 0;
        for (let i = 0; i < delta.rows; i++) sum = round(sum + f[delta.offset + i * delta.stride + o]!);
        f[db.offset + o] = sum * share;
      }
    },

    descend(rule, { parameters, gradients, states, decays }, coefficients) {
      const c = Array.from({ length: 8 }, (_, i) => f[coefficients + i]!);
      const step = STEP[rule];
      const [m, v] = [states[0]?.offset ?? 0, states[1]?.offset ?? 0];
      for (let i = 0; i < parameters.length; i++)
        step(f, parameters.offset + i, f[gradients.offset + i]!, m + i, v + i, c, decays ? c[1]! : 0, round);
    },

    descendWeights(W, dW, input, delta, coefficients) {
      const length = W.rows * W.stride;
      const spans = { parameters: { offset: W.offset, length }, gradients: { offset: dW.offset, length } };
      kernels.weightGradient(dW, input, delta);
      kernels.descend("sgd", { ...spans, states: [], decays: true }, coefficients);
    },
  };
  return kernels;
}

type Step = (
  f: Float32Array | Float64Array,
  θ: number, // places of the parameter and of its two states
  g: number, // the gradient
  m: number,
  v: number,
  c: readonly number[], // coefficients, laid out by training/optimizer.ts
  λ: number,
  round: Round,
) => void;

/** One parameter's update. Stores round; every other operation rounds by hand, in the order written. */
const STEP: Record<Optimizer, Step> = {
  // g ← g + λθ; θ ← θ − ηg
  sgd(f, θ, g, _m, _v, c, λ, round) {
    f[θ] = f[θ]! - round(c[0]! * round(g + round(λ * f[θ]!)));
  },
  // v ← μv + g + λθ; θ ← θ − ηv
  momentum(f, θ, g, m, _v, c, λ, round) {
    f[m] = round(c[2]! * f[m]!) + round(g + round(λ * f[θ]!));
    f[θ] = f[θ]! - round(c[0]! * f[m]!);
  },
  // v ← μv + g + λθ; θ ← θ − η(g + λθ + μv)
  nesterov(f, θ, g, m, _v, c, λ, round) {
    const pull = round(g + round(λ * f[θ]!));
    f[m] = round(c[2]! * f[m]!) + pull;
    f[θ] = f[θ]! - round(c[0]! * round(pull + round(c[2]! * f[m]!)));
  },
  // m ← β₁m + (1 − β₁)(g + λθ); v ← β₂v + (1 − β₂)(g + λθ)²; θ ← θ − η̂·m / (√v·κ + ε)
  adam(f, θ, g, m, v, c, λ, round) {
    moments(f, θ, round(g + round(λ * f[θ]!)), m, v, c, round);
  },
  // θ ← θ − ηλθ, then Adam on g alone; c[1] already holds ηλ
  adamw(f, θ, g, m, v, c, λ, round) {
    f[θ] = f[θ]! - round(λ * f[θ]!);
    moments(f, θ, g, m, v, c, round);
  },
};

function moments(
  f: Float32Array | Float64Array,
  θ: number,
  g: number,
  m: number,
  v: number,
  c: readonly number[],
  round: Round,
): void {
  f[m] = round(c[2]! * f[m]!) + round(c[3]! * g);
  f[v] = round(c[4]! * f[v]!) + round(c[5]! * round(g * g));
  const size = round(round(round(Math.sqrt(f[v]!)) * c[7]!) + c[6]!);
  f[θ] = f[θ]! - round(round(c[0]! * f[m]!) / size);
}
