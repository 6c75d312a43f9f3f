// The definition of every kernel, in plain loops. Over a float64 memory it defines the mathematics; over a float32
// memory it defines the bits that every other engine must give. Nothing here is tuned beyond the order of loops.

import type { Memory } from "../network/memory.ts";
import { COEFFICIENT } from "../network/plan.ts";
import { exp, log } from "../numerics/exp-log.ts";
import { ACTIVATE, BACK, type Round, SLOPE } from "./activations.ts";
import { denseRow } from "./dense.ts";
import { elementwiseLosses } from "./elementwise-losses.ts";
import type { Kernels, Optimizer } from "./kernels.ts";
import { warpPixels } from "./warp-pixels.ts";

/** The kernels over `memory`: float32 arithmetic if its floats are a Float32Array, else float64. */
export function referenceKernels(memory: Memory): Kernels {
  const { floats: f, doubles, integers, bytes } = memory;
  const round: Round = f instanceof Float32Array ? Math.fround : (x) => x;

  const kernels: Kernels = {
    // x = example / divisor, t = scale·y + shift                                 X6 … X8
    gather(input, targets, examples, at) {
      const { features, form, divisor, cols, classes, labels, soft, order, scale, shift, warp } = examples;
      const source = form === "bytes" ? bytes : f;
      for (let r = 0; r < input.rows; r++) {
        const row = integers[order + at + r]!;
        const to = input.offset + r * input.stride;
        if (warp)
          warpPixels(memory, examples, warp, round, to, row, at + r); //                          X47
        else for (let j = 0; j < cols; j++) f[to + j] = source[features + row * cols + j]! / divisor;
        for (let c = 0; c < classes; c++) {
          const y = soft === undefined ? (integers[labels + row] === c ? 1 : 0) : f[soft + row * classes + c]!;
          f[targets.offset + r * targets.stride + c] = doubles[scale + c]! * y + doubles[shift + c]!;
        }
      }
    },

    // output = σ(input·W + b)                                                    E9
    dense(output, input, W, b, activation) {
      const places = { W: W.offset, stride: W.stride, b: b.offset };
      const row = (offset: number, length: number) => f.subarray(offset, offset + length);
      for (let i = 0; i < output.rows; i++) {
        const z = row(output.offset + i * output.stride, W.cols);
        denseRow(z, row(input.offset + i * input.stride, W.rows), f, places, activation, round);
      }
    },

    // slopes = σ′(z), then output = σ(z) in place of z                           X18 … X20
    activate(output, slopes, activation) {
      const [σ, slope] = [ACTIVATE[activation], SLOPE[activation]];
      for (let i = 0; i < output.rows; i++)
        for (let o = 0; o < output.cols; o++) {
          const at = output.offset + i * output.stride + o;
          f[slopes.offset + i * slopes.stride + o] = slope(f[at]!, round);
          f[at] = σ(f[at]!, round);
        }
    },

    // S = softmax(z), ℓ = −Σ t log S, δ = (Σt)·S − t                             E2, E8, E10
    outputDelta(loss, delta, losses, predictions, logits, targets) {
      if (loss.name !== "softmax-cross-entropy") {
        elementwiseLosses(memory, loss, delta, losses, predictions, logits, targets); //                   X22 … X29
        return;
      }
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

    // below = (delta·Wᵀ) ⊙ σ′                                                    E17, X15
    backpropagate(below, delta, W, kept, activation) {
      const back = BACK[activation];
      for (let i = 0; i < below.rows; i++) {
        const d = delta.offset + i * delta.stride;
        for (let k = 0; k < W.rows; k++) {
          const w = W.offset + k * W.stride;
          let sum = 0;
          for (let o = 0; o < W.cols; o++) sum = round(sum + round(f[d + o]! * f[w + o]!));
          f[below.offset + i * below.stride + k] = back(sum, f[kept.offset + i * kept.stride + k]!, round);
        }
      }
    },

    // dW = inputᵀ·delta / B                                                      E37
    weightGradient(dW, input, delta, adds = false) {
      const inverseB = round(1 / delta.rows);
      for (let k = 0; k < dW.rows; k++) {
        const g = dW.offset + k * dW.stride;
        if (!adds) f.fill(0, g, g + dW.cols);
        for (let i = 0; i < delta.rows; i++) {
          const a = f[input.offset + i * input.stride + k]!;
          const d = delta.offset + i * delta.stride;
          for (let o = 0; o < dW.cols; o++) f[g + o] = f[g + o]! + round(a * f[d + o]!);
        }
        for (let o = 0; !adds && o < dW.cols; o++) f[g + o] = f[g + o]! * inverseB;
      }
    },

    // db = 1·delta / B                                                           E36
    biasGradient(db, delta, adds = false) {
      const inverseB = round(1 / delta.rows);
      for (let o = 0; o < db.cols; o++) {
        let sum = adds ? f[db.offset + o]! : 0;
        for (let i = 0; i < delta.rows; i++) sum = round(sum + f[delta.offset + i * delta.stride + o]!);
        f[db.offset + o] = adds ? sum : sum * inverseB;
      }
    },

    // θ moves along ∇θ                                                           X10 … X14
    update(optimizer, { parameters, gradients, states, decays }, coefficients) {
      const at = (name: keyof typeof COEFFICIENT) => f[coefficients + COEFFICIENT[name]]!;
      UPDATE[optimizer]({
        f,
        round,
        length: parameters.length,
        θ: parameters.offset,
        g: gradients.offset,
        m: states[0]?.offset ?? 0,
        v: states[1]?.offset ?? 0,
        λ: decays ? at("decay") : 0,
        rate: at("rate"),
        decay: at("decay"),
        momentum: at("momentum"),
        beta1: at("beta1"),
        oneMinusBeta1: at("oneMinusBeta1"),
        beta2: at("beta2"),
        oneMinusBeta2: at("oneMinusBeta2"),
        epsilon: at("epsilon"),
        correction: at("correction"),
      });
    },

    // W ← W − η(∇W + λW)                                                         E37, X9, X10
    updateWeights(W, dW, input, delta, coefficients) {
      const length = W.rows * W.stride;
      const spans = { parameters: { offset: W.offset, length }, gradients: { offset: dW.offset, length } };
      kernels.weightGradient(dW, input, delta);
      kernels.update("sgd", { ...spans, states: [], decays: true }, coefficients);
    },
  };
  return kernels;
}

/** The arrays and coefficients of one update. θ, g, m, v: places of the first element of each array in f. */
type Sweep = Readonly<Record<Exclude<keyof typeof COEFFICIENT, "shrink" | "average">, number>> & {
  readonly f: Float32Array | Float64Array;
  readonly round: Round;
  readonly length: number;
  readonly θ: number; // parameters
  readonly g: number; // gradients
  readonly m: number; // states
  readonly v: number;
  readonly λ: number; // the coefficient `decay` for weights, 0 for biases
};

/** Each optimizer's update. Stores round; every other operation rounds by hand, in the order written. */
const UPDATE: Record<Optimizer, (sweep: Sweep) => void> = {
  // θ ← θ − η(g + λθ)                                                            X10, with the λ of X9
  sgd({ f, round, length, θ, g, λ, rate }) {
    for (let i = 0; i < length; i++) {
      f[θ + i] = f[θ + i]! - round(rate * round(f[g + i]! + round(λ * f[θ + i]!)));
    }
  },
  // v ← μv + g + λθ; θ ← θ − ηv                                                  X11
  momentum({ f, round, length, θ, g, m: v, λ, rate, momentum }) {
    for (let i = 0; i < length; i++) {
      f[v + i] = round(momentum * f[v + i]!) + round(f[g + i]! + round(λ * f[θ + i]!));
      f[θ + i] = f[θ + i]! - round(rate * f[v + i]!);
    }
  },
  // v ← μv + g + λθ; θ ← θ − η(g + λθ + μv)                                      X12
  nesterov({ f, round, length, θ, g, m: v, λ, rate, momentum }) {
    for (let i = 0; i < length; i++) {
      const direction = round(f[g + i]! + round(λ * f[θ + i]!));
      f[v + i] = round(momentum * f[v + i]!) + direction;
      f[θ + i] = f[θ + i]! - round(rate * round(direction + round(momentum * f[v + i]!)));
    }
  },
  // Adam on g + λθ                                                               X13
  adam(sweep) {
    const { f, round, length, θ, g, λ } = sweep;
    for (let i = 0; i < length; i++) adamStep(sweep, i, round(f[g + i]! + round(λ * f[θ + i]!)));
  },
  // θ ← θ − λθ, where λ is ηλ of the note; then Adam on g                        X14
  adamw(sweep) {
    const { f, round, length, θ, g, λ } = sweep;
    for (let i = 0; i < length; i++) {
      f[θ + i] = f[θ + i]! - round(λ * f[θ + i]!);
      adamStep(sweep, i, f[g + i]!);
    }
  },
};

/** m ← β₁m + (1 − β₁)d; v ← β₂v + (1 − β₂)d²; θ ← θ − η̂·m / (√v·κ + ε), for element i with direction d. */
function adamStep(s: Sweep, i: number, d: number): void {
  const { f, round, θ, m, v } = s;
  f[m + i] = round(s.beta1 * f[m + i]!) + round(s.oneMinusBeta1 * d);
  f[v + i] = round(s.beta2 * f[v + i]!) + round(s.oneMinusBeta2 * round(d * d));
  const size = round(round(round(Math.sqrt(f[v + i]!)) * s.correction) + s.epsilon);
  f[θ + i] = f[θ + i]! - round(round(s.rate * f[m + i]!) / size);
}
