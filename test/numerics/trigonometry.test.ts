import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { cosTurns, sinTurns } from "../../src/numerics/trigonometry.ts";
import { fixedErrorInUlps } from "./big.ts";

const BITS = 320n;
const ONE = 1n << BITS;

/** arctan(1/n) in fixed point. */
function arctan(n: bigint): bigint {
  let power = ONE / n;
  let sum = power;
  for (let k = 3n, sign = -1n; power !== 0n; k += 2n, sign = -sign) {
    power /= n * n;
    sum += (sign * power) / k;
  }
  return sum;
}

const TWO_PI = 8n * (4n * arctan(5n) - arctan(239n)); // Machin: π/4 = 4 arctan(1/5) − arctan(1/239)

/** sin (from = 1) or cos (from = 0) of 2πt by its Taylor series, t a multiple of 2⁻⁶⁰ in [−1, 1]. No reduction. */
function witness(t: number, from: 0 | 1): bigint {
  const x = (BigInt(t * 2 ** 60) * TWO_PI) >> 60n;
  let term = from === 0 ? ONE : x;
  let sum = term;
  for (let k = BigInt(from) + 2n; term !== 0n; k += 2n) {
    term = -(((term * x) >> BITS) * x) / (ONE * k * (k - 1n));
    sum += term;
  }
  return sum;
}

test("cosTurns and sinTurns are within 2 ulp of 320-bit series at 10,000 points of [−1, 1]", () => {
  const random = new Random(11, 99);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < 10_000; i++) {
    const t = (i % 2 === 0 ? random.uint32() / 2 ** 31 - 1 : Math.floor(random.normal() * 2 ** 50) / 2 ** 60) || 0.125;
    for (const error of [fixedErrorInUlps(cosTurns(t), witness(t, 0)), fixedErrorInUlps(sinTurns(t), witness(t, 1))])
      if (error > worst) [worst, at] = [error, t];
  }
  expect(worst, `at ${at}`).toBeLessThanOrEqual(2);
  expect(worst).toBeGreaterThan(0.5);
});

test("every quarter turn is exact, however many turns before it", () => {
  for (const turns of [0, 1, -1, 7, -1000, 2 ** 40]) {
    expect([0, 0.25, 0.5, 0.75].map((q) => cosTurns(turns + q))).toEqual([1, 0, -1, 0]);
    expect([0, 0.25, 0.5, 0.75].map((q) => sinTurns(turns + q) + 0)).toEqual([0, 1, 0, -1]);
  }
});

test("cosine is even, sine is odd, and a whole turn changes nothing", () => {
  const random = new Random(12, 99);
  for (let i = 0; i < 1000; i++) {
    const t = random.uint32() / 2 ** 32;
    expect(cosTurns(-t)).toBe(cosTurns(t));
    expect(sinTurns(-t) + 0).toBe(0 - sinTurns(t));
    expect(cosTurns(t + 3)).toBe(cosTurns(t));
    expect(sinTurns(t + 3)).toBe(sinTurns(t));
  }
});

test("neither NaN nor an infinity has a sine or cosine", () => {
  for (const t of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(cosTurns(t)).toBeNaN();
    expect(sinTurns(t)).toBeNaN();
  }
});
