// Two standard normal draws of two words (Box and Muller, 1958) in float32, each operation rounded, so that every
// engine has the same bits. Within 4·10⁻⁷ of the radius.
const f = Math.fround;

type N = number;
type Nine = readonly [N, N, N, N, N, N, N, N, N];

/** ln(1 + t) = t − t²/2 + t³·(…), |t| < 0.42, to 10⁻⁸; from the highest power of t (Cephes, logf). */
export const LOG_SERIES = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(f) as readonly number[] as Nine;
/** sin x = x + x³·(…), cos x = 1 − x²/2 + x⁴·(…), |x| ≤ π/4, to 10⁻⁸; from the highest power of x² (Cephes, sinf). */
export const SINE = [f(-1.9515295891e-4), f(8.3321608736e-3), f(-1.6666654611e-1)] as const;
export const COSINE = [f(2.443315711809948e-5), f(-1.388731625493765e-3), f(4.166664568298827e-2)] as const;
export const LN_2 = f(Math.LN2);
export const ROOT_HALF = 0x3f3504f3; // the bits of √½
export const NEAR = -(2 ** -31); //     of a place below 1
export const STEP = f((2 * Math.PI) / 2 ** 32); // an angle's

const [L0, L1, L2, L3, L4, L5, L6, L7, L8] = LOG_SERIES;
const [S0, S1, S2] = SINE;
const [C0, C1, C2] = COSINE;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** √(−2 ln u), u = (word >>> 1 + ½)/2³¹. */
export function radiusOf(word: number): number {
  const k = word >>> 1;
  float[0] = f(f(k) + 0.5);
  const above = (bits[0]! - ROOT_HALF) | 0; //    u = 2^(e − 31)·(1 + t), e = above >> 23
  const e = 31 - (above >> 23);
  bits[0] = (above & 0x7fffff) + ROOT_HALF;
  const near = f(f(f(0x7fffffff - k) + 0.5) * NEAR); // u − 1, where subtracting would lose its bits
  const t = e === 0 ? near : f(float[0]! - 1);
  const z = f(t * t);
  let y = f(f(f(L0 * t) + L1) * t);
  y = f(f(y + L2) * t);
  y = f(f(y + L3) * t);
  y = f(f(y + L4) * t);
  y = f(f(y + L5) * t);
  y = f(f(y + L6) * t);
  y = f(f(y + L7) * t);
  y = f(f(y + L8) * f(t * z));
  const ln = f(t + f(y - f(0.5 * z)));
  return f(Math.sqrt(f(2 * f(f(e * LN_2) - ln))));
}

/** out[first] = radius·cos 2π(word + ½)/2³², out[second] the same with sin. */
export function placePair(out: Float32Array, first: number, second: number, radius: number, word: number): void {
  const angle = word | 0;
  const quarter = (angle + 0x20000000) >>> 30; //      the nearest quarter turn, of 4
  const x = f(f(f((angle - (quarter << 30)) | 0) + 0.5) * STEP);
  const z = f(x * x);
  const sin = f(x + f(f(x * z) * f(f(f(f(S0 * z) + S1) * z) + S2)));
  const cos = f(f(1 - f(0.5 * z)) + f(f(z * z) * f(f(f(f(C0 * z) + C1) * z) + C2)));
  const even = quarter & 1 ? sin : cos;
  const odd = quarter & 1 ? cos : sin;
  out[first] = f(radius * ((quarter + 1) & 2 ? -even : even));
  out[second] = f(radius * (quarter & 2 ? -odd : odd));
}
