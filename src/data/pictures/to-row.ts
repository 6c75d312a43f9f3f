// A decoded picture as the row that a network is given: flat, in gray or RGB, of one size, perhaps inverted. And what
// was done to it on the way.

import { borderOf } from "./border.ts";
import { flatten, isFlat, luma } from "./flatten.ts";
import type { Picture, PictureForm } from "./picture-form.ts";
import { resize } from "./resize.ts";

/** What the reader of the notes should hear. */
export type Facts = {
  readonly width: number;
  readonly height: number;
  readonly resized: boolean;
  /** Where its proportions are not those of the size. */
  readonly fitted: boolean;
  readonly ground: "white" | "black" | undefined;
  readonly inColor: boolean;
  /** Nothing is to be seen on it. */
  readonly blank: boolean;
  /** Mean of the outermost pixels of the row, in bytes. */
  readonly border: number;
  /** Mean red, green and blue of the whole picture. */
  readonly mean: readonly [number, number, number];
};

export type RowForm = Pick<PictureForm, "width" | "height" | "color" | "fit" | "invert">;

const FEW = 16; // pixels: fewer can all be equal and still say something

export const channelsOf = (color: PictureForm["color"]): 1 | 3 => (color === "rgb" ? 3 : 1);

/** `row`: bytes [height×width], or [height×width×3] in color. */
export function toRow(picture: Picture, form: RowForm): { readonly row: Uint8Array; readonly facts: Facts } {
  const flat = flatten(picture);
  const channels = channelsOf(form.color);
  const colored = inChannels(flat.pixels, flat.channels, channels);
  const { width, height } = flat;
  const fitted = width * form.height !== height * form.width;
  const resized = width !== form.width || height !== form.height;
  const row = resized ? fit(colored, { width, height, channels }, form) : Uint8Array.from(colored);
  if (form.invert) for (let k = 0; k < row.length; k++) row[k] = 255 - row[k]!;
  const blank = width * height >= FEW && isFlat(flat.pixels, flat.channels);
  const border = borderOf(row, form.width, form.height, channels);
  const mean = meanOf(flat.pixels, flat.channels);
  const { ground, inColor } = flat;
  return { row, facts: { width, height, resized, fitted, ground, inColor, blank, border, mean } };
}

function inChannels(pixels: Uint8Array, from: 1 | 3, to: 1 | 3): Uint8Array {
  if (from === to) return pixels;
  if (from === 1) return Uint8Array.from({ length: 3 * pixels.length }, (_, k) => pixels[Math.floor(k / 3)]!);
  return Uint8Array.from({ length: pixels.length / 3 }, (_, p) =>
    luma(pixels[3 * p]!, pixels[3 * p + 1]!, pixels[3 * p + 2]!),
  );
}

function fit(
  pixels: Uint8Array,
  shape: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
  { width, height, fit: how }: RowForm,
): Uint8Array {
  const { width: w, height: h, channels } = shape;
  const scales = [width / w, height / h] as const;
  if (how === "stretch") return resize(pixels, shape, { left: 0, top: 0, width: w, height: h }, width, height);
  if (how === "crop") {
    const scale = Math.max(...scales);
    const [cols, rows] = [Math.min(w, width / scale), Math.min(h, height / scale)];
    const part = { left: (w - cols) / 2, top: (h - rows) / 2, width: cols, height: rows };
    return resize(pixels, shape, part, width, height);
  }
  const scale = Math.min(...scales);
  const within = (size: number, most: number) => Math.min(most, Math.max(1, Math.round(size * scale)));
  const [cols, rows] = [within(w, width), within(h, height)];
  const inner = resize(pixels, shape, { left: 0, top: 0, width: w, height: h }, cols, rows);
  const out = new Uint8Array(width * height * channels);
  const edge = Array.from({ length: channels }, (_, c) => Math.round(borderOf(inner, cols, rows, channels, c)));
  for (let k = 0; k < out.length; k++) out[k] = edge[k % channels]!;
  const [left, top] = [Math.floor((width - cols) / 2), Math.floor((height - rows) / 2)];
  for (let y = 0; y < rows; y++) {
    const line = inner.subarray(y * cols * channels, (y + 1) * cols * channels);
    out.set(line, ((top + y) * width + left) * channels);
  }
  return out;
}

function meanOf(pixels: Uint8Array, channels: 1 | 3): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let k = 0; k < pixels.length; k++) sums[k % channels]! += pixels[k]!;
  const n = pixels.length / channels;
  return channels === 1 ? [sums[0] / n, sums[0] / n, sums[0] / n] : [sums[0] / n, sums[1] / n, sums[2] / n];
}
