// What a file format is to the reader of data sets (read-files.ts): one object, in a file of its own, listed there.
import { InvalidInput } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { type FileSet, HEAD, type ReadLimits } from "../file-set.ts";
import type { LabelArray } from "./arrays.ts";

export type ReadOptions = {
  /** The data set's name; by default the stem of its first file. */
  readonly name?: string | undefined;
  /** Of a table, as in CsvOptions. */
  readonly label?: string | null | undefined;
  /** Where known, these bound the labels. */
  readonly classes?: readonly string[] | undefined;
  /** Of a text, e.g. "windows-1252"; by default UTF-8, or UTF-16 where the bytes say so. */
  readonly encoding?: string | undefined;
  /** The sheet of a workbook, by name; by default the first. */
  readonly sheet?: string | undefined;
};

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
  /** The data set in files of this format: one file, or the files of its parts. */
  readonly read: (files: FileSet, paths: readonly string[], options: ReadOptions) => Promise<Source>;
  /**
   * Rows for prediction [n×…], whatever their labels. Tables have none: columns, and `label` among them, choose what is
   * read.
   */
  readonly readFeatures?: (bytes: Uint8Array<ArrayBuffer>, file: string) => Promise<LabelArray>;
};

/** Whether a path says that the file belongs to the test part. */
export const isTest = (path: string): boolean => /(^|[/_.-])(t10k|test)([/_.-]|$)/i.test(path);

export function refuse(files: FileSet, path: string, code: string, reason: string): InvalidInput {
  return new InvalidInput(code, reason, { file: files.shown(path) });
}

/** The first bytes of a format's files, by the code of its errors; IDX, plain or gzipped, has too many. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  BAD_NPY: "\x93NUMPY",
  BAD_NPZ: "PK",
  BAD_PARQUET: "PAR1",
  BAD_XLSX: "PK",
  BAD_ZIP: "PK",
};

/** Refuses a large file by its first bytes, before the rest is read; of a small one the reader says more. */
export function begin(files: FileSet, path: string, code: string): ReadLimits {
  return {
    check(head, size) {
      const expected = BEGINNINGS[code];
      if (expected === undefined || size <= HEAD) return;
      const first = head.subarray(0, expected.length);
      if (String.fromCharCode(...first) === expected) return;
      const hex = [...first].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      const reason = `the file must begin with ${JSON.stringify(expected)}, got the bytes ${hex}.`;
      throw new InvalidInput(code, reason, { file: files.shown(path), at: "byte 0" });
    },
  };
}
