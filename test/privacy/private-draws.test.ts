import { expect, test } from "vitest";
import { normalCdf } from "../../src/numerics/normal.ts";
import { drawNormals, drawRows, insecureWords, systemWords } from "../../src/privacy/private-draws.ts";

/** The largest distance between the share of draws below x and Φ(x), times √n (Kolmogorov). */
function distance(draws: Float64Array): number {
  const sorted = draws.toSorted();
  let most = 0;
  for (const [k, x] of sorted.entries()) {
    const p = normalCdf(x);
    most = Math.max(most, Math.abs(p - k / sorted.length), Math.abs(p - (k + 1) / sorted.length));
  }
  return most * Math.sqrt(sorted.length);
}

test("normal draws follow Φ, in the middle and in the tail beyond the last layer", () => {
  const draws = new Float64Array(200_000);
  drawNormals(insecureWords(1, "privateNoise", 1), draws);
  expect(distance(draws)).toBeLessThan(1.5); // above it with chance 0.02, and the seed is fixed
  for (const x of [1, 2, 3, 3.5]) {
    const share = draws.filter((z) => Math.abs(z) > x).length / draws.length;
    const p = 2 * normalCdf(-x);
    expect(Math.abs(share - p) / Math.sqrt((p * (1 - p)) / draws.length)).toBeLessThan(3);
  }
});

test("neighboring draws of the noise do not follow each other", () => {
  const draws = new Float64Array(100_000);
  drawNormals(insecureWords(2, "privateNoise", 1), draws);
  const correlation = (of: (z: number) => number) => {
    let sum = 0;
    for (let i = 1; i < draws.length; i++) sum += of(draws[i]!) * of(draws[i - 1]!);
    return sum / Math.sqrt(draws.length);
  };
  expect(Math.abs(correlation((z) => z))).toBeLessThan(3);
  expect(Math.abs(correlation((z) => (z * z - 1) / Math.SQRT2))).toBeLessThan(3);
});

test("each row is drawn by a coin of its own: batches vary as a binomial does, pairs meet as by chance", () => {
  const [rows, rate, steps] = [50, 0.1, 20_000];
  const counts = new Float64Array(rows);
  let [sizes, squares, empty, pairs] = [0, 0, 0, 0];
  for (let step = 0; step < steps; step++) {
    const drawn = drawRows(insecureWords(5, "privateRows", step), rows, rate);
    for (const row of drawn) counts[row] = counts[row]! + 1;
    sizes += drawn.length;
    squares += drawn.length ** 2;
    empty += Number(drawn.length === 0);
    pairs += Number(drawn.includes(0) && drawn.includes(49));
  }
  const mean = sizes / steps;
  const variance = squares / steps - mean * mean;
  expect(Math.abs(mean - rows * rate)).toBeLessThan(3 * Math.sqrt((rows * rate * (1 - rate)) / steps));
  expect(Math.abs(variance / (rows * rate * (1 - rate)) - 1)).toBeLessThan(4 * Math.sqrt(2 / steps));
  const deviates = (found: number, p: number) => Math.abs(found - steps * p) / Math.sqrt(steps * p * (1 - p));
  expect(deviates(empty, (1 - rate) ** rows)).toBeLessThan(3);
  expect(deviates(pairs, rate ** 2)).toBeLessThan(3);
  for (const count of counts) expect(deviates(count, rate)).toBeLessThan(4.5);
});

test("a rate of 1 draws every row, and words of the system do not repeat", () => {
  expect([...drawRows(insecureWords(1, "privateRows", 0), 4, 1)]).toEqual([0, 1, 2, 3]);
  const draws = () => {
    const out = new Float64Array(8);
    drawNormals(systemWords(), out);
    return out;
  };
  expect(draws()).not.toEqual(draws());
});
