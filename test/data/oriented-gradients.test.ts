// Oriented gradients of pictures whose edges are known.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { orientedGradients } from "../../src/data/pictures/oriented-gradients.ts";

const SIDE = 16; // 4 × 4 cells of 4 pixels
const CELLS = 16;

function picturesOf(draw: readonly ((x: number, y: number) => number)[], more: Partial<Dataset> = {}): Dataset {
  const pixel = (n: number) => Math.round(draw[Math.floor(n / SIDE ** 2)]!(n % SIDE, Math.floor(n / SIDE) % SIDE));
  return {
    name: "drawn",
    rows: draw.length,
    cols: SIDE ** 2,
    features: Uint8Array.from({ length: draw.length * SIDE ** 2 }, (_, n) => pixel(n)),
    labels: new Int32Array(draw.length),
    classes: ["any"],
    image: { height: SIDE, width: SIDE },
    ...more,
  };
}

/** Sums over the cells of a row, by direction. */
const byDirection = ({ features, cols }: Dataset, row = 0) =>
  Array.from({ length: 8 }, (_, k) => {
    let sum = 0;
    for (let cell = 0; cell < CELLS; cell++) sum += features[row * cols + 8 * cell + k]!;
    return sum;
  });

test("a slope has its own direction and no other, dark to bright as bright to dark", () => {
  for (let k = 0; k < 8; k++) {
    const [cos, sin] = [Math.cos((k * Math.PI) / 8), Math.sin((k * Math.PI) / 8)];
    const slope = (x: number, y: number) => 128 + 10 * (cos * (x - 7.5) + sin * (y - 7.5));
    const found = orientedGradients(picturesOf([slope, (x, y) => 256 - slope(x, y)]))!;
    expect([found.rows, found.cols]).toEqual([2, CELLS * 8]);
    const strengths = byDirection(found);
    const whole = strengths.reduce((sum, one) => sum + one);
    // rounding to bytes turns a slope of 10 a pixel by some degrees, and at the sides it is half as steep
    expect(strengths[k]! / whole).toBeGreaterThan(0.85);
    expect(byDirection(found, 1)[k]! / whole).toBeCloseTo(strengths[k]! / whole, 1);
  }
});

test("between two directions a gradient is the sum of its parts along both", () => {
  for (let k = 0; k < 8; k++) {
    const angle = ((k + 0.5) * Math.PI) / 8; // after the last comes the first, turned by half a turn
    const slope = (x: number, y: number) => 128 + 10 * (Math.cos(angle) * (x - 7.5) + Math.sin(angle) * (y - 7.5));
    const strengths = byDirection(orientedGradients(picturesOf([slope]))!);
    const [first, second] = [strengths[k]!, strengths[(k + 1) % 8]!];
    expect(second / first).toBeGreaterThan(0.7);
    expect(second / first).toBeLessThan(1.4);
    const others = strengths.filter((_, at) => at !== k && at !== (k + 1) % 8);
    expect(Math.max(...others)).toBeLessThan(0.25 * first);
  }
});

test("an edge lies in the cells around it, and pixels share it by their distance", () => {
  const { features } = orientedGradients(picturesOf([(x) => (x < 8 ? 0 : 200)]))!;
  const cell = (across: number) => features[8 * (4 + across)]!; // second row of cells, direction 0
  expect([cell(0), cell(3)]).toEqual([cell(3), cell(0)]);
  expect(cell(1)).toBe(cell(2));
  expect(cell(1)).toBeGreaterThan(6 * cell(0));
});

test("brightness, contrast and other rows change nothing; one gray has no edges", () => {
  const drawn = (x: number, y: number) => ((x * 7 + y * 3) % 11) * 8;
  const alone = orientedGradients(picturesOf([drawn]))!;
  const beside = orientedGradients(picturesOf([() => 77, drawn, (x, y) => 40 + 2 * drawn(x, y)]))!;
  const row = (n: number) => beside.features.slice(n * beside.cols, (n + 1) * beside.cols);
  expect(row(1)).toEqual(alone.features);
  expect(row(0).every((byte) => byte === 0)).toBe(true);
  row(2).forEach((byte, at) => {
    expect(Math.abs(byte - alone.features[at]!)).toBeLessThanOrEqual(1 + 0.05 * byte); // 0.1 beside ‖v‖² weighs less
  });
});

test("of colors the mean counts; tables, floats and pictures below 8 pixels have none", () => {
  const gray = picturesOf([(x, y) => (x * y) % 200]);
  const color = { ...gray, cols: 3 * gray.cols, features: Uint8Array.from(gray.features).subarray(0, 0) };
  const features = Uint8Array.from({ length: 3 * SIDE ** 2 }, (_, n) => gray.features[Math.floor(n / 3)]!);
  expect(orientedGradients({ ...color, features })!.features).toEqual(orientedGradients(gray)!.features);
  expect(orientedGradients({ ...gray, image: undefined })).toBeUndefined();
  expect(orientedGradients({ ...gray, features: Float32Array.from(gray.features) })).toBeUndefined();
  expect(orientedGradients({ ...gray, cols: 28, image: { height: 4, width: 7 } })).toBeUndefined();
});
