// The accountant against published figures and against integrals of its own: trapezoids over analytic integrands that
// fall off on both sides, whose error is below rounding.
import { expect, test } from "vitest";
import { InvalidInput } from "../../src/errors.ts";
import { normalCdf } from "../../src/numerics/normal.ts";
import { noiseFor, PrivacyAccountant } from "../../src/privacy/accountant.ts";
import { PrivacyCurve } from "../../src/privacy/privacy-loss.ts";
import { renyiDivergence, renyiEpsilon } from "../../src/privacy/renyi.ts";

/** ∫ f over [from, to]. */
function trapezoid(f: (x: number) => number, from: number, to: number, pieces: number): number {
  const h = (to - from) / pieces;
  let sum = (f(from) + f(to)) / 2;
  for (let k = 1; k < pieces; k++) sum += f(from + k * h);
  return h * sum;
}

const bellOf = (x: number, s: number) => Math.exp((-x * x) / (2 * s * s)) / (s * Math.sqrt(2 * Math.PI));
const ratioOf = (x: number, s: number, q: number) => 1 - q + q * Math.exp((2 * x - 1) / (2 * s * s));

test("the published Rényi figure comes out to nine decimals", () => {
  expect(renyiEpsilon({ noise: 1.5, rate: 0.04, steps: 2250 }, 1e-5)).toBeCloseTo(7.32911117143, 9);
});

test("the published noise for ε = 8 comes out by its bisection, and is enough", () => {
  const spent = (noise: number) => renyiEpsilon({ noise, rate: 0.04, steps: 2250 }, 1e-5);
  let [low, high] = [0.01, 20]; // the start and the width of the published search
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (spent(middle) < 8) high = middle;
    else low = middle;
  }
  expect(high).toBeCloseTo(1.425307617, 9);
  const ours = noiseFor({ rate: 0.04, steps: 2250 }, 8, 1e-5);
  expect(ours).toBeLessThan(high); // the tighter bound asks for less
  const epsilonAt = (noise: number) => new PrivacyAccountant({ noise, rate: 0.04, steps: 2250 }, 1e-5).epsilon();
  expect(epsilonAt(ours)).toBeLessThanOrEqual(8);
  expect(epsilonAt(ours - 0.001)).toBeGreaterThan(8);
});

/** The limit of a figure on grids of h, h/2 and h/4, whose error is a series in h². */
function limitOf([a, b, c]: readonly [number, number, number]): number {
  const [first, second] = [b + (b - a) / 3, c + (c - b) / 3];
  return second + (second - first) / 15;
}

test("the published figures of Fourier's accountant are the limit of ours, from above", () => {
  // δ(1) of an added or removed row, ε(10⁻⁵) of a replaced one, from a transform in double precision without a tilt,
  // whose rounding is some 10⁻¹³ of 4·10⁻⁶: they agree to 7 and to 8 digits
  const run = { noise: 4, rate: 0.01, steps: 10_000 };
  const deltas = [2e-4, 1e-4, 5e-5].map((interval) => new PrivacyCurve(run, { interval }).delta(1));
  const limit = limitOf(deltas as [number, number, number]);
  expect(Math.abs(limit / 4.243484012034273e-6 - 1)).toBeLessThan(1e-7);
  expect(deltas.every((delta) => delta > limit)).toBe(true);
  const epsilons = [2e-4, 1e-4, 5e-5].map((interval) =>
    new PrivacyCurve(run, { interval, neighbors: "substitute" }).epsilon(1e-5),
  );
  expect(Math.abs(limitOf(epsilons as [number, number, number]) - 1.9931200626)).toBeLessThan(1e-8);
});

test.each([
  [0.8, 0.02, 1.5],
  [0.8, 0.02, 7.3],
  [2, 0.3, 10.9],
  [1.1, 0.1, 2],
  [1.1, 0.1, 32],
  [5, 0.001, 1.1],
])("A_α of σ %d, q %d, α %d is its integral", (noise, rate, order) => {
  const far = noise * 12;
  const scale = noise * Math.sqrt(2 * Math.PI);
  const power = (x: number) => order * Math.log(ratioOf(x, noise, rate)) - (x * x) / (2 * noise * noise);
  const A = trapezoid((x) => Math.exp(power(x)) / scale, -far, far + order, 40_000);
  expect(renyiDivergence(noise, rate, order)).toBeCloseTo(Math.log(A) / (order - 1), 12);
});

