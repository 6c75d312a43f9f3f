// The pad's picture of pen lines: the glyphs of the embedded digits, drawn at any size and place.
import { beforeAll, describe, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { GLYPHS } from "../../src/data/digits/strokes.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { follow, type PenLine, pictureOf } from "../../src/studio/draw/pen.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { train } from "../../src/training/trainer.ts";

/** A way of writing a digit as lines on the pad, `size` units high with its left upper corner at (x, y). */
const written = (digit: number, way: number, size: number, x: number, y: number): PenLine[] =>
  GLYPHS[digit]![way]!.map((stroke) =>
    Array.from(stroke.x, (across, p) => [x + (0.8 * size * across) / 100, y + (size * stroke.y[p]!) / 100] as const),
  );

const inkOf = (pixels: Uint8Array) => pixels.reduce((sum, ink) => sum + ink, 0) / 255;

test("the size and the place of a drawing change no pixel", () => {
  const large = pictureOf(written(2, 0, 240, 20, 20), "frame");
  for (const [size, x, y] of [
    [160, 100, 5],
    [60, 2, 180],
  ] as const)
    pictureOf(written(2, 0, size, x, y), "frame").forEach((ink, at) => {
      expect(Math.abs(ink - large[at]!)).toBeLessThanOrEqual(1);
    });
});

test("the pen is as thick as MNIST's: a written digit has about 104 pixels' worth of ink, as MNIST's test digits have", () => {
  const inks = GLYPHS.flatMap((ways, digit) =>
    ways.map((_, way) => inkOf(pictureOf(written(digit, way, 200, 30, 30), "mass"))),
  );
  expect(inks.reduce((sum, ink) => sum + ink, 0) / inks.length).toBeCloseTo(104, -1);
});

test("an empty pad is an empty picture, and a dot is something", () => {
  expect(inkOf(pictureOf([], "frame"))).toBe(0);
  expect(inkOf(pictureOf([[[140, 140]]], "frame"))).toBeGreaterThan(0);
});

test("a trembling pen adds no points", () => {
  const line: PenLine = [[10, 10]];
  expect(follow(line, 12, 11)).toBe(line);
  expect(follow(line, 14, 10)).toEqual([
    [10, 10],
    [14, 10],
  ]);
});

describe("a network trained on the embedded digits", () => {
  let model: Model;
  beforeAll(async () => {
    const { train: rows } = await drawDigits({ seed: 1, train: 6000, test: 1 });
    ({ model } = await train(defineNetwork([784, 64, 10]), rows, { epochs: 5, batchSize: 32, learningRate: 0.2 }));
  });

  test("reads at least 9 of 10 digits drawn on the pad, large or small", async () => {
    const drawn = GLYPHS.flatMap((ways, digit) =>
      ways.flatMap((_, way) => [
        { digit, picture: pictureOf(written(digit, way, 220, 30, 30), "frame") },
        { digit, picture: pictureOf(written(digit, way, 70, 200, 9), "frame") },
      ]),
    );
    const features = new Uint8Array(drawn.length * 784);
    drawn.forEach(({ picture }, i) => {
      features.set(picture, i * 784);
    });
    const { classes } = await predict(model, features);
    const right = drawn.filter(({ digit }, i) => classes[i] === digit).length;
    expect(right / drawn.length).toBeGreaterThanOrEqual(0.9);
  });
});

test("centred by mass, the centre of mass falls in the middle pixel", () => {
  const picture = pictureOf(written(7, 0, 200, 60, 3), "mass");
  const middle = picture.reduce((sum, ink, at) => sum + (ink * (at % 28)) / 255, 0) / inkOf(picture);
  expect(Math.abs(middle - 14)).toBeLessThan(0.52);
});
