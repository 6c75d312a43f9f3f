// 95 % intervals of figures on n test rows, for rows drawn independently.
import { meanOf } from "./metrics.ts";

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/** Of a share p = k/n, by Wilson's score: sound also near 0 and 1, where p ± z·√(p(1 − p)/n) is not. */
export function wilson(share: number, n: number): Interval {
  const z2 = Z * Z;
  const center = share + z2 / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  const whole = 1 + z2 / n;
  return [Math.max(0, (center - spread) / whole), Math.min(1, (center + spread) / whole)];
}

/** Of the root of the mean of `squares` ≥ 0: the normal interval of their mean, its ends' roots. */
export function rootMeanInterval(squares: Float64Array): Interval {
  const mean = meanOf(squares);
  const variance = meanOf(squares.map((x) => (x - mean) ** 2));
  const spread = Z * Math.sqrt(variance / Math.max(1, squares.length - 1));
  return [Math.sqrt(Math.max(0, mean - spread)), Math.sqrt(mean + spread)];
}
