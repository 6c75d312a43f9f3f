// Node only. From the word after `train` to a data set: a named set, a folder, or a file.
import { stat } from "node:fs/promises";
import { InvalidInput, must, show } from "../errors.ts";
import { alikeRowsWarning } from "./alike-rows.ts";
import { counted, type OnBytes } from "./counted-files.ts";
import type { Source } from "./dataset.ts";
import { drawDigits } from "./digits/digits.ts";
import { diskFile, diskFiles, unreadable } from "./disk-files.ts";
import type { TableChoices } from "./formats/format.ts";
import { CATALOG, type NamedOptions, readNamed } from "./named/catalog.ts";
import { nearest } from "./nearest.ts";
import type { PictureOptions } from "./pictures/picture-form.ts";
import { drawPlanar, isPlanar, PLANAR_SETS } from "./planar/planar.ts";
import { type ReadFilesOptions, readSource } from "./read-files.ts";
import { type CacheOptions, filesBelow, StoredCopy } from "./stored/cache.ts";

/** How far reading has come. */
export type ReadProgress = {
  /** What is done, in words: "reading", or "checking" a stored copy. */
  readonly what: string;
  /** The file or folder that is read. */
  readonly data: string;
  /** Bytes read so far; more than `total` where files are read twice. */
  readonly bytes: number;
  /** Bytes of all files. */
  readonly total: number;
};

/** Where named sets are, and how a table is read. */
export type LoadOptions = Pick<NamedOptions, "dataDir" | "onProgress"> &
  TableChoices & {
    /** Of pictures: size, color and what else is not left to the reader. Default: as they are found. */
    readonly pictures?: PictureOptions | undefined;
    /** Of an archive: the names of features and labels, then perhaps those of the test part. Default: found. */
    readonly arrays?: readonly string[] | undefined;
    /** Seed of the drawn digits, an integer in [0, 2⁵³). Default 1. */
    readonly seed?: number | undefined;
    /** Told of the bytes of files as they are read, some hundred kilobytes at a time. Default: none. */
    readonly onRead?: ((progress: ReadProgress) => void) | undefined;
    /** Where rows are stored that memory has no room for. Default: all rows are read into memory. */
    readonly store?: CacheOptions | undefined;
  };

/**
 * Read `data`: a named set (`digits`, `mnist`, `fashion-mnist`, `kmnist`, or points in the plane: `circles`, `xor`,
 * `spiral`, `moons`, `gaussians`); a folder with the IDX files of a set, with
 * train.csv and perhaps test.csv (or another kind of table), with pictures in folders named by their class or listed in
 * a table, or with files of one format alone; or a file: a table (text, JSON, ARFF, LIBSVM, .xlsx, Parquet, Arrow; also
 * .gz, .zip), IDX images with their labels beside them, X.npy with y.npy beside it (and X_test.npy, y_test.npy as a
 * test part), or an .npz archive of such arrays. `./mnist` is a folder even if a set has that name. Every refusal is an
 * InvalidInput with its file; a failed download is an EnvironmentFailure.
 */
export async function loadSource(data: string, options: LoadOptions = {}): Promise<Source> {
  const source = await loadUncompared(data, options);
  if (isNamed(data) || !source.test) return source;
  return { ...source, warnings: [...source.warnings, ...alikeRowsWarning(source)] };
}

/** loadSource without a look at rows that two parts share, for a caller that holds rows out. */
export async function loadUncompared(data: string, options: LoadOptions = {}): Promise<Source> {
  must(typeof data === "string", "data", "a set's name or a path", data);
  const named = CATALOG.get(data);
  if (isNamed(data)) {
    must(!options.label, "--label", "left out for a named set", options.label);
    if (named) return readNamed(data, named, options);
    const seed = options.seed ?? 1;
    return isPlanar(data) ? drawPlanar({ set: data, seed }) : drawDigits({ seed });
  }
  const found = await stat(data).catch((error: NodeJS.ErrnoException) => {
    throw /[/\\.]/.test(data) || error.code !== "ENOENT" ? unreadable(data, error) : unknownName(data);
  });
  if (!found.isDirectory() && !found.isFile())
    throw new InvalidInput("DATA_UNREADABLE", "it is neither a file nor a folder.", { file: data });
  const { store, onRead, onProgress: _, ...choices } = options;
  const folder = found.isDirectory();
  const total = onRead && (await filesBelow(data)).reduce((sum, { size }) => sum + size, 0);
  const told = (what: string) => onRead && teller((bytes) => onRead({ what, data, bytes, total: total! }));
  if (store === undefined) return readPath(data, folder, choices, told("reading"));
  const { dataDir: __, ...deciding } = choices;
  const copy = await StoredCopy.of(data, deciding, store);
  const stored = await copy.find(told("checking"));
  if (stored) return stored;
  try {
    return await copy.keep(await readPath(data, folder, { ...choices, keeping: copy }, told("reading")));
  } finally {
    await copy.end();
  }
}

function readPath(data: string, folder: boolean, options: ReadFilesOptions, onBytes?: OnBytes): Promise<Source> {
  if (folder) return readSource(counted(diskFiles(data), onBytes), undefined, options);
  const { files, path } = diskFile(data);
  return readSource(counted(files, onBytes), [path], options);
}

/** The sum of the bytes so far. */
function teller(tell: (bytes: number) => void): OnBytes {
  let sum = 0;
  return (bytes) => {
    sum += bytes;
    tell(sum);
  };
}

/** Whether `data` is a set's name and not a path. */
export function isNamed(data: string): boolean {
  return data === "digits" || isPlanar(data) || CATALOG.has(data);
}

function unknownName(data: string): InvalidInput {
  const names = ["digits", ...CATALOG.keys(), ...PLANAR_SETS];
  const near = nearest(data, names);
  const remedy = near === undefined ? "" : ` Did you mean ${near}?`;
  const reason = `${show(data)} is neither a file or folder here nor one of ${names.join(", ")}.${remedy}`;
  return new InvalidInput("UNKNOWN_DATA", reason);
}
