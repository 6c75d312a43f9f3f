// MNIST's own digits are the witness: they were centred by its makers, so centring them again must change nothing.
import { expect, test } from "vitest";
import { centerDigit } from "../../src/data/digits/center.ts";
import { drawPart } from "../../src/data/digits/digits.ts";
import { loadSource } from "../../src/data/source.ts";
import { InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { evaluate } from "../../src/training/evaluate.ts";
import { train } from "../../src/training/trainer.ts";
import { haveMnist, MNIST, skipped } from "../needs.ts";

/** Where the ink of a 28×28 picture lies: first and last row and column, and its centre of mass in pixels from 0. */
function frame(pixels: Uint8Array) {
  const inked = Array.from(pixels, (ink, at) => ({ ink, x: at % 28, y: Math.floor(at / 28) })).filter((p) => p.ink > 0);
  const mass = inked.reduce((sum, p) => sum + p.ink, 0);
  const mean = (of: "x" | "y") => inked.reduce((sum, p) => sum + p.ink * p[of], 0) / mass;
  const [xs, ys] = [inked.map((p) => p.x), inked.map((p) => p.y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { width: right - left + 1, height: bottom - top + 1, top, left, x: mean("x"), y: mean("y") };
}

/** A picture on a sheet [size×size] with each pixel `times` as large, at a place. */
function onSheet(pixels: Uint8Array, times: number, size: number, top: number, left: number): Uint8Array {
  const sheet = new Uint8Array(size * size);
  pixels.forEach((ink, at) => {
    const [x, y] = [left + times * (at % 28), top + times * Math.floor(at / 28)];
    for (let v = 0; v < times; v++)
      for (let u = 0; u < times; u++) if (ink > 0 && y + v < size && x + u < size) sheet[(y + v) * size + x + u] = ink;
  });
  return sheet;
}

test("a digit fits 20×20 on its longer side, keeps its shape, and its centre of mass falls in pixel 14", () => {
  const { features } = drawPart(3, "train", 40);
  for (let i = 0; i < 40; i++) {
    const digit = (features as Uint8Array).subarray(i * 784, (i + 1) * 784);
    const [before, after] = [frame(digit), frame(centerDigit(digit, 28, 28))];
    expect(Math.max(after.width, after.height)).toBe(20);
    const shorter = (20 * Math.min(before.width, before.height)) / Math.max(before.width, before.height);
    expect(Math.abs(Math.min(after.width, after.height) - shorter)).toBeLessThanOrEqual(1);
    expect(Math.abs(after.x - 14)).toBeLessThan(0.52);
    expect(Math.abs(after.y - 14)).toBeLessThan(0.52);
  }
});

test("by its frame, the frame is in the middle, wherever the ink is heavier", () => {
  const { features } = drawPart(3, "train", 40);
  for (let i = 0; i < 40; i++) {
    const { left, width, top, height } = frame(
      centerDigit((features as Uint8Array).subarray(i * 784, (i + 1) * 784), 28, 28, "frame"),
    );
    expect(Math.max(width, height)).toBe(20);
    expect(Math.abs(left + width / 2 - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(top + height / 2 - 14)).toBeLessThanOrEqual(0.5);
  }
});

test("size and place on the sheet do not matter, not even at its edge", () => {
  const digit = (drawPart(4, "train", 1).features as Uint8Array).subarray(0, 784);
  const wanted = centerDigit(digit, 28, 28);
  const { top, left } = frame(digit);
  for (const [times, size, y, x] of [
    [1, 60, 31, 2],
    [5, 200, 55, 13],
    [10, 290, -10 * top, -10 * left], // touching two edges
  ] as const)
    expect(centerDigit(onSheet(digit, times, size, y, x), size, size)).toEqual(wanted);
});

test("nothing drawn stays nothing, and one dot becomes a square in the middle", () => {
  expect(centerDigit(new Uint8Array(50 * 40), 50, 40)).toEqual(new Uint8Array(784));
  const dot = new Uint8Array(50 * 40);
  dot[50 * 40 - 1] = 200;
  const out = centerDigit(dot, 50, 40);
  expect(frame(out)).toMatchObject({ width: 20, height: 20, top: 5, left: 5 });
  expect(new Set(out)).toEqual(new Set([0, 200]));
});

test("a line one pixel wide survives, thinner for being shrunk but there", () => {
  const line = new Uint8Array(200 * 200);
  for (let y = 0; y < 200; y++) line[y * 200 + 7] = 255;
  expect(frame(centerDigit(line, 200, 200))).toMatchObject({ width: 1, height: 20, left: 14 });
});

test("ink whose weight lies far to one side is not pushed out of the picture", () => {
  const flag = new Uint8Array(20 * 20).fill(255, 0, 20); // a bar on top …
  for (let y = 1; y < 20; y++) flag[y * 20] = 1; //          … of a pale pole
  expect(frame(centerDigit(flag, 20, 20))).toMatchObject({ width: 20, height: 20, top: 8 });
});

test("sizes that do not fit the pixels are refused", () => {
  expect(() => centerDigit(new Uint8Array(784), 28, 27)).toThrow(InvalidInput);
  expect(() => centerDigit(new Uint8Array(0), 0, 28)).toThrow("0 × 28 grey values");
});

test.skipIf(skipped("mnist", haveMnist()))(
  "MNIST's digits are where they were: at least 99.9 % to the byte, enlarged and moved or not, and recognised alike",
  { timeout: 120_000 },
  async () => {
    const { train: rows, test: unseen } = await loadSource("mnist", { dataDir: MNIST });
    const N = 2000;
    const digits = {
      ...unseen!,
      rows: N,
      features: unseen!.features.slice(0, N * 784),
      labels: unseen!.labels.slice(0, N),
    };
    const moved = new Uint8Array(N * 784);
    let unchanged = 0;
    for (let i = 0; i < N; i++) {
      const digit = (digits.features as Uint8Array).subarray(i * 784, (i + 1) * 784);
      const again = centerDigit(onSheet(digit, 1 + (i % 3), 100, i % 11, i % 7), 100, 100);
      moved.set(again, i * 784);
      if (again.every((ink, at) => ink === digit[at])) unchanged++;
    }
    expect(unchanged).toBeGreaterThanOrEqual(0.999 * N);
    const few = {
      ...rows,
      rows: 6000,
      features: rows.features.slice(0, 6000 * 784),
      labels: rows.labels.slice(0, 6000),
    };
    const { model } = await train(defineNetwork([784, 32, 10]), few, { epochs: 3, batchSize: 32, learningRate: 0.2 });
    const [before, after] = [await evaluate(model, digits), await evaluate(model, { ...digits, features: moved })];
    expect(before.accuracy).toBeGreaterThan(0.8);
    expect(Math.abs(after.accuracy - before.accuracy)).toBeLessThanOrEqual(0.01);
  },
);
