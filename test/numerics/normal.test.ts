import { expect, test } from "vitest";
import { logNormalTail, normalCdf } from "../../src/numerics/normal.ts";
import { bigExp, fixedErrorInUlps } from "./big.ts";

const BITS = 320n;
const ONE = 1n << BITS;

/** The integer square root. */
function root(n: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** arctan(1/n), for Machin's π = 16 arctan(1/5) − 4 arctan(1/239). */
function arctan(n: bigint): bigint {
  let [power, sum, sign] = [ONE / n, 0n, 1n];
  for (let k = 1n; power !== 0n; k += 2n, power /= n * n, sign = -sign) sum += (sign * power) / k;
  return sum;
}
const ROOT_2PI = root(2n * (16n * arctan(5n) - 4n * arctan(239n)) * ONE);

/** Φ(n/64) by the series ½ + φ(x)(x + x³/3 + x⁵/15 + …) in 320 bits. */
function bigCdf(n: number): bigint {
  const x = (BigInt(n) << BITS) / 64n;
  const { m, k } = bigExp(-(n * n) / 8192); // exact
  let [term, sum] = [x, x];
  for (let j = 3n; term !== 0n; j += 2n) {
    term = (((term * x) >> BITS) * x) / (j << BITS);
    if (term === -1n) break; // BigInt shifts round down
    sum += term;
  }
  return ONE / 2n + ((((m >> BigInt(-k)) * sum) >> BITS) * ONE) / ROOT_2PI;
}

test("the normal distribution is within (3 + t²/2) ulp in its tail, and 1 ulp above 0, of 320-bit references", () => {
  let worst = 0;
  for (let n = -640; n <= 640; n += 3) {
    const x = n / 64;
    const error = fixedErrorInUlps(normalCdf(x), bigCdf(n)) / (x > 0 ? 1 : 3 + (x * x) / 2);
    if (error > worst) worst = error;
  }
  expect(worst).toBeLessThanOrEqual(1);
  expect(worst).toBeGreaterThan(0.3);
});

test("it is ½ at 0, 0 and 1 far out, and NaN for NaN", () => {
  expect(normalCdf(0)).toBe(0.5);
  expect(normalCdf(-3e38)).toBe(0);
  expect(normalCdf(3e38)).toBe(1);
  expect(normalCdf(Number.NaN)).toBeNaN();
});

test("ln Φ(−t) is that of another library, far below every double too", () => {
  // scipy.stats.norm.logsf
  for (const [t, log] of [
    [50, -1254.8313611394199],
    [1, -1.8410216450092634],
    [-3, -0.0013508099647481925],
    [300, -45006.62273211866],
  ] as const)
    expect(Math.abs(logNormalTail(t) / log - 1)).toBeLessThan(1e-14);
});
