// What a file format is to the reader of data sets (read-files.ts): one object, in a file of its own, listed there.
import { InvalidInput, type InvalidInputCode } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { type FileSet, HEAD, type ReadLimits } from "../file-set.ts";
import type { PictureOptions } from "../pictures/picture-form.ts";
import type { WithKeeping } from "../stored/keeping.ts";
import type { TableOptions } from "../table/table-options.ts";
import type { LabelArray } from "./arrays.ts";
import type { RowWatch } from "./table.ts";

/** What is said of a table's columns. Of it other formats take `classes` alone: where known, these bound the labels. */
export type TableChoices = Omit<TableOptions, "file">;

export type ReadOptions = {
  /** The data set's name; by default the stem of its first file. */
  readonly name?: string | undefined;
} & TableChoices &
  WithKeeping & {
    /** Of pictures: size, color and what else is not left to the reader. */
    readonly pictures?: PictureOptions | undefined;
    /** Of an archive: the names of its features and labels, and then perhaps those of the test part. */
    readonly arrays?: readonly string[] | undefined;
  } & RowWatch;

/** A format's decoders are loaded when a file of it is read: a page's first load holds none. */
export type Format = {
  /** What it holds and how its names end, for a list of all formats. */
  readonly title: string;
  /** Whether a file of this name, without folders, is of this format. */
  readonly matches: (base: string) => boolean;
  /**
   * Of the files in a folder those that are a set by their names, e.g. train.csv and test.csv; undefined where there
   * are none.
   */
  readonly find?: ((files: FileSet, paths: readonly string[]) => readonly string[] | undefined) | undefined;
  /** Of the errors of its files, for the limits of reading one. */
  readonly code?: InvalidInputCode | undefined;
  /** The data set in files of this format: one file, or the files of its parts. */
  readonly read: (files: FileSet, paths: readonly string[], options: ReadOptions) => Promise<Source>;
  /**
   * Rows for prediction [n×…], whatever their labels. Tables have none: columns, and `label` among them, choose what is
   * read.
   */
  readonly readFeatures?: (
    bytes: Uint8Array<ArrayBuffer>,
    file: string,
    options?: PictureOptions,
    arrays?: readonly string[],
  ) => Promise<LabelArray>;
};

/** Whether a path says that the file belongs to the test part. */
export const isTest = (path: string): boolean => /(^|[/_.-])(t10k|test)([/_.-]|$)/i.test(path);

/** Whether a path says that the file belongs to the validation part. */
export const isValidation = (path: string): boolean => /(^|[/_.-])(validation|valid|val|dev)([/_.-]|$)/i.test(path);

export function refuse(files: FileSet, path: string, code: InvalidInputCode, reason: string): InvalidInput {
  return new InvalidInput(code, reason, { file: files.shown(path) });
}

/**
 * A format's files by the code of its errors: how they begin, in hexadecimal and in words, and how large one may be.
 */
const KINDS: Readonly<
  Partial<Record<InvalidInputCode, { readonly begins: RegExp; readonly words: string; readonly most?: number }>>
> = {
  BAD_NPY: { begins: /^93 4e 55 4d 50 59/, words: "NumPy's \\x93NUMPY" },
  BAD_NPZ: { begins: /^50 4b/, words: "ZIP's PK" },
  BAD_PARQUET: { begins: /^50 41 52 31/, words: "PAR1" },
  BAD_IDX: { begins: /^(?:00 00 0[89b-e]|1f 8b)/, words: "00 00 and a type code 08, 09 or 0b to 0e, or gzip's 1f 8b" },
  BAD_PICTURE: {
    // also those of kinds that are refused by name: TIFF, HEIC and AVIF
    begins: /^(?:89 50 4e 47|ff d8|52 49 46 46|47 49 46 38|42 4d|49 49 2a 00|4d 4d 00 2a|.. .. .. .. 66 74 79 70)/,
    words: "the first bytes of a PNG, JPEG, WebP, GIF or BMP picture",
    most: 2 ** 28,
  },
  BAD_XLSX: { begins: /^50 4b/, words: "ZIP's PK" },
  BAD_ZIP: { begins: /^50 4b/, words: "ZIP's PK" },
};

/**
 * Refuses a large file by its size and its first bytes, before the rest is read; of a small one the reader says more.
 */
export function begin(files: FileSet, path: string, code: InvalidInputCode): ReadLimits {
  const kind = KINDS[code];
  return {
    most: kind?.most,
    check(head, size) {
      const hex = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      if (!kind || size <= HEAD || kind.begins.test(hex)) return;
      const reason = `the file must begin with ${kind.words}, got the bytes ${hex}.`;
      throw new InvalidInput(code, reason, { file: files.shown(path), at: "byte 0" });
    },
  };
}
