// Every loss but softmax cross-entropy, with its own δ^L (X22 … X29), in float64: the definition, and what
// WebAssembly's memory is given, too, where a loss is a few numbers an example. native/losses.h has the same
// operations.

import type { LossName } from "../network/losses.ts";
import type { Memory } from "../network/memory.ts";
import type { PlannedLoss, View } from "../network/plan.ts";
import { exp, logistic } from "../numerics/exp-log.ts";
import { log1p, softplus } from "../numerics/expm1-log1p.ts";

/** ℓ of one output, and ∂ℓ/∂z. */
export type LossTerm = { readonly value: number; readonly slope: number };

type Elementwise = Exclude<LossName, "softmax-cross-entropy" | "gaussian">;

/** ℓ and ∂ℓ/∂z at output z for the target t; `p` is the loss's constant. No branch subtracts numbers that cancel. */
export const TERM: Record<Elementwise, (z: number, t: number, p: number) => LossTerm> = {
  // (1 − t)z + ln(1 + e^{−z}); p − t
  "sigmoid-cross-entropy"(z, t) {
    const tail = log1p(exp(z < 0 ? z : -z));
    return z >= 0
      ? { value: (1 - t) * z + tail, slope: 1 - t - logistic(-z) }
      : { value: t * -z + tail, slope: logistic(z) - t };
  },
  // −t(1 − p)^γ ln p − (1 − t)p^γ ln(1 − p)
  focal(z, t, gamma) {
    const [p, q] = [logistic(z), logistic(-z)];
    const [a, b] = [softplus(z), softplus(-z)]; // −ln(1 − p), −ln p
    const [yes, no] = [exp(-gamma * a), exp(-gamma * b)]; // (1 − p)^γ, p^γ
    return {
      value: t * (yes * b) + (1 - t) * (no * a),
      slope: (1 - t) * (no * (gamma * (q * a) + p)) - t * (yes * (gamma * (p * b) + q)),
    };
  },
  "squared-error"(z, t) {
    const r = z - t;
    return { value: 0.5 * (r * r), slope: r };
  },
  "absolute-error"(z, t) {
    const r = z - t;
    return { value: r < 0 ? -r : r, slope: r > 0 ? 1 : r < 0 ? -1 : 0 };
  },
  huber(z, t, threshold) {
    const r = z - t;
    const size = r < 0 ? -r : r;
    return size <= threshold
      ? { value: 0.5 * (r * r), slope: r }
      : { value: threshold * (size - 0.5 * threshold), slope: r > 0 ? threshold : -threshold };
  },
  quantile(z, t, level) {
    const r = z - t;
    return { value: r > 0 ? (1 - level) * r : level * -r, slope: r > 0 ? 1 - level : r < 0 ? -level : 0 };
  },
  // e^z − tz; ln t! depends on no parameter and is left out
  poisson(z, t) {
    const rate = exp(z);
    return { value: rate - t * z, slope: rate - t };
  },
};

/** ½(s + (m − t)²e^{−s}) for mean m and log variance s, and its slopes; ½ ln 2π is left out. */
export function gaussianTerm(m: number, s: number, t: number): LossTerm & { readonly slope2: number } {
  const half = 0.5 * s;
  const r = m - t;
  const inverse = exp(-half);
  const w = r === 0 ? 0 : r * inverse; // (m − t)/σ; 0 also where 1/σ overflows
  return {
    value: half + 0.5 * (w * w),
    slope: w === 0 ? 0 : w * inverse,
    slope2: 0.5 - 0.5 * (w * w),
  };
}

/**
 * X22 … X29: ℓ, δ^L and the greatest output of each row. A column of `targets` beyond the last target is the row's
 * weight, by which ℓ and δ^L are multiplied.
 */
export function elementwiseLosses(
  { floats: f, doubles, integers }: Memory,
  { name, perTarget, parameters }: PlannedLoss,
  delta: View,
  losses: View,
  predictions: View,
  output: View,
  targets: View,
): void {
  const C = output.cols;
  const T = C / perTarget;
  for (let i = 0; i < output.rows; i++) {
    const z = output.offset + i * output.stride;
    const t = targets.offset + i * targets.stride;
    const d = delta.offset + i * delta.stride;
    const weight = targets.cols > T ? f[t + T]! : 1;
    let best = 0;
    for (let c = 1; c < C; c++) if (f[z + c]! > f[z + best]!) best = c;
    let sum = 0;
    if (name === "gaussian")
      for (let c = 0; c < C; c += 2) {
        const w = doubles[parameters + c]!;
        const { value, slope, slope2 } = gaussianTerm(f[z + c]!, f[z + c + 1]!, f[t + c / 2]!);
        sum += w * value;
        f[d + c] = weight * (w * slope);
        f[d + c + 1] = weight * (w * slope2);
      }
    else
      for (let c = 0; c < C; c++) {
        const w = doubles[parameters + c]!;
        const term = TERM[name as Elementwise];
        const { value, slope } = term(f[z + c]!, f[t + Math.floor(c / perTarget)]!, doubles[parameters + C + c]!);
        sum += w * value;
        f[d + c] = weight * (w * slope);
      }
    doubles[losses.offset + i] = weight * sum;
    integers[predictions.offset + i] = best;
  }
}
