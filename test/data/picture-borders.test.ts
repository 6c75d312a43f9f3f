// The borders of pictures, beside a count that asks of every pixel whether it lies at an edge.
import { expect, test } from "vitest";
import { borderOf, bordersOf } from "../../src/data/pictures/border.ts";
import { Random } from "../../src/numerics/random.ts";

const SHAPES = [
  [1, 1, 1],
  [1, 4, 3],
  [5, 1, 1],
  [2, 2, 3],
  [6, 5, 1],
  [4, 7, 3],
] as const;

test("a border is the mean of the outermost pixels, those of pictures have a mean and a deviation", () => {
  for (const [width, height, channels] of SHAPES) {
    const random = new Random(width, 9, height);
    const rows = 7;
    const size = width * height * channels;
    const values = Uint8Array.from({ length: rows * size }, () => random.integer(256));
    const mean = (row: number, channel?: number) => {
      const edge = values.subarray(row * size, (row + 1) * size).filter((_, k) => {
        const [c, x, y] = [k % channels, Math.floor(k / channels) % width, Math.floor(k / channels / width)];
        const outermost = x === 0 || y === 0 || x === width - 1 || y === height - 1;
        return outermost && (channel === undefined || c === channel);
      });
      return edge.reduce((sum, x) => sum + x, 0) / edge.length;
    };
    const each = Array.from({ length: rows }, (_, i) => mean(i));
    const center = each.reduce((sum, x) => sum + x, 0) / rows;
    const deviation = Math.sqrt(each.reduce((sum, x) => sum + (x - center) ** 2, 0) / rows);
    const found = bordersOf(values, rows, width, height, channels, 255);
    expect(found.mean).toBeCloseTo(center, 1);
    expect(found.deviation).toBeCloseTo(deviation, 1);
    for (const channel of [undefined, channels - 1])
      expect(borderOf(values.subarray(0, size), width, height, channels, channel)).toBeCloseTo(mean(0, channel), 10);
  }
});
