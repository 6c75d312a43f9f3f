// Rows that a model is asked about, held against those it was trained on: pictures made like the training's, arrays of
// another scale or shape refused.
import { stat } from "node:fs/promises";
import { inScale, pictureFormOf } from "../classifier/picture-row.ts";
import { ScaleGuard } from "../classifier/row-input.ts";
import { type Dataset, storedDataset } from "../data/dataset.ts";
import { diskFile, diskFiles } from "../data/disk-files.ts";
import type { FileSet } from "../data/file-set.ts";
import { decodePicture } from "../data/pictures/decode.ts";
import { picturesBelow, Strays } from "../data/pictures/entries.ts";
import { PICTURE_ENDING } from "../data/pictures/header.ts";
import type { PictureForm } from "../data/pictures/picture-form.ts";
import { oddities, some } from "../data/pictures/picture-tally.ts";
import { bytesOf } from "../data/pictures/read-pictures.ts";
import { toRow } from "../data/pictures/to-row.ts";
import { factsOf, MappedRows, formOf as rowForm, rowStoreOf } from "../data/stored/row-store.ts";
import type { RejectedRow } from "../data/table/table-options.ts";
import { InvalidInput } from "../errors.ts";
import { columnCount, type Model } from "../training/model.ts";
import type { PictureFlags } from "./command-options.ts";
import { warn } from "./program.ts";
import { plural } from "./tables.ts";

/** Rows of one file or folder. Pictures have names of their own. */
export type Asked = {
  readonly file: string;
  /** Raw rows in the model's order of columns and codes. */
  readonly rows: RawRows;
  readonly names?: readonly string[] | undefined;
  /** Numbers of the rows, from 1, where some are left out. */
  readonly numbers?: readonly number[] | undefined;
  /** The cells of columns to hand back, by their names. */
  readonly kept?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly rejected?: RejectedRows | undefined;
  /** What was chosen or is odd about the rows, in words, to be said once every file is read. */
  readonly notes?: readonly string[] | undefined;
};

/** Rows that may be read when they are asked for. */
export type RawRows = Pick<Dataset, "features" | "rows" | "cols">;

/** Sees the cells of a row, its number in the file, and what splits them. */
export type OnRawRow = (cells: readonly unknown[], row: number, delimiter: string | undefined) => void;

/** Rows that cannot be read, and a way to see the table again: `reread` says whether its first row is a header. */
export type RejectedRows = {
  readonly rows: readonly RejectedRow[];
  readonly reread: (onRow: OnRawRow) => Promise<boolean>;
};

/** The flags for data that a model is tested on: pictures as in training, unless a flag says otherwise. */
export function asInTraining<F extends PictureFlags>({ picture }: Pick<Model, "picture">, flags: F): F {
  if (!picture) return flags;
  const { width, height, color, fit, invert } = picture;
  const kept = { size: { width, height }, color, fit, invert: invert ? true : undefined };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { ...kept, ...Object.fromEntries(given) } as F;
}

/** The same for another part of a run's data: pictures as those of `train` became. */
export const inTrainingsForm = <F extends PictureFlags>({ picture }: Dataset, flags: F): F =>
  asInTraining({ picture } as Pick<Model, "picture">, flags);

/** Whether `path` is a picture, or a folder of them. */
export async function holdsPictures(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return "folder";
  return PICTURE_ENDING.test(path) ? "file" : undefined;
}

