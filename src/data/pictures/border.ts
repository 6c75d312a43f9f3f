// The borders of pictures that are rows already, and their white: what another picture is fitted to (PictureForm).
import type { Dataset } from "../dataset.ts";
import type { PictureForm } from "./picture-form.ts";

type Values = Dataset["features"];

/** 255 for bytes and for numbers like them, 1 for fractions. */
export function whiteOf(values: Values): number {
  if (values instanceof Uint8Array) return 255;
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most > 1 ? 255 : 1;
}

/** Where the outermost pixels of a picture lie in its row; those of one channel, or of all. */
function edgePlaces(width: number, height: number, channels: number, only?: number): Uint32Array {
  const places: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x += y === 0 || y === height - 1 || width === 1 ? 1 : width - 1)
      for (let c = only ?? 0; c < (only === undefined ? channels : only + 1); c++)
        places.push((y * width + x) * channels + c);
  return Uint32Array.from(places);
}

/** Mean of the values at `places`, counted from `start`. */
function meanAt(values: ArrayLike<number>, start: number, places: Uint32Array): number {
  let sum = 0;
  for (let k = 0; k < places.length; k++) sum += values[start + places[k]!]!;
  return sum / places.length;
}

/** Mean of the outermost pixels; of one channel, or of all. */
export const borderOf = (
  row: ArrayLike<number>,
  width: number,
  height: number,
  channels: number,
  only?: number,
): number => meanAt(row, 0, edgePlaces(width, height, channels, only));

/** The mean of the borders in bytes, and their deviation from it. */
export function bordersOf(
  values: Values,
  rows: number,
  width: number,
  height: number,
  channels: number,
  white: number,
): PictureForm["border"] {
  const size = width * height * channels;
  const edge = edgePlaces(width, height, channels);
  let [sum, square] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const border = (255 / white) * meanAt(values, i * size, edge);
    sum += border;
    square += border * border;
  }
  const mean = sum / rows;
  const hundredths = (x: number) => Math.round(100 * x) / 100;
  return { mean: hundredths(mean), deviation: hundredths(Math.sqrt(Math.max(0, square / rows - mean * mean))) };
}

/** Of gray pictures in bytes. */
export function greyForm(values: Uint8Array, rows: number, width: number, height: number): PictureForm {
  const border = bordersOf(values, rows, width, height, 1, 255);
  return { width, height, color: "grey", fit: "pad", invert: false, white: 255, border };
}
