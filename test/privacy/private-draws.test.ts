import { expect, test } from "vitest";
import { drawRows, insecureWords } from "../../src/privacy/private-draws.ts";

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

test("a rate of 1 draws every row", () => {
  expect([...drawRows(insecureWords(1, "privateRows", 0), 4, 1)]).toEqual([0, 1, 2, 3]);
});
