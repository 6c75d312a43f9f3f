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

/** Mean of the outermost pixels; of one channel, or of all. */
export function borderOf(
  row: ArrayLike<number>,
  width: number,
  height: number,
  channels: number,
  only?: number,
): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x += y === 0 || y === height - 1 || width === 1 ? 1 : width - 1)
      for (let c = only ?? 0; c < (only === undefined ? channels : only + 1); c++) {
        sum += row[(y * width + x) * channels + c]!;
        count++;
      }
  return sum / count;
}

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
  let [sum, square] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const border = (255 / white) * borderOf(values.subarray(i * size, (i + 1) * size), width, height, channels);
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
