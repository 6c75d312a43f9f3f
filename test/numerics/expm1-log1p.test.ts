import { expect, test } from "vitest";
import { expm1, log1p, softplus } from "../../src/numerics/expm1-log1p.ts";
import { Random } from "../../src/numerics/random.ts";
import { bigExp, bigLog, fixedErrorInUlps } from "./big.ts";

const ONE = 1n << 320n;

test("expm1 is within 4 ulp of 256-bit references, also where e^x − 1 would cancel", () => {
  const random = new Random(11, 99);
  let [worst, at] = [0, 0];
  for (let i = 0; i < 20_000; i++) {
    const x = i % 2 === 0 ? random.between(-30, 30) : random.normal() * 2 ** -random.integer(40);
    const { m, k } = bigExp(x);
    const error = fixedErrorInUlps(expm1(x), (k >= 0 ? m << BigInt(k) : m >> BigInt(-k)) - ONE);
    if (error > worst) [worst, at] = [error, x];
  }
  expect(worst, `at ${at}`).toBeLessThanOrEqual(4);
  expect(worst).toBeGreaterThan(0.5);
});

test("log1p is within 3 ulp of 256-bit references on [0, 1]", () => {
  const random = new Random(12, 99);
  let [worst, at] = [0, 0];
  for (let i = 0; i < 20_000; i++) {
    const u = Math.ceil(random.uniform() * 2 ** (52 - random.integer(40))) / 2 ** 52; // 1 + u is a double
    const error = fixedErrorInUlps(log1p(u), bigLog(1 + u));
    if (error > worst) [worst, at] = [error, u];
  }
  expect(worst, `at ${at}`).toBeLessThanOrEqual(3);
  expect(worst).toBeGreaterThan(0.5);
});

test("both are exact at 0, keep the sign of 0 and tiny numbers, and end where doubles end", () => {
  expect(Object.is(expm1(-0), -0)).toBe(true);
  expect(expm1(1e-300)).toBe(1e-300);
  expect(expm1(-1e9)).toBe(-1);
  expect(expm1(1e9)).toBe(Number.POSITIVE_INFINITY);
  expect(expm1(Number.NaN)).toBeNaN();
  expect(log1p(0)).toBe(0);
  expect(log1p(1e-300)).toBe(1e-300);
  expect(log1p(Number.NaN)).toBeNaN();
  expect(softplus(3e38)).toBe(3e38);
  expect(softplus(-3e38)).toBe(0);
  expect(softplus(0)).toBe(log1p(1));
});
