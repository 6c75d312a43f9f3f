// 95 % intervals of figures on n test rows, for rows drawn independently.
import { type Metrics, meanOf } from "./metrics.ts";

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

/** Of a mean of values ≥ 0, by the normal distribution. */
export function meanInterval(values: Float64Array): Interval {
  const mean = meanOf(values);
  const spread = Z * standardError(values, mean);
  return [Math.max(0, mean - spread), mean + spread];
}

/** Of the root of the mean of `squares` ≥ 0: the normal interval of their mean, its ends' roots. */
export function rootMeanInterval(squares: Float64Array): Interval {
  const [low, high] = meanInterval(squares);
  return [Math.sqrt(low), Math.sqrt(high)];
}

/**
 * Of R² = 1 − A/B, A the mean of `squares`, squared errors, and B that of `spreads`, squared distances of the targets
 * from their mean: by the delta method, −(a_i − (A/B)b_i)/B is what row i adds. Undefined for B = 0.
 */
export function r2Interval(squares: Float64Array, spreads: Float64Array): Interval {
  const [A, B] = [meanOf(squares), meanOf(spreads)];
  const spread =
    Z *
    standardError(
      squares.map((a, i) => (a - (A / B) * spreads[i]!) / B),
      0,
    );
  return [1 - A / B - spread, Math.min(1, 1 - A / B + spread)];
}

/**
 * Of F1 = 2J/(1 + J), J = hits/touched the share of right ones among the rows that have the label, are given it, or
 * both: Wilson's interval of J, carried over. Null where no row is touched.
 */
export function f1Interval(hits: number, touched: number): Interval | null {
  if (touched === 0) return null;
  const [low, high] = wilson(hits / touched, touched);
  return [(2 * low) / (1 + low), (2 * high) / (1 + high)];
}

/**
 * Of the area under a ROC curve, by DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988): `above` holds for each row
 * with the label the share of the others that it ranks above, `below` for each other row the share of those that rank
 * above it. Where these do not vary Wilson's, for as many rows as the smaller of the two has.
 */
export function rocInterval(area: number, above: Float64Array, below: Float64Array): Interval {
  const spread = Z * Math.hypot(standardError(above, area), standardError(below, area));
  if (spread === 0) return wilson(area, Math.min(above.length, below.length));
  return [Math.max(0, area - spread), Math.min(1, area + spread)];
}

/** Of each class's F1, and of their mean by the delta method, from rows by [true class][predicted class]. */
export function classIntervals({ confusion, classes, macro, rows }: Metrics): {
  readonly f1: readonly (Interval | null)[];
  readonly macroF1: Interval | null;
} {
  const hits = confusion.map((row, c) => row[c]!);
  const touched = classes.map(
    ({ support }, c) => support + confusion.reduce((sum, row) => sum + row[c]!, 0) - hits[c]!,
  );
  const f1 = touched.map((n, c) => f1Interval(hits[c]!, n));
  if (macro.f1 === null) return { f1, macroF1: null };
  const known = touched.filter((n) => n > 0).length;
  // what one more of F1_c = 2 hits/(support + predicted) changes when a row of class c is counted, or one taken for it
  const pull = (c: number) => (classes[c]!.f1 ?? 0) / Math.max(1, touched[c]! + hits[c]!);
  const added = (y: number, p: number) =>
    ((y === p ? 2 / Math.max(1, touched[y]! + hits[y]!) : 0) - pull(y) - pull(p)) * (rows / known);
  const square = confusion.reduce((sum, row, y) => row.reduce((part, n, p) => part + n * added(y, p) ** 2, sum), 0);
  const spread = (Z * Math.sqrt(square / rows)) / Math.sqrt(Math.max(1, rows - 1));
  if (spread === 0) return { f1, macroF1: wilson(macro.f1, rows) };
  return { f1, macroF1: [Math.max(0, macro.f1 - spread), Math.min(1, macro.f1 + spread)] };
}

/** √(variance/(n − 1)) of the mean of n values around `mean`. */
function standardError(values: Float64Array, mean: number): number {
  return Math.sqrt(meanOf(values.map((x) => (x - mean) ** 2)) / Math.max(1, values.length - 1));
}
