// cos and sin of an angle in turns (1 turn = 2π), from + − × ÷ alone, so that all browsers give the same bits (Math.cos
// does not). In turns the reduction of the argument is exact. Not for angles in radians.

const TURN = 2 * Math.PI;

/** (−1)^k/(2k + 1)! for k = 1 … 8. The next term is below 2⁻⁶⁰ for |x| ≤ π/4. */
export const SIN_SERIES = [
  -1 / 6,
  1 / 120,
  -1 / 5040,
  1 / 362880,
  -1 / 39916800,
  1 / 6227020800,
  -1 / 1307674368000,
  1 / 355687428096000,
] as const;

/** (−1)^k/(2k)! for k = 2 … 8. The next term is below 2⁻⁵⁸ for |x| ≤ π/4. */
export const COS_SERIES = [
  1 / 24,
  -1 / 720,
  1 / 40320,
  -1 / 3628800,
  1 / 479001600,
  -1 / 87178291200,
  1 / 20922789888000,
] as const;

function series(z: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = coefficients[k]! + z * sum;
  return sum;
}

/** sin(2π(t + quarters/4)) for t ≥ 0. */
function sine(t: number, quarters: number): number {
  const part = t - Math.floor(t); //          exact, in [0, 1)
  const q = Math.floor(4 * part + 0.5); //    the nearest quarter turn
  const x = TURN * (part - q / 4); //         |x| ≤ π/4; the difference is exact (Sterbenz)
  const z = x * x;
  const quadrant = (q + quarters) % 4;
  const value = quadrant % 2 === 0 ? x + x * z * series(z, SIN_SERIES) : 1 - (0.5 * z - z * z * series(z, COS_SERIES));
  return quadrant < 2 ? value : 0 - value;
}

/** cos(2πt) for any finite t, within 2 ulp; exact at every multiple of a quarter turn. NaN for NaN and ±∞. */
export function cosTurns(t: number): number {
  return sine(Math.abs(t), 1);
}

/** sin(2πt) for any finite t, within 2 ulp; exact at every multiple of a quarter turn. NaN for NaN and ±∞. */
export function sinTurns(t: number): number {
  return t < 0 ? -sine(-t, 0) : sine(t, 0);
}