test("without sampling the bound is that of a Gaussian mechanism of σ/√n", () => {
  const run = { noise: 6, rate: 1, steps: 9 };
  const s = run.noise / Math.sqrt(run.steps);
  const exact = (e: number) => normalCdf(1 / (2 * s) - e * s) - Math.exp(e) * normalCdf(-1 / (2 * s) - e * s);
  const curve = new PrivacyCurve(run);
  for (const epsilon of [0.1, 0.5, 1, 2]) {
    expect(curve.delta(epsilon)).toBeGreaterThan(exact(epsilon));
    expect(curve.delta(epsilon)).toBeLessThan(1.01 * exact(epsilon) + 1e-14);
  }
  expect(exact(curve.epsilon(1e-6)) / 1e-6).toBeCloseTo(1, 1);
});

/** P(L > ε) − e^ε Q(L > ε) of one step where a row was taken away. */
function oneStepDelta(noise: number, rate: number, epsilon: number): number {
  const above = (Math.exp(epsilon) - (1 - rate)) / rate;
  if (above <= 0) return 1 - Math.exp(epsilon);
  const x = noise * noise * Math.log(above) + 0.5;
  const plain = normalCdf(-x / noise);
  return (1 - rate) * plain + rate * normalCdf((1 - x) / noise) - Math.exp(epsilon) * plain;
}

test("δ of one step and of two is its integral, from above and by little", () => {
  const [noise, rate] = [1.2, 0.2];
  const curves = [1, 2].map((steps) => new PrivacyCurve({ noise, rate, steps }, { interval: 5e-4 }));
  for (const epsilon of [0.05, 0.2, 0.6, 1.5]) {
    const one = oneStepDelta(noise, rate, epsilon);
    const two = trapezoid(
      (x) => {
        const ratio = ratioOf(x, noise, rate);
        return bellOf(x, noise) * ratio * oneStepDelta(noise, rate, epsilon - Math.log(ratio));
      },
      -14,
      15,
      20_000,
    );
    for (const [curve, exact] of [
      [curves[0]!, one],
      [curves[1]!, two],
    ] as const) {
      const delta = curve.delta(epsilon);
      expect(delta).toBeGreaterThan(exact - 1e-13);
      expect(delta).toBeLessThan(exact * (1 + 1e-4) + 1e-13);
    }
  }
});

test("fewer steps of a run spend less, and none nothing", () => {
  const accountant = new PrivacyAccountant({ noise: 1.1, rate: 0.02, steps: 500 }, 1e-5);
  const spent = [0, 1, 10, 100, 250, 500].map((steps) => accountant.epsilon(steps));
  expect(spent[0]).toBe(0);
  for (const [k, epsilon] of spent.entries()) if (k > 0) expect(epsilon).toBeGreaterThan(spent[k - 1]!);
  const alone = new PrivacyAccountant({ noise: 1.1, rate: 0.02, steps: 100 }, 1e-5).epsilon();
  expect(spent[3]).toBeCloseTo(alone, 3);
  expect(spent[5]).toBeLessThan(renyiEpsilon({ noise: 1.1, rate: 0.02, steps: 500 }, 1e-5));
});

test("a δ too small for the transform is Rényi's", () => {
  const run = { noise: 2, rate: 0.05, steps: 100 };
  expect(new PrivacyAccountant(run, 1e-12).epsilon()).toBe(renyiEpsilon(run, 1e-12));
});

test("an ε out of reach is refused by its name, with what to do", () => {
  const reach = (epsilon: number) => {
    try {
      return noiseFor({ rate: 0.5, steps: 100_000 }, epsilon, 1e-5);
    } catch (error) {
      return error instanceof InvalidInput ? [error.code, error.reason] : error;
    }
  };
  expect(reach(1e-4)).toEqual(["PRIVACY_OUT_OF_REACH", expect.stringContaining("Ask for fewer epochs")]);
  expect(reach(1e9)).toEqual(["PRIVACY_OUT_OF_REACH", expect.stringContaining("hides no row")]);
});
