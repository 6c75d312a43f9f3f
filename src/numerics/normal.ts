// The normal distribution in float64: φ(x) = e^{−x²/2}/√2π and Φ(x) = ∫φ. Relative error of the tail Φ(−t) within
// (3 + t²/2)·2⁻⁵², most of it of e^{−t²/2} at a rounded t²: measured in test/numerics/normal.test.ts.
import { exp, log } from "./exp-log.ts";
import { log1p } from "./expm1-log1p.ts";

/** 1/√(2π). */
export const INVERSE_ROOT_2PI = 0.3989422804014327;

/** The map v = (t − 5)/(t + 5) of [0, ∞] to [−1, 1]. */
export const TAIL_CENTER = 5;

/**
 * (1 + t)·e^{t²/2}·Φ(−t) as a polynomial in v, lowest power first: its Chebyshev series at 50 digits, cut where terms
 * fall below 2⁻⁵⁶ and multiplied out (the method of Shepherd and Laframboise, Math. Comp. 36, 1981, for erfc).
 */
export const TAIL_SERIES = [
  0.46151582985003775, -0.09155228183400904, 0.031030368425963708, 0.010002352385229382, -0.026401042966308307,
  0.024536963243678652, -0.015170415402514863, 0.006522000667783896, -0.00167607234455447, 7.791597409338999e-6,
  0.00018233414511643843, -5.36075811148722e-5, -9.896097759279782e-6, 9.05982468125664e-6, -7.034644683537101e-8,
  -1.3074486019237587e-6, 1.27878221820937e-7, 1.9627809920091187e-7, -2.6286205089898754e-8, -3.095201755804207e-8,
  3.627373163401201e-9, 4.4011596227599254e-9, -2.8220772290629865e-10, -3.815816262632953e-10,
] as const;

/** e^{−x²/2}. */
export const bell = (x: number): number => exp(-0.5 * (x * x));

/** Φ(x), given e = bell(x). */
export function normalCdf(x: number, e = bell(x)): number {
  const t = x < 0 ? -x : x;
  const tail = e * tailFactor(t);
  return x < 0 ? tail : 1 - tail;
}

/** e^{t²/2}·Φ(−t) for t ≥ 0. */
function tailFactor(t: number): number {
  const v = (t - TAIL_CENTER) / (t + TAIL_CENTER);
  let s: number = TAIL_SERIES[TAIL_SERIES.length - 1]!;
  for (let k = TAIL_SERIES.length - 2; k >= 0; k--) s = TAIL_SERIES[k]! + v * s;
  return s / (1 + t);
}

/** ln Φ(−t) for any t; also where Φ(−t) is below every double. */
export function logNormalTail(t: number): number {
  if (t > 0) return log(tailFactor(t)) - 0.5 * (t * t);
  const tail = normalCdf(t); // Φ(−t) = 1 − tail
  return -log1p(tail / (1 - tail));
}
