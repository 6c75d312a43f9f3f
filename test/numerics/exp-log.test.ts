import { expect, test } from "vitest";
import { exp, LN2_HI, LN2_LO, log, logistic, tanh } from "../../src/numerics/exp-log.ts";
import { Random } from "../../src/numerics/random.ts";
import { type Big, bigExp, bigLog, errorInUlps, fixedErrorInUlps, ulp } from "./big.ts";

const POINTS = 100_000;

test("exp is within 1 ulp of 256-bit references at 100,000 points from underflow to overflow", () => {
  const random = new Random(7, 99);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < POINTS; i++) {
    const x =
      i % 4 === 0
        ? random.between(-745.13, 709.78)
        : i % 4 === 1
          ? random.between(-2, 2)
          : i % 4 === 2
            ? random.between(-40, 0)
            : random.normal() * 2 ** -random.integer(60);
    const error = errorInUlps(exp(x), bigExp(x));
    if (error > worst) [worst, at] = [error, x];
  }
  expect(worst, `at ${at}`).toBeLessThanOrEqual(1);
  expect(worst).toBeGreaterThan(0.5); // a measured 0 would mean that the witness is the subject
});

test("log is within 1 ulp of 256-bit references at 100,000 points over all doubles and near 1", () => {
  const random = new Random(8, 99);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < POINTS; i++) {
    const x =
      i % 3 === 0
        ? exp(random.between(-744, 709))
        : i % 3 === 1
          ? random.between(0.5, 2)
          : 1 + random.normal() * 2 ** -random.integer(50);
    if (!(x > 0) || x === 1) continue;
    const error = fixedErrorInUlps(log(x), bigLog(x));
    if (error > worst) [worst, at] = [error, x];
  }
  expect(worst, `at ${at}`).toBeLessThanOrEqual(1);
  expect(worst).toBeGreaterThan(0.5);
});

test("exp is exact at 0, ±∞ and NaN, and ends where doubles end", () => {
  expect(exp(0)).toBe(1);
  expect(exp(-0)).toBe(1);
  expect(exp(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(exp(Number.NaN)).toBeNaN();
  expect(exp(709.782712893384)).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(exp(709.7827128933841)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(-745.1332191019411)).toBe(Number.MIN_VALUE);
  expect(exp(-745.1332191019412)).toBe(0);
  expect(exp(-710)).toBeGreaterThan(0);
});

test("log is exact at 0, 1, ∞, NaN and powers of two, and NaN below zero", () => {
  expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(log(-0)).toBe(Number.NEGATIVE_INFINITY);
  expect(log(1)).toBe(0);
  expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(log(Number.NaN)).toBeNaN();
  expect(log(-1)).toBeNaN();
  expect(fixedErrorInUlps(log(Number.MIN_VALUE), bigLog(Number.MIN_VALUE))).toBeLessThanOrEqual(1);
  expect(fixedErrorInUlps(log(Number.MAX_VALUE), bigLog(Number.MAX_VALUE))).toBeLessThanOrEqual(1);
});

test("the two parts of ln 2 add up to it within 2⁻⁸⁶, and the high part times any exponent is exact", () => {
  const big = fixedErrorInUlps(LN2_LO, bigLog(2) - ((0x162e42fefn << 320n) >> 33n));
  expect(big).toBeLessThanOrEqual(0.5);
  for (let k = -1100; k <= 1100; k++) expect((k * LN2_HI) / LN2_HI).toBe(k);
});

test("tanh and the logistic function stay within a few ulps, odd and complementary", () => {
  const random = new Random(9, 99);
  for (let i = 0; i < 20_000; i++) {
    const x = i % 2 ? random.between(-20, 20) : random.normal() * 2 ** -random.integer(40);
    // tanh x = (E − 1)/(E + 1), E = e^{2x}, in 256 bits
    const { m, k } = bigExp(2 * Math.abs(x)) as Big;
    const e = m << BigInt(k);
    const one = 1n << 320n;
    expect(fixedErrorInUlps(Math.abs(tanh(x)), ((e - one) << 320n) / (e + one))).toBeLessThan(3);
    expect(tanh(-x)).toBe(-tanh(x));
    expect(fixedErrorInUlps(logistic(Math.abs(x)), (e2(x) << 320n) / (e2(x) + one))).toBeLessThan(3);
    expect(Math.abs(logistic(x) + logistic(-x) - 1)).toBeLessThanOrEqual(2 * ulp(1));
  }
  for (const f of [tanh, logistic]) expect(f(Number.NaN)).toBeNaN();
  expect([tanh(400), tanh(-400), tanh(0), logistic(1e4), logistic(-1e4), logistic(0)]).toEqual([1, -1, 0, 1, 0, 0.5]);
  expect(Object.is(tanh(-0), -0)).toBe(true);
});

/** e^{|x|} in 320-bit fixed point. */
function e2(x: number): bigint {
  const { m, k } = bigExp(Math.abs(x));
  return m << BigInt(k);
}