/** A picture, or all below a folder, as rows of the model, with a warning for what is odd about each. */
export async function askedPictures(path: string, model: Model, flags: PictureFlags): Promise<Asked> {
  const form = pictureFormOf(model);
  if (!form) {
    const reason = `this model was not trained on pictures: it takes rows of ${plural(columnCount(model), "number")}.`;
    throw new InvalidInput("WRONG_COLUMNS", reason, { file: path });
  }
  const inFolder = (await holdsPictures(path)) === "folder";
  const { files, path: only } = inFolder ? { files: diskFiles(path), path: "" } : diskFile(path);
  const strays = new Strays();
  const paths = inFolder ? await picturesBelow(files, "", strays) : [only];
  if (paths.length === 0) throw new InvalidInput("DATA_NOT_FOUND", "the folder holds no pictures.", { file: path });
  for (const note of strays.notes()) warn(`${path}: ${note}`);
  const how = { ...form, invert: flags.invert ?? form.invert };
  const rows: Uint8Array[] = [];
  const names: string[] = [];
  const odd = new Map<string, string[]>();
  const bad: string[] = [];
  for (const each of paths) {
    const name = files.shown(each);
    const made = await rowOf(files, each, how, flags.onBad === "skip");
    if (!made) {
      bad.push(name);
      continue;
    }
    rows.push(made.row);
    names.push(name);
    for (const words of oddities(made.facts, how)) odd.set(words, [...(odd.get(words) ?? []), name]);
  }
  if (bad.length > 0) warn(`${bad.length} unreadable left out: ${some(bad)}.`);
  if (rows.length === 0) throw new InvalidInput("DATA_NOT_FOUND", "none of its pictures can be read.", { file: path });
  for (const [words, of] of odd) warn(`${some(of)}: ${words}`);
  const cols = rows[0]!.length;
  return { file: path, rows: { features: inScale(joined(rows), form), rows: rows.length, cols }, names };
}

async function rowOf(files: FileSet, path: string, form: PictureForm, skip: boolean) {
  try {
    return toRow(await decodePicture(await bytesOf(files, path, true), files.shown(path)), form);
  } catch (error) {
    if (skip && error instanceof InvalidInput) return undefined;
    throw error;
  }
}

/** Rows side by side. */
function joined(rows: readonly Uint8Array[]): Uint8Array {
  const size = rows[0]!.length;
  const all = new Uint8Array(rows.length * size);
  for (const [i, row] of rows.entries()) all.set(row, i * size);
  return all;
}

/** Pictures in bytes as fractions for a model that was trained on such. */
export function inScaleOf(model: Model, data: Dataset): Dataset {
  if (model.picture?.white !== 1 || rowForm(data) !== "bytes") return data;
  const fractions = (features: Dataset["features"]) => Float32Array.from(features, (value) => value / 255);
  return storedDataset(factsOf(data), new MappedRows(rowStoreOf(data), data.cols, fractions, "floats"));
}

const MANY = 16; //   columns from which values within 0 … 1 in all of them are no accident
const LARGE = 32; //  a mean or deviation that no fractions have

/** Raises InvalidInput OTHER_SCALE for bytes where the model takes fractions, and the reverse. */
export function refuseOtherScale({ scaling }: Model, features: Iterable<number>, file: string): void {
  let [least, most, whole] = [0, 0, true];
  for (const x of features) {
    if (x > most) most = x;
    else if (x < least) least = x;
    if (whole && x % 1 !== 0) whole = false;
  }
  new ScaleGuard(scaling).judge(file, most, least, whole);
  if (least < 0 || most > 1 || most === 0 || scaling.kind === "none") return;
  const large =
    scaling.kind === "divide"
      ? scaling.by === 255
      : scaling.kind === "standardize" &&
        scaling.mean.length >= MANY &&
        scaling.mean.every((mean) => mean >= 0) &&
        scaling.mean.some((mean, j) => mean + scaling.deviation[j]! >= LARGE);
  if (!large) return;
  const reason = `its values lie within 0 … 1, but this model was trained on larger ones, such as bytes within 0 … 255. Multiply by 255.`;
  throw new InvalidInput("OTHER_SCALE", reason, { file });
}

/** Raises InvalidInput for pictures of another shape, also where the number of pixels is the same. */
export function refuseOtherShape(model: Model, shape: readonly number[], file: string): void {
  const { width, height } = model.picture ?? model.image ?? {};
  if (width === undefined || shape.length < 2) return;
  const [rows, cols] = shape;
  if (rows === height && cols === width) return;
  const reason = `its pictures are ${cols} × ${rows} pixels; this model was trained on ${width} × ${height}.`;
  throw new InvalidInput("WRONG_COLUMNS", reason, { file, at: "shape" });
}
