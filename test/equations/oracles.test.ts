import { expect, test } from "vitest";
import { Balls, exact } from "../../src/equations/ball.ts";
import { Differences } from "../../src/equations/differences.ts";
import { add, div, exp, log, mul, seed, slope, sub } from "../../src/equations/dual.ts";
import { Tally } from "../../src/equations/tally.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { FLOAT32, gamma } from "../../src/numerics/rounding.ts";

test("dual numbers differentiate e^x·x/(1 + x²) − ln x as calculus does", () => {
  for (const at of [0.5, 1, 3]) {
    const x = seed(at, 0, 1);
    const f = sub(div(mul(exp(x), x), add(exact(1), mul(x, x))), log(x));
    // (e^x(1 + x)(1 + x²) − 2x²e^x)/(1 + x²)² − 1/x
    const e = Math.exp(at);
    const expected = (e * (1 + at) * (1 + at ** 2) - 2 * at ** 2 * e) / (1 + at ** 2) ** 2 - 1 / at;
    expect(Math.abs(slope(f, 0).v - expected)).toBeLessThan(1e-13);
    expect(slope(f, 0).e).toBeGreaterThan(0);
    expect(slope(f, 0).e).toBeLessThan(1e-13);
  }
});

test("a dual number's radius covers cancellation: (1 + x) − 1 − x is 0 within it", () => {
  const x = seed(1e-9, 0, 1);
  const zero = sub(sub(add(exact(1), x), exact(1)), x);
  expect(zero.v).not.toBe(0);
  expect(Math.abs(zero.v)).toBeLessThanOrEqual(zero.e);
});

test("balls in float32 hold what Math.fround really does, and are not much too wide", () => {
  const random = new Random(4, 99);
  const balls = new Balls(FLOAT32);
  let largest = 0;
  for (let i = 0; i < 20_000; i++) {
    const [a, b, c] = [random.normal(), random.normal(), 0.1 + random.uniform()].map(Math.fround) as [
      number,
      number,
      number,
    ];
    const got = Math.fround(Math.fround(Math.fround(a * b) + a) / Math.fround(Math.sqrt(c)));
    const { v, e } = balls.div(balls.add(balls.mul(exact(a), exact(b)), exact(a)), balls.sqrt(exact(c)));
    expect(Math.abs(got - v)).toBeLessThanOrEqual(e);
    largest = Math.max(largest, Math.abs(got - v) / e);
  }
  expect(largest).toBeGreaterThan(0.3);
});

test("γ_n is nu/(1 − nu), and infinite where it says nothing", () => {
  expect(gamma(2 ** 23, FLOAT32)).toBe(1);
  expect(gamma(2 ** 24, FLOAT32)).toBe(Number.POSITIVE_INFINITY);
});

test("a difference quotient of a softmax regression lies within its bound of S − y", () => {
  // one input x = 1, W = 0, b = 0: S = 1/C, so ∂ℓ/∂b_c = 1/C − y_c
  const network = defineNetwork([1, 4]);
  const differences = new Differences(
    network,
    new Float64Array(8),
    Float64Array.of(1),
    [0, 1, 0, 0],
    [new Float64Array(4)],
  );
  for (const [c, expected] of [0.25, -0.75, 0.25, 0.25].entries()) {
    const { value, error } = differences.quotient(1, -1, c, 1);
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(1e-8);
  }
});

test("a tally fails on NaN, on an infinite bound and just past a bound, and names the place", () => {
  const tally = (...adds: [string, number, number, number][]) => {
    const t = new Tally("what", "source");
    for (const [place, got, expected, bound] of adds) t.add(place, got, expected, bound);
    return t.done();
  };
  expect(tally(["a", 1, 1, 0], ["b", 2, 2.5, 0.5])).toMatchObject({ pass: true, numbers: 2, ratio: 1 });
  expect(tally(["a", 1, 1, 0], ["b", 2, 2.5, 0.49])).toMatchObject({ pass: false, nearest: { place: "b" } });
  expect(tally(["a", Number.NaN, 1, 1], ["b", 3, 1, 4])).toMatchObject({ pass: false, absolute: { place: "a" } });
  expect(tally(["a", 1, Number.NaN, 1]).pass).toBe(false);
  expect(tally(["a", 1, 2, Number.POSITIVE_INFINITY]).pass).toBe(false);
  expect(tally(["a", 1, 2, Number.NaN]).pass).toBe(false);
  expect(tally(["a", 1, 1, Number.NaN]).pass).toBe(false);
});
