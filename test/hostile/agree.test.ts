// What is read is right: the quick form of `npm run test:fuzz -- --agree`.
import { expect, test } from "vitest";
import { agreement, DECODED } from "./agree.ts";
import { arrayText } from "./plain.ts";

test.each(DECODED)(
  "%s: a second decoder finds the same in 200 valid files and in every accepted one of 600 mutants",
  async (format) => {
    const { valid, accepted } = await agreement(format, { valid: 200, mutants: 600 });
    expect(valid).toBe(200);
    expect(accepted).toBeGreaterThan(0);
  },
);

test("the texts that are compared tell any two doubles apart, and any two shapes", () => {
  const texts = [
    ...[[], [0], [-0], [Number.NaN], [1], [1 + 2 ** -52], [5e-324], [1, 1]].map((values) => arrayText([2], values)),
    ...[arrayText([1, 2], [1]), arrayText([2, 1], [1]), arrayText([12], [1])],
  ];
  expect(new Set(texts).size).toBe(texts.length);
});
