// Intervals against published and simulated coverage.
import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import {
  classIntervals,
  f1Interval,
  type Interval,
  meanInterval,
  rocInterval,
  rootMeanInterval,
  wilson,
} from "../../src/training/intervals.ts";
import { measure } from "../../src/training/metrics.ts";
import { measureValues } from "../../src/training/value-metrics.ts";

test("Wilson's interval has the published values", () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3
  const published = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [k, n, low, high] of published) {
    const [from, to] = wilson(k / n, n);
    expect([from.toFixed(4), to.toFixed(4)]).toEqual([low.toFixed(4), high.toFixed(4)]);
  }
});

/** How many of 400 intervals of samples cover the truth. */
function covering(truth: number, sample: (random: Random) => Interval): number {
  const random = new Random(7, 11);
  let covered = 0;
  for (let trial = 0; trial < 400; trial++) {
    const [low, high] = sample(random);
    if (low <= truth && truth <= high) covered++;
  }
  return covered;
}

const ROWS = 200;
const draws = <T>(one: () => T) => Array.from({ length: ROWS }, one);

test("the intervals of a root mean square and of a mean size cover the true ones about 95 times in 100", () => {
  const normals = (random: Random) => Float64Array.from(draws(() => 3 * random.normal()));
  const roots = covering(3, (random) => rootMeanInterval(normals(random).map((x) => x * x)));
  const means = covering(3 * Math.sqrt(2 / Math.PI), (random) => meanInterval(normals(random).map(Math.abs)));
  for (const covered of [roots, means]) {
    expect(covered).toBeGreaterThan(365);
    expect(covered).toBeLessThan(395);
  }
});

test("the interval of R² covers the true one about 95 times in 100", () => {
  // t = value + error with variances 4 and 1: R² = 0.8
  const covered = covering(0.8, (random) => {
    const rows = draws(() => [2 * random.normal(), random.normal()] as const);
    const answers = rows.map(([value]) => ({ values: Float64Array.of(value) }));
    const t = rows.map(([value, error]) => value + error);
    return measureValues({ name: "squared-error" }, ["t"], t, answers, t).targets[0]!.r2Interval!;
  });
  expect(covered).toBeGreaterThan(365);
  expect(covered).toBeLessThan(395);
});

test("the intervals of a label's F1, ROC area and PR area cover the true ones about 95 times in 100", () => {
  // one row in three has the label; probabilities are uniform, of rows with it the larger of two: P(p ≥ ½) = ¾
  const figures = (random: Random) => {
    const rows = draws(() => {
      const has = random.uniform() < 1 / 3;
      return [Number(has), has ? Math.max(random.uniform(), random.uniform()) : random.uniform()] as const;
    });
    const answers = rows.map(([, p]) => ({ values: Float64Array.of(p) }));
    const wanted = rows.map(([has]) => has);
    return measureValues({ name: "focal" }, ["l"], wanted, answers, wanted).labels[0]!;
  };
  const f1 = (2 * (0.75 / 3)) / (1 / 3 + 0.75 / 3 + 0.5 * (2 / 3));
  const roc = 2 / 3; // ∫ p d(p²)
  // ∫ P dR with R = 1 − p², P = R/3 / (R/3 + (1 − p)·⅔) = (1 + p)/(3 + p)
  let pr = 0;
  for (let k = 0.5; k < 1e4; k++) pr += ((2 * (k / 1e4)) / 1e4) * ((1 + k / 1e4) / (3 + k / 1e4));
  expect(covering(f1, (random) => figures(random).f1Interval!)).toBeGreaterThan(365);
  expect(covering(roc, (random) => figures(random).rocAreaInterval!)).toBeGreaterThan(365);
  expect(covering(pr, (random) => figures(random).prAreaInterval!)).toBeGreaterThan(365);
});

test("the interval of the mean F1 of classes covers the true one about 95 times in 100", () => {
  const shares = [0.5, 0.3, 0.2]; // of the classes; a row is right 7 times in 10, else taken for the next class
  const f1 = shares.map((share, c) => (2 * 0.7 * share) / (share + 0.7 * share + 0.3 * shares[(c + 2) % 3]!));
  const covered = covering((f1[0]! + f1[1]! + f1[2]!) / 3, (random) => {
    const labels = draws(() => {
      const u = random.uniform();
      return u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
    });
    const said = labels.map((y) => (random.uniform() < 0.7 ? y : (y + 1) % 3));
    return classIntervals(measure(labels, said, new Float64Array(ROWS), 3)).macroF1!;
  });
  expect(covered).toBeGreaterThan(365);
  expect(covered).toBeLessThan(395);
});

test("where nothing varies or nothing is there, an interval says what so few rows can", () => {
  expect(f1Interval(0, 0)).toBeNull();
  expect(f1Interval(10, 10)![0]).toBeCloseTo((2 * wilson(1, 10)[0]) / (1 + wilson(1, 10)[0]), 12);
  expect(rocInterval(1, new Float64Array(6).fill(1), new Float64Array(30).fill(1))).toEqual(wilson(1, 6));
  const { f1, macroF1 } = classIntervals(measure([0, 0], [0, 0], [0, 0], 3));
  expect(f1).toEqual([[expect.closeTo((2 * wilson(1, 2)[0]) / (1 + wilson(1, 2)[0]), 12), 1], null, null]);
  expect(macroF1).toEqual(wilson(1, 2));
});

test("DeLong's variance is that of his formula, worked out by hand", () => {
  // with it 0.9, 0.6; without 0.7, 0.6, 0.2: shares ranked above 1, ½; above them ½, ¾, 1: area ¾
  const [low, high] = rocInterval(0.75, Float64Array.of(1, 0.5), Float64Array.of(0.5, 0.75, 1));
  const deviation = Math.sqrt(0.125 / 2 + 0.0625 / 3);
  expect([low, high]).toEqual([expect.closeTo(0.75 - 1.959964 * deviation, 6), 1]);
});
