// A picture as its decoder gives it, and what a reader may be told about pictures.

/** Bytes in rows from the top; the channels of a pixel side by side: gray, gray and alpha, RGB, or RGB and alpha. */
export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly pixels: Uint8Array<ArrayBuffer>;
};

/** The size of pictures, in pixels. */
export type PictureSize = {
  /** Pixels of a row, ≥ 1. */
  readonly width: number;
  /** Rows of pixels, ≥ 1. */
  readonly height: number;
};

export const COLORS = ["grey", "rgb"] as const;
export const FITS = ["pad", "crop", "stretch"] as const;

/** One number a pixel, or red, green and blue side by side. */
export type PictureColor = (typeof COLORS)[number];

/** What becomes of a picture of other proportions than the size has: filled up, cut, or distorted. */
export type PictureFit = (typeof FITS)[number];

/** How pictures become rows. What is left out is found in the data, and told in the notes. */
export type PictureOptions = {
  /** Sides in [1, 1024]. Default: the size that all have, else their median; less where that is large. */
  readonly size?: PictureSize | undefined;
  /** Default: "grey"; of arrays in color "rgb". */
  readonly color?: PictureColor | undefined;
  /** Default: "pad". */
  readonly fit?: PictureFit | undefined;
  /** Dark and light exchanged. Default: false. */
  readonly invert?: boolean | undefined;
  /** Rows and columns exchanged, of IDX images. Default: where the file's name says EMNIST. */
  readonly transpose?: boolean | undefined;
  /** Whether a picture that cannot be decoded is left out and counted. Default: false. */
  readonly skipBad?: boolean | undefined;
};

/** The pictures that a model was trained on: what another picture must become before it is asked about. */
export type PictureForm = PictureSize & {
  /** Numbers a pixel: one, or three. */
  readonly color: PictureColor;
  /** What becomes of other proportions. */
  readonly fit: PictureFit;
  /** Whether dark and light are exchanged. */
  readonly invert: boolean;
  /** The value of white in a row: 255, or 1 where arrays held fractions. */
  readonly white: number;
  /** Of the outermost pixels. */
  readonly border: PictureBorder;
};

/** The outermost pixels of a set of pictures, in bytes. */
export type PictureBorder = {
  /** Their mean over all pictures, in [0, 255]. */
  readonly mean: number;
  /** The standard deviation of a picture's own mean from it, ≥ 0. */
  readonly deviation: number;
};

const isSide = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
export const MOST_ROW_SIDE = 1024; // of the pictures that rows are made of

const among = (list: readonly string[], value: unknown) => value === undefined || list.includes(value as string);
const isFlag = (value: unknown) => value === undefined || typeof value === "boolean";

/** Options as a file holds them. */
export function isPictureOptions(value: unknown): value is PictureOptions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { size, color, fit, invert, transpose, skipBad } = value as Record<string, unknown>;
  const { width, height } = (size ?? { width: 1, height: 1 }) as Record<string, unknown>;
  const sized = isSide(width, MOST_ROW_SIDE) && isSide(height, MOST_ROW_SIDE);
  return sized && among(COLORS, color) && among(FITS, fit) && [invert, transpose, skipBad].every(isFlag);
}

/** A form as a file holds it, of rows of `cols` numbers. */
export function isPictureForm(value: unknown, cols: number): value is PictureForm {
  const { width, height, color, fit, invert, white, border } = (value ?? {}) as Record<string, unknown>;
  const { mean, deviation } = (border ?? {}) as Record<string, unknown>;
  const channels = color === "rgb" ? 3 : 1;
  return (
    isSide(width, cols) &&
    isSide(height, cols) &&
    width * height * channels === cols &&
    typeof color === "string" &&
    typeof fit === "string" &&
    among(COLORS, color) &&
    among(FITS, fit) &&
    typeof invert === "boolean" &&
    (white === 1 || white === 255) &&
    Number.isFinite(mean) &&
    Number.isFinite(deviation)
  );
}
