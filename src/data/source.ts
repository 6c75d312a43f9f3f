// Node only. From the word after `train` to a data set: a named set, a folder, or a file.
import { stat } from "node:fs/promises";
import { InvalidInput, must, show } from "../errors.ts";
import type { Source } from "./dataset.ts";
import { drawDigits } from "./digits/digits.ts";
import { diskFile, diskFiles, unreadable } from "./disk-files.ts";
import type { TableChoices } from "./formats/format.ts";
import { CATALOG, type NamedOptions, readNamed } from "./named/catalog.ts";
import { nearest } from "./nearest.ts";
import type { PictureOptions } from "./pictures/picture-form.ts";
import { type ReadFilesOptions, readSource } from "./read-files.ts";
import { type CacheOptions, StoredCopy } from "./stored/cache.ts";

/** Where named sets are, and how a table is read. */
export type LoadOptions = Pick<NamedOptions, "dataDir" | "onProgress"> &
  TableChoices & {
    /** Of pictures: size, color and what else is not left to the reader. Default: as they are found. */
    readonly pictures?: PictureOptions | undefined;
    /** Of an archive: the names of features and labels, then perhaps those of the test part. Default: found. */
    readonly arrays?: readonly string[] | undefined;
    /** Seed of the drawn digits, an integer in [0, 2⁵³). Default 1. */
    readonly seed?: number | undefined;
    /** Where rows are stored that memory has no room for. Default: all rows are read into memory. */
    readonly store?: CacheOptions | undefined;
  };

/**
 * Read `data`: a named set (`digits`, `mnist`, `fashion-mnist`, `kmnist`); a folder with the IDX files of a set, with
 * train.csv and perhaps test.csv (or another kind of table), with pictures in folders named by their class or listed in
 * a table, or with files of one format alone; or a file: a table (text, JSON, ARFF, LIBSVM, .xlsx, Parquet, Arrow; also
 * .gz, .zip), IDX images with their labels beside them, X.npy with y.npy beside it (and X_test.npy, y_test.npy as a
 * test part), or an .npz archive of such arrays. `./mnist` is a folder even if a set has that name. Every refusal is an
 * InvalidInput with its file; a failed download is an EnvironmentFailure.
 */
export async function loadSource(data: string, options: LoadOptions = {}): Promise<Source> {
  must(typeof data === "string", "data", "a set's name or a path", data);
  const named = CATALOG.get(data);
  if (isNamed(data)) {
    must(!options.label, "--label", "left out for a named set", options.label);
    return named ? readNamed(data, named, options) : drawDigits({ seed: options.seed ?? 1 });
  }
  const found = await stat(data).catch((error: NodeJS.ErrnoException) => {
    throw /[/\\.]/.test(data) || error.code !== "ENOENT" ? unreadable(data, error) : unknownName(data);
  });
  if (!found.isDirectory() && !found.isFile())
    throw new InvalidInput("DATA_UNREADABLE", "it is neither a file nor a folder.", { file: data });
  const { store, onProgress: _, ...choices } = options;
  if (store === undefined) return readPath(data, found.isDirectory(), choices);
  const { dataDir: __, ...deciding } = choices;
  const copy = await StoredCopy.of(data, deciding, store);
  const stored = await copy.find();
  if (stored) return stored;
  try {
    return await copy.keep(await readPath(data, found.isDirectory(), { ...choices, keeping: copy }));
  } finally {
    await copy.end();
  }
}

function readPath(data: string, folder: boolean, options: ReadFilesOptions): Promise<Source> {
  if (folder) return readSource(diskFiles(data), undefined, options);
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
