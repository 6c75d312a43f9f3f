// Temperature: outputs z are divided by T > 0 before softmax, or before the logistic function of labels, so that
// probabilities mean what they say (Guo et al., ICML 2017). T is fitted on rows that were not trained on; the order of
// the outputs, and so every class and every label, stays as it is. Float64, sums in row order.
import { exp, log, logistic } from "../numerics/exp-log.ts";
import { exponentials } from "../numerics/softmax.ts";

/** z_L of n rows [n×C] and their targets: class indices [n], or of labels numbers in [0, 1] [n×C]. */
export type CalibrationRows = {
  readonly logits: Float64Array;
  readonly outputs: number;
  readonly wanted: ArrayLike<number>;
  readonly labels: boolean;
};

const [LEAST, MOST] = [1 / 64, 64]; // of β = 1/T
const NEWTON = 16; // steps, mostly enough; then the bracket is halved, as where the best T is a bound
const ROUNDS = 64;

/**
 * The T in [1/64, 64] of the lowest mean cross-entropy: the root of its derivative by β = 1/T, which rises with β as
 * the loss is convex in it, by Newton's steps held in a bracket. 1 where no T changes anything.
 */
export function fitTemperature(rows: CalibrationRows): number {
  let [low, high] = [LEAST, MOST];
  let beta = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const { slope, curvature } = derivatives(rows, beta);
    if (slope === 0) return 1 / beta;
    if (slope > 0) high = beta;
    else low = beta;
    const step = beta - slope / curvature;
    const next = round < NEWTON && step > low && step < high ? step : (low + high) / 2;
    if (Math.abs(next - beta) <= 2 ** -40 * beta) return 1 / next;
    beta = next;
  }
  return 1 / beta;
}

/**
 * Sums over the rows of ∂ℓ/∂β and ∂²ℓ/∂β²: of softmax E[z] − z_y and Var[z] under S(βz), of labels z(p − t) and
 * z²p(1 − p).
 */
function derivatives({ logits, outputs: C, wanted, labels }: CalibrationRows, beta: number) {
  let [slope, curvature] = [0, 0];
  if (labels) {
    for (let k = 0; k < logits.length; k++) {
      const z = logits[k]!;
      const p = logistic(beta * z);
      slope += z * (p - wanted[k]!);
      curvature += z * z * p * logistic(-beta * z);
    }
    return { slope, curvature };
  }
  const numerators = new Float64Array(C);
  for (let i = 0; i < wanted.length; i++) {
    const { denominator, argmax } = exponentials(logits, i * C, C, numerators, beta);
    const top = logits[i * C + argmax]!;
    let [mean, square] = [0, 0]; // of z − max z
    for (let c = 0; c < C; c++) {
      const z = logits[i * C + c]! - top;
      const p = numerators[c]! / denominator;
      mean += p * z;
      square += p * z * z;
    }
    slope += mean - (logits[i * C + wanted[i]!]! - top);
    curvature += square - mean * mean;
  }
  return { slope, curvature };
}

const BINS = 15;

/**
 * Expected calibration error at temperature T: rows in 15 bins of equal width by the probability of their answer, the
 * mean over rows of |share that is right − mean probability| of their bin. Of labels: of every label of every row, by
 * the probability that it is there.
 */
export function calibrationError({ logits, outputs: C, wanted, labels }: CalibrationRows, temperature = 1): number {
  const [count, sure, right] = [new Float64Array(BINS), new Float64Array(BINS), new Float64Array(BINS)];
  const add = (p: number, is: number) => {
    const bin = Math.min(BINS - 1, Math.floor(BINS * p));
    count[bin]!++;
    sure[bin]! += p;
    right[bin]! += is;
  };
  const beta = 1 / temperature;
  if (labels) for (let k = 0; k < logits.length; k++) add(logistic(beta * logits[k]!), wanted[k]!);
  else
    for (let i = 0; i < wanted.length; i++) {
      const { denominator, argmax } = exponentials(logits, i * C, C, undefined, beta);
      add(1 / denominator, Number(argmax === wanted[i]));
    }
  const all = labels ? logits.length : wanted.length;
  return right.reduce((sum, r, bin) => sum + Math.abs(r - sure[bin]!), 0) / all;
}

/** Mean cross-entropy at temperature T, natural logarithm. */
export function lossAt({ logits, outputs: C, wanted, labels }: CalibrationRows, temperature = 1): number {
  const beta = 1 / temperature;
  let sum = 0;
  if (labels) {
    for (let k = 0; k < logits.length; k++) {
      const z = beta * logits[k]!;
      sum += log(1 + exp(z < 0 ? z : -z)) + Math.max(0, z) - wanted[k]! * z;
    }
    return (sum * C) / logits.length;
  }
  for (let i = 0; i < wanted.length; i++) {
    const { denominator, argmax } = exponentials(logits, i * C, C, undefined, beta);
    sum += log(denominator) - beta * (logits[i * C + wanted[i]!]! - logits[i * C + argmax]!);
  }
  return sum / wanted.length;
}
