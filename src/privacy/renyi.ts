// Rényi differential privacy of the sampled Gaussian mechanism: Mironov, Talwar and Zhang, "Rényi Differential Privacy
// of the Sampled Gaussian Mechanism" (arXiv 1908.10530), section 3.3, and its conversion to (ε, δ): Balle et al.,
// "Hypothesis Testing Interpretations and Rényi Differential Privacy" (arXiv 1905.09982), theorem 21.
import { exp, log } from "../numerics/exp-log.ts";
import { log1p } from "../numerics/expm1-log1p.ts";
import { logNormalTail } from "../numerics/normal.ts";

/** Noise σ of a step as a multiple of the clipping norm, > 0; chance q of a row to be drawn, in (0, 1]; steps ≥ 0. */
export type SampledGaussian = { readonly noise: number; readonly rate: number; readonly steps: number };

/** Orders α at which the bound is taken: 1.1, 1.2, …, 10.9, 12, 13, …, 63, as of the published figures, and larger. */
export const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, k) => 1 + (k + 1) / 10),
  ...Array.from({ length: 52 }, (_, k) => 12 + k),
  80,
  96,
  128,
  192,
  256,
  512,
  1024,
];

/** Whole orders, whose sums are short. */
export const WHOLE_ORDERS = ORDERS.filter(Number.isInteger);

/** The smallest ε ≥ 0 with (ε, δ) over the orders, δ in (0, 1). Infinite where no order gives one. */
export function renyiEpsilon({ noise, rate, steps }: SampledGaussian, delta: number, orders = ORDERS): number {
  let least = Number.POSITIVE_INFINITY;
  for (const order of orders) {
    // ε = RDP(α) + ln((α − 1)/α) − (ln δ + ln α)/(α − 1)
    const total = steps * renyiDivergence(noise, rate, order);
    const epsilon = total + log((order - 1) / order) - (log(delta) + log(order)) / (order - 1);
    if (epsilon < least) least = epsilon;
  }
  return Math.max(0, least);
}

/** RDP(α) of one step, α > 1: ln A_α/(α − 1) (X46). */
export function renyiDivergence(noise: number, rate: number, order: number): number {
  if (rate === 1) return order / (2 * noise * noise);
  const logA = Number.isInteger(order) ? wholeOrder(noise, rate, order) : fractionalOrder(noise, rate, order);
  return Math.max(0, logA / (order - 1));
}

/** ln Σ_k C(α, k) (1 − q)^{α − k} q^k e^{k(k − 1)/2σ²}: equation (3.3). */
function wholeOrder(noise: number, rate: number, order: number): number {
  const [stay, drawn] = [log1pOf(-rate), log(rate)];
  let binomial = 0; // ln C(α, k)
  let sum = Number.NEGATIVE_INFINITY;
  for (let k = 0; k <= order; k++) {
    sum = logAdd(sum, binomial + (order - k) * stay + k * drawn + (k * (k - 1)) / (2 * noise * noise));
    binomial += log((order - k) / (k + 1));
  }
  return sum;
}

/** The two series of section 3.3, split where both parts of the mixture are equal; terms alternate from k > α on. */
function fractionalOrder(noise: number, rate: number, order: number): number {
  const [stay, drawn] = [log1pOf(-rate), log(rate)];
  const middle = noise * noise * log(1 / rate - 1) + 0.5;
  let [positive, negative] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let binomial = 0; // ln |C(α, k)|
  let sign = 1;
  for (let k = 0; k < MOST_TERMS; k++) {
    const rest = order - k;
    const below = k * drawn + rest * stay + (k * (k - 1)) / (2 * noise * noise) + logNormalTail((k - middle) / noise);
    const above =
      rest * drawn + k * stay + (rest * (rest - 1)) / (2 * noise * noise) + logNormalTail((middle - rest) / noise);
    const term = binomial + logAdd(below, above);
    if (sign > 0) positive = logAdd(positive, term);
    else negative = logAdd(negative, term);
    if (k > order && term < positive - SMALL_TERM) break;
    const factor = rest / (k + 1);
    if (factor < 0) sign = -sign;
    binomial += log(Math.abs(factor));
  }
  return positive + log1pOf(-exp(negative - positive));
}

const MOST_TERMS = 10_000;
const SMALL_TERM = 40; // e⁻⁴⁰ of the sum is below its rounding

/** ln(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + log1p(exp(low - high));
}

/** ln(1 + u) for u in (−1, 0]: −ln(1 + v) at v = −u/(1 + u). */
function log1pOf(u: number): number {
  const v = -u / (1 + u);
  return v <= 1 ? -log1p(v) : log(1 + u);
}
