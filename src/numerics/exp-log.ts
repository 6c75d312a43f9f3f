// exp, log, tanh and the logistic function in float64, from + − × ÷ and bit operations alone, so that TypeScript,
// WebAssembly and C give the same bits. exp and log are within 1 ulp, tanh and logistic within 3: measured against
// 256-bit references in test/numerics/exp-log.test.ts.
//
// Constants: ln 2 = LN2_HI + LN2_LO, where LN2_HI has 33 significant bits, so k·LN2_HI is exact for |k| < 2²⁰
// (the split of Cody and Waite, "Software Manual for the Elementary Functions", 1980). Every other coefficient is a
// rational number of the series named beside it.

const view = new DataView(new ArrayBuffer(8));

export const LN2_HI = 0x162e42fef / 0x200000000; // ⌊ln 2 · 2³³⌋ / 2³³
export const LN2_LO = 7.440617110012397e-11; //   ln 2 − LN2_HI, rounded once
export const LOG2_E = Math.LOG2E; //               1 / ln 2
export const ROUND = 0x18000000000000; //          1.5 · 2⁵²: adding and subtracting it rounds to an integer
export const EXP_OVERFLOW = 709.782712893384; //   ln of the largest double
export const EXP_UNDERFLOW = -745.1332191019412; // ln of half the smallest subnormal
export const SQRT_HALF = 0x3fe6a09e; //            the upper half of the bits of √½
export const TANH_SMALL = 0.625; //                below it Lambert's fraction

/** 1/k! for k = 2 … 13. The next term is below 2⁻⁵⁷ for |r| ≤ ln 2 / 2. */
export const EXP_SERIES = [
  1 / 2,
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5040,
  1 / 40320,
  1 / 362880,
  1 / 3628800,
  1 / 39916800,
  1 / 479001600,
  1 / 6227020800,
] as const;

/** 2/(2k + 1) for k = 1 … 11: 2·artanh(s)/s − 2 as a series in s². The next term is below 2⁻⁵⁹ for |s| ≤ 3 − 2√2. */
export const LOG_SERIES = [2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17, 2 / 19, 2 / 21, 2 / 23] as const;

/** Lambert's fraction of tanh multiplied out: x·TOP(x²) / BOTTOM(x²), lowest power first. */
export const TANH_TOP = [2027025, 270270, 6930, 36] as const;
export const TANH_BOTTOM = [2027025, 945945, 51975, 630, 1] as const;

const [E2, E3, E4, E5, E6, E7, E8, E9, E10, E11, E12, E13] = EXP_SERIES;
const [L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11] = LOG_SERIES;
const [T0, T1, T2, T3] = TANH_TOP;
const [B0, B1, B2, B3] = TANH_BOTTOM;

/** 2^k as a double, −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  view.setInt32(0, (k + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

/** e^x for any double: exp(0) = 1, exp(−∞) = 0, exp(∞) = ∞, NaN for NaN. Overflow gives ∞, underflow subnormals, 0. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < EXP_UNDERFLOW) return 0;
  const k = x * LOG2_E + ROUND - ROUND;
  const high = x - k * LN2_HI; // exact
  const low = k * LN2_LO;
  const r = high - low; //        |r| ≤ ln 2 / 2
  const lost = high - r - low; // the rounding error of r
  const tail =
    E3 + r * (E4 + r * (E5 + r * (E6 + r * (E7 + r * (E8 + r * (E9 + r * (E10 + r * (E11 + r * (E12 + r * E13)))))))));
  const square = r * r;
  const y = 1 + (r + (square * E2 + (square * r * tail + lost)));
  const half = k * 0.5 + ROUND - ROUND; // 2^k in two factors: k = 1024 and subnormal results need no special case
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** ln x for any double x. log(1) = 0, log(0) = −∞, log(∞) = ∞; NaN for NaN and for a negative number. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let k = 0;
  let scaled = x;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 0x40000000000000; // 2⁵⁴ lifts a subnormal into the normal range
    k = -54;
  }
  view.setFloat64(0, scaled);
  const bits = view.getInt32(0) - SQRT_HALF; // so that x = 2^k·m with √½ ≤ m < √2
  k += bits >> 20;
  view.setInt32(0, (bits & 0xfffff) + SQRT_HALF);
  const f = view.getFloat64(0) - 1; // exact
  const s = f / (2 + f);
  const z = s * s;
  const series =
    z *
    (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * (L7 + z * (L8 + z * (L9 + z * (L10 + z * L11))))))))));
  const half = 0.5 * f * f;
  // ln(1 + f) = f − f²/2 + s·(f²/2 + series), from 2·artanh(s) = s·(2 + series) and 2s = f − s·f
  return k * LN2_HI - (half - (s * (half + series) + k * LN2_LO) - f);
}

/** 1/(1 + e^{−x}) for any double x. The relative error is a few ulp for tiny results, too. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/**
 * tanh x for any double x. For |x| < TANH_SMALL Lambert's continued fraction x/(1 + x²/(3 + x²/(5 + …))), cut after 15
 * (error 7·10⁻¹⁸) and multiplied out; elsewhere 1 − 2/(e^{2x} + 1).
 */
export function tanh(x: number): number {
  const size = x < 0 ? -x : x;
  if (!(size < TANH_SMALL)) {
    const t = 1 - 2 / (exp(2 * size) + 1); // NaN stays NaN
    return x < 0 ? -t : t;
  }
  const z = x * x;
  const top = T0 + z * (T1 + z * (T2 + z * T3));
  const bottom = B0 + z * (B1 + z * (B2 + z * (B3 + z)));
  return (x * top) / bottom;
}
