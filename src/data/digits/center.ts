// A drawn digit brought to where a set's digits lie: fitted to 20×20, its shape kept, and put into 28×28 by its center
// of mass (MNIST and its kin) or by its frame (our own drawn digits). So did LeCun, Cortes and Burges; where their text
// leaves room (which pixel is the center), MNIST's own digits say.
import { must } from "../../errors.ts";

const SIDE = 28;
const BOX = 20; //    the longer side of the ink
const CENTER = 14; // the pixel, from 0, that the center falls in

/** What is put in the middle: the ink's center of mass, or the middle of its frame. */
export type CenteredBy = "mass" | "frame";

/**
 * Grey pixels [height×width], ink light on 0, as a 28×28 picture in MNIST's frame. A picture without ink stays without.
 * Each pixel is the mean of what it covers, so shrinking blurs and a drawing that fits already is only moved by whole
 * pixels; ink never leaves the picture.
 */
export function centerDigit(pixels: Uint8Array, height: number, width: number, by: CenteredBy = "mass"): Uint8Array {
  must(ArrayBuffer.isView(pixels), "pixels", "bytes, one a pixel", pixels);
  must(
    pixels.length === height * width && pixels.length > 0,
    "pixels",
    `${height} × ${width} grey values`,
    pixels.length,
  );
  const out = new Uint8Array(SIDE * SIDE);
  const [top, rows] = reach(height, (y) => pixels.subarray(y * width, (y + 1) * width).some((ink) => ink > 0));
  const [left, cols] = reach(width, (x) => {
    for (let y = top; y < top + rows; y++) if (pixels[y * width + x]! > 0) return true;
    return false;
  });
  if (rows === 0) return out;
  const scale = BOX / Math.max(rows, cols);
  const [h, w] = [Math.max(1, Math.round(rows * scale)), Math.max(1, Math.round(cols * scale))];
  const [down, across] = [shares(top, rows, h), shares(left, cols, w)];
  const fitted = new Float64Array(h * w);
  let [mass, massX, massY] = [0, 0, 0];
  for (let v = 0; v < h; v++)
    for (let u = 0; u < w; u++) {
      let ink = 0;
      for (const [y, share] of down[v]!)
        for (const [x, part] of across[u]!) ink += share * part * pixels[y * width + x]!;
      fitted[v * w + u] = ink;
      mass += ink;
      massX += ink * u;
      massY += ink * v;
    }
  const place = (center: number, size: number) => Math.min(SIDE - size, Math.max(0, Math.round(CENTER - center)));
  const [cy, cx] = by === "mass" ? [massY / mass, massX / mass] : [h / 2, w / 2];
  const [y0, x0] = [place(cy, h), place(cx, w)];
  for (let v = 0; v < h; v++)
    for (let u = 0; u < w; u++) out[(y0 + v) * SIDE + x0 + u] = Math.round(fitted[v * w + u]!);
  return out;
}

/**
 * The first place in [0, size) that has ink and the number of places from there to the last that has; [0, 0] if none
 * has.
 */
function reach(size: number, inked: (at: number) => boolean): readonly [first: number, count: number] {
  let first = 0;
  while (first < size && !inked(first)) first++;
  if (first === size) return [0, 0];
  let last = size - 1;
  while (!inked(last)) last--;
  return [first, last - first + 1];
}

/**
 * For each of `into` equal parts of [first, first + count): the places it covers and their shares of it, which sum to
 * 1.
 */
function shares(first: number, count: number, into: number): readonly (readonly [at: number, share: number])[][] {
  const size = count / into;
  return Array.from({ length: into }, (_, part) => {
    const [from, to] = [part * size, part + 1 === into ? count : (part + 1) * size];
    const covered: [number, number][] = [];
    for (let at = Math.floor(from); at < to; at++)
      covered.push([first + at, (Math.min(at + 1, to) - Math.max(at, from)) / size]);
    return covered;
  });
}
