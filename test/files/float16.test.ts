import { expect, test } from "vitest";
import { fromHalf, halfBits, MOST_HALF } from "../../src/files/export/float16.ts";

test("every float16 comes back from its number", () => {
  const finite = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => ((bits >> 10) & 31) !== 31);
  expect(finite.filter((bits) => halfBits(fromHalf(bits)) !== bits)).toEqual([]);
});

test("a number between two float16 goes to the nearer, and in the middle to the even one", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
    const middle = (low + high) / 2;
    if (halfBits(low + (high - low) * 0.499) !== bits || halfBits(low + (high - low) * 0.501) !== bits + 1)
      throw new Error(`between ${low} and ${high}`);
    if (halfBits(middle) !== bits + (bits % 2)) throw new Error(`the middle of ${low} and ${high}`);
  }
  expect(fromHalf(halfBits(MOST_HALF - 1))).toBe(65504);
  expect(halfBits(-0)).toBe(0x8000);
  expect(halfBits(-1e-30)).toBe(0x8000);
});
