// e^x − 1, ln(1 + u) and ln(1 + e^x) in float64, exact where the obvious forms cancel, from exp-log.ts and + − × ÷
// alone, so that TypeScript, WebAssembly and C give the same bits. Measured in test/numerics/expm1-log1p.test.ts.
import { exp, log, TANH_BOTTOM, TANH_TOP } from "./exp-log.ts";

const [T0, T1, T2, T3] = TANH_TOP;
const [B0, B1, B2, B3] = TANH_BOTTOM;

/** e^x − 1 for any double: (e^x + 1)·tanh(x/2) for |x| < 1, with Lambert's fraction; elsewhere the difference. */
export function expm1(x: number): number {
  const e = exp(x);
  const size = x < 0 ? -x : x;
  if (!(size < 1)) return e - 1; // NaN stays NaN
  const h = 0.5 * x;
  const z = h * h;
  const top = T0 + z * (T1 + z * (T2 + z * T3));
  const bottom = B0 + z * (B1 + z * (B2 + z * (B3 + z)));
  return (e + 1) * ((h * top) / bottom);
}

/** ln(1 + u) for u in [0, 1]: ln v·u/(v − 1) for v = 1 + u as rounded, whose errors cancel (Kahan). NaN for NaN. */
export function log1p(u: number): number {
  const v = 1 + u;
  const d = v - 1; // exact
  return d === 0 ? u : (log(v) * u) / d;
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^{−|x|}). */
export function softplus(x: number): number {
  const tail = log1p(exp(x < 0 ? x : -x));
  return x > 0 ? x + tail : tail;
}
