// Intervals against published and simulated coverage.
import { expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { rootMeanInterval, wilson } from "../../src/training/intervals.ts";

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

test("the interval of a root mean square covers the true one about 95 times in 100", () => {
  const random = new Random(7, 11);
  let covered = 0;
  for (let trial = 0; trial < 400; trial++) {
    const [low, high] = rootMeanInterval(Float64Array.from({ length: 200 }, () => (3 * random.normal()) ** 2));
    if (low <= 3 && 3 <= high) covered++;
  }
  expect(covered).toBeGreaterThan(365);
  expect(covered).toBeLessThan(395);
});
