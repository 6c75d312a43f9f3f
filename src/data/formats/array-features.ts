// An array of features as the rows of a dataset: pictures where its shape says so, and finite numbers.
import { InvalidInput, type InvalidInputCode, must } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import { bordersOf, whiteOf } from "../pictures/border.ts";
import { luma } from "../pictures/flatten.ts";
import type { PictureForm } from "../pictures/picture-form.ts";
import type { LabelArray } from "./label-array.ts";

type Options = {
  readonly code: InvalidInputCode;
  readonly featuresFile?: string | undefined;
  readonly color?: PictureForm["color"] | undefined;
  readonly invert?: boolean | undefined;
};

type Prepared = {
  readonly data: Pick<Dataset, "features" | "cols" | "image" | "picture">;
  readonly notes: readonly string[];
};

/** The rows, and what was found out about them. Raises InvalidInput for text and for numbers that are not finite. */
export function featuresOf(array: LabelArray, { code, featuresFile: file, color, invert }: Options): Prepared {
  const [rows = 0, ...rest] = array.shape;
  if (array.names) {
    const reason =
      "features must be numbers, got text. Encode it as numbers first, or give it as a table (CSV, Parquet).";
    throw new InvalidInput(code, reason, { file, at: "byte 0" });
  }
  const values = numbersOf(array);
  const cols = values.length / rows;
  const { first, count: bad } = notFinite(values);
  if (bad > 0) {
    const what = `features[${Math.floor(first / cols)}, ${first % cols}]`;
    const at = `row ${Math.floor(first / cols) + 1} column ${(first % cols) + 1}`;
    const all = `${bad} of ${values.length} values are not.`;
    must(false, what, "a finite float32 number", values[first], all, { file, at }, code);
  }
  const shape = pictureShape(rest);
  if (shape === undefined) return { data: { features: values, cols }, notes: [] };
  const { height, width, channels } = shape;
  const pixels = shape.planes ? interleaved(values, width * height) : values;
  const inColor = channels === 3 && color !== "grey";
  const grey = channels === 3 && !inColor ? brightness(pixels) : pixels;
  const white = whiteOf(grey);
  const features = invert ? inverted(grey, white) : grey;
  const form: PictureForm = {
    width,
    height,
    color: inColor ? "rgb" : "grey",
    fit: "pad",
    invert: invert === true,
    white,
    border: bordersOf(features, rows, width, height, inColor ? 3 : 1, white),
  };
  const size = `Pictures of ${width} × ${height}`;
  const notes = inColor
    ? [`${size} in color: ${features.length / rows} numbers each; --color grey takes their brightness.`]
    : channels === 3
      ? [`${size} in color, read as grey.`]
      : [];
  const image = inColor ? undefined : { height, width };
  return { data: { features, cols: features.length / rows, image, picture: form }, notes };
}

type Shape = { height: number; width: number; channels: 1 | 3; planes: boolean };

/** [H×W], [H×W×channels], or [channels×H×W] with its channels as planes. */
function pictureShape(rest: readonly number[]): Shape | undefined {
  const [a = 0, b = 0, c = 1] = rest;
  const few = (n: number): n is 1 | 3 => n === 1 || n === 3;
  if (rest.length === 2) return { height: a, width: b, channels: 1, planes: false };
  if (rest.length !== 3) return undefined;
  if (few(c)) return { height: a, width: b, channels: c, planes: false };
  return few(a) ? { height: b, width: c, channels: a, planes: a === 3 } : undefined;
}

/** [N×3×pixels] as [N×pixels×3]. */
function interleaved(planes: Floats, pixels: number): Floats {
  const out = new (planes.constructor as new (n: number) => Floats)(planes.length);
  for (let k = 0; k < out.length; k++) {
    const row = k - (k % (3 * pixels));
    const [p, c] = [Math.floor((k - row) / 3), k % 3];
    out[k] = planes[row + c * pixels + p]!;
  }
  return out;
}

/** Bytes as they are; truth values are no bytes; integers as float64. */
function numbersOf({ values, dtype }: LabelArray): Uint8Array<ArrayBufferLike> | Float32Array | Float64Array {
  if (dtype === "bool") return Float32Array.from(values);
  const keep = values instanceof Uint8Array || values instanceof Float32Array || values instanceof Float64Array;
  return keep ? values : Float64Array.from(values);
}

type Floats = Dataset["features"];

function brightness(rgb: Floats): Floats {
  const out = new (rgb.constructor as new (n: number) => Floats)(rgb.length / 3);
  const bytes = rgb instanceof Uint8Array;
  for (let p = 0; p < out.length; p++) {
    const [r, g, b] = [rgb[3 * p]!, rgb[3 * p + 1]!, rgb[3 * p + 2]!];
    out[p] = bytes ? luma(r, g, b) : (19595 * r + 38470 * g + 7471 * b) / 65536;
  }
  return out;
}

function inverted(values: Floats, white: number): Floats {
  return values.map((value) => white - value) as Floats;
}

/** The first value that is not a finite float32, and how many there are. */
function notFinite(values: Floats): { first: number; count: number } {
  if (values instanceof Uint8Array) return { first: -1, count: 0 };
  let first = -1;
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(Math.fround(values[k]!))) continue;
    if (count++ === 0) first = k;
  }
  return { first, count };
}
