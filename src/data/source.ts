// Node only. From the word after `train` to a data set: a named set, a folder, or a file.
import { stat } from "node:fs/promises";
import { InvalidInput, must, show } from "../errors.ts";
import type { Source } from "./dataset.ts";
import { drawDigits } from "./digits/digits.ts";
import { diskFile, diskFiles, unreadable } from "./disk-files.ts";
import { CATALOG, type NamedOptions, readNamed } from "./named/catalog.ts";
import { nearest } from "./nearest.ts";
import { readSource } from "./read-files.ts";

export type LoadOptions = Pick<NamedOptions, "dataDir" | "onProgress"> & {
  /** The label column of a table, as in CsvOptions. */
  readonly label?: string | null | undefined;
  /** Of a table of text, e.g. "windows-1252"; by default UTF-8, or UTF-16 where the bytes say so. */
  readonly encoding?: string | undefined;
  /** The sheet of a workbook, by name; by default the first. */
  readonly sheet?: string | undefined;
  /** The classes and their order, e.g. a model's; labels of arrays are bounded by them. */
  readonly classes?: readonly string[] | undefined;
  /** Seed of the drawn digits, by default 1. */
  readonly seed?: number | undefined;
};

/**
 * Read `data`: a named set (`digits`, `mnist`, `fashion-mnist`, `kmnist`); a folder with the IDX files of a set, with
 * train.csv and perhaps test.csv (or another kind of table), with PNG images in folders named by their class, or with
 * files of one format alone; or a file: a table (text, JSON, ARFF, LIBSVM, .xlsx, Parquet, Arrow; also .gz, .zip), IDX
 * images with their labels beside them, X.npy with y.npy beside it (and X_test.npy, y_test.npy as a test part), or an
 * .npz archive of such arrays. `./mnist` is a folder even if a set has that name. Every refusal is an InvalidInput with
 * its file; a failed download is an EnvironmentFailure.
 */
export async function loadSource(data: string, options: LoadOptions = {}): Promise<Source> {
  const named = CATALOG.get(data);
  if (isNamed(data)) {
    must(!options.label, "--label", "left out for a named set", options.label);
    return named ? readNamed(data, named, options) : drawDigits({ seed: options.seed ?? 1 });
  }
  const found = await stat(data).catch((error: NodeJS.ErrnoException) => {
    throw /[/\\.]/.test(data) || error.code !== "ENOENT" ? unreadable(data, error) : unknownName(data);
  });
  if (found.isDirectory()) return readSource(diskFiles(data), undefined, options);
  if (!found.isFile()) throw new InvalidInput("DATA_UNREADABLE", "it is neither a file nor a folder.", { file: data });
  const { files, path } = diskFile(data);
  return readSource(files, [path], options);
}

/** Whether `data` is a set's name and not a path. */
export function isNamed(data: string): boolean {
  return data === "digits" || CATALOG.has(data);
}

function unknownName(data: string): InvalidInput {
  const names = ["digits", ...CATALOG.keys()];
  const near = nearest(data, names);
  const remedy = near === undefined ? "" : ` Did you mean ${near}?`;
  const reason = `${show(data)} is neither a file or folder here nor one of ${names.join(", ")}.${remedy}`;
  return new InvalidInput("UNKNOWN_DATA", reason);
}
