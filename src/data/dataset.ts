// The data set that every reader returns and every trainer takes: rows of features, each with a class. No file access.
import { atOnce, eachPiece, type Steps } from "../engines/turns.ts";
import { must } from "../errors.ts";
import { type ClassIndices, checkNumberTargets, checkTargets } from "../network/targets.ts";
import type { Column } from "./columns.ts";
import type { PictureForm } from "./pictures/picture-form.ts";
import { factsOf, type RowStore, SelectedRows, storedData, storeOf, valueCount } from "./stored/row-store.ts";
import type { RejectedRow, TableColumn } from "./table/table-options.ts";

/** N examples of D features. */
export type Dataset = {
  /** What messages call it. */
  readonly name: string;
  /** [N×D], row-major: bytes for images, floats for tables and embeddings. */
  readonly features: Uint8Array | Float32Array | Float64Array;
  /** N ≥ 1. */
  readonly rows: number;
  /** D ≥ 1. */
  readonly cols: number;
  /** [N], class indices in [0, C). */
  readonly labels: ClassIndices;
  /** [N×C], probability rows; labels are then their argmax. */
  readonly targets?: Float32Array | Float64Array | undefined;
  /**
   * What there is to learn. "regress": numbers; "multilabel": labels, each there or not. Default: one class a row.
   */
  readonly task?: "regress" | "multilabel" | undefined;
  /** [N×T] with `task`: the numbers, or 1 and 0 for labels. `classes` are then the T names, and `labels` all 0. */
  readonly values?: Float32Array | Float64Array | undefined;
  /** C names, in class order. */
  readonly classes: readonly string[];
  /** D names, where the source has them. */
  readonly featureNames?: readonly string[] | undefined;
  /**
   * D columns of a table with words, yes and no, dates or missing values: `features` are then codes (columns.ts), with
   * NaN for a missing value. Without them every feature is a number.
   */
  readonly columns?: readonly Column[] | undefined;
  /**
   * [N], each finite and ≥ 0: the loss of a row and its gradient are multiplied by its weight in training. Default 1.
   */
  readonly weights?: Float32Array | Float64Array | undefined;
  /** [N], the index of each row's group, an integer ≥ 0: rows of one group come to one side of a split. */
  readonly groups?: Int32Array | undefined;
  /** The groups' names by their indices, where they have some: by these the groups of two data sets are compared. */
  readonly groupNames?: readonly string[] | undefined;
  /** [N], the time of each row, finite, e.g. days since 1970: of these the later are held out in a split. */
  readonly times?: Float64Array | undefined;
  /** D = height × width, where rows are grey images. */
  readonly image?: ImageSize | undefined;
  /** Where rows are pictures, gray or in color: what another picture must become to be one of them. */
  readonly picture?: PictureForm | undefined;
};

/** The size of grey images, in pixels. */
export type ImageSize = {
  /** Rows of pixels, ≥ 1. */
  readonly height: number;
  /** Pixels of a row, ≥ 1. */
  readonly width: number;
};

/** The contents of a named set, a folder or a file. */
export type Source = {
  /** The set's name, or the file's or folder's. */
  readonly name: string;
  /** Rows to train on. */
  readonly train: Dataset;
  /** Rows kept apart for the test, where the source brings them. */
  readonly test?: Dataset | undefined;
  /** Where the source brings one beside a test part. */
  readonly validation?: Dataset | undefined;
  /** SHA-256 of the bytes read, in reading order: recorded in run.json. */
  readonly sha256: string;
  /** Oddities of the data in words, e.g. a constant column. */
  readonly warnings: readonly string[];
  /** What was found out about the data and done to them, in words, where that was a choice. */
  readonly notes?: readonly string[] | undefined;
  /** Of a table: every column of its file, and what is done with it. */
  readonly table?: SourceTable | undefined;
  /** Of a folder of pictures: each row's file below it, by part. */
  readonly files?: Readonly<Partial<Record<"train" | "validation" | "test", readonly string[]>>> | undefined;
};

/** What was found in a table. */
export type SourceTable = {
  /** Every column of its file. */
  readonly columns: readonly TableColumn[];
  /** The label column's name or, without a header, its position from 1. */
  readonly labelName: string | undefined;
  /** What was chosen without being told, in words. */
  readonly notes: readonly string[];
  /** The cells of the columns to keep, as texts [N] each, as they stand. */
  readonly kept?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether its first row has the names of the columns. */
  readonly header?: boolean | undefined;
  /** Rows that cannot be read, where these are skipped. */
  readonly rejected?: readonly RejectedRow[] | undefined;
};

declare class Checked {
  private readonly checked: true;
}

/** A data set that checkDataset has passed. A copy by spread is a plain Dataset again, as a type and at run time. */
export interface CheckedDataset extends Dataset, Checked {}

const passed = new WeakSet<Dataset>();

/**
 * Check shape, labels and values of a data set, once: one that was passed before is returned at once, so its arrays
 * must not change afterwards. Raises InvalidInput naming the first bad place.
 */
export function checkDataset(data: Dataset): CheckedDataset {
  return atOnce(checkingDataset(data));
}

/** checkDataset in steps. */
export function* checkingDataset(data: Dataset): Steps<CheckedDataset> {
  if (!passed.has(data)) yield* refuseUnsound(data);
  return pass(data);
}

function pass(data: Dataset): CheckedDataset {
  passed.add(data);
  return data as CheckedDataset;
}

/** A sound data set of the rows of a store, whose maker has checked their values. */
export function storedDataset(facts: Omit<Dataset, "features">, store: RowStore): CheckedDataset {
  return pass(storedData(facts, store));
}

/** Raises InvalidInput for what is no data set: callers in JavaScript can pass anything. */
export function mustBeData(data: Dataset, what = "data"): void {
  if (data && storeOf(data)) return;
  must(ArrayBuffer.isView(data?.features), what, "a dataset, e.g. of fromArrays", data);
}

function* refuseUnsound(data: Dataset): Steps<void> {
  mustBeData(data);
  const { rows, cols, classes } = data;
  must(Number.isInteger(rows) && rows >= 1, "rows", "an integer ≥ 1", rows);
  must(Number.isInteger(cols) && cols >= 1, "cols", "an integer ≥ 1", cols);
  must(classes.length >= 1, "classes", "at least one class name", classes.length);
  const stored = storeOf(data) !== undefined; // then their maker has checked the features
  const count = valueCount(data);
  must(count === rows * cols, "features", `${rows} × ${cols} = ${rows * cols} values`, count);
  must(data.labels.length === rows, "labels", `${rows} class indices`, data.labels.length);
  for (let i = 0; i < rows; i++) {
    const label = data.labels[i]!;
    if (label >= 0 && label < classes.length) continue;
    must(false, `labels[${i}]`, `a class in [0, ${classes.length})`, label);
  }
  if (stored) yield;
  else if (data.columns) refuseUnsoundCodes(data, data.columns);
  else if (!(data.features instanceof Uint8Array)) {
    const { features } = data;
    yield* eachPiece(features.length, (from, to) => {
      const bad = firstNotFinite(features, from, to);
      must(bad < 0, `features[${Math.floor(bad / cols)}, ${bad % cols}]`, "a finite float32 number", features[bad]);
    });
  }
  if (data.targets) checkTargets(data.targets, rows, classes.length);
  const { task, values } = data;
  must((task === undefined) === (values === undefined), "values", "given with task, and with it alone", values);
  if (values) {
    const kind = task === "multilabel" ? "sigmoid-cross-entropy" : "squared-error";
    must(task === "regress" || task === "multilabel", "task", '"regress" or "multilabel"', task);
    must(data.targets === undefined, "targets", "left out where there are values", data.targets);
    checkNumberTargets(values, rows, classes.length, kind);
  }
  refuseUnsoundKeys(data);
  const { weights } = data;
  if (weights === undefined) return;
  must(weights.length === rows, "weights", `${rows} numbers, one for each row`, weights.length);
  const bad = weights.findIndex((w) => !(w >= 0 && Number.isFinite(Math.fround(w))));
  must(bad < 0, `weights[${bad}]`, "a finite number ≥ 0", weights[bad]);
}

function refuseUnsoundKeys({ groups, groupNames, times, rows }: Dataset): void {
  if (groups) {
    must(groups.length === rows, "groups", `${rows} indices, one for each row`, groups.length);
    const most = groupNames?.length ?? 2 ** 31;
    const bad = groups.findIndex((g) => !(Number.isInteger(g) && g >= 0 && g < most));
    must(bad < 0, `groups[${bad}]`, `an index from 0 to ${most - 1}`, groups[bad]);
  }
  if (times === undefined) return;
  must(times.length === rows, "times", `${rows} numbers, one for each row`, times.length);
  const bad = times.findIndex((time) => !Number.isFinite(time));
  must(bad < 0, `times[${bad}]`, "a finite number", times[bad]);
}

function refuseUnsoundCodes({ features, cols }: Dataset, columns: readonly Column[]): void {
  must(columns.length === cols, "columns", `${cols} columns`, columns.length);
  const levels = columns.map(({ kind, levels }) => (kind === "category" || kind === "ordinal" ? levels!.length : -1));
  const bad = features.findIndex((x, i) => {
    if (Number.isNaN(x)) return false;
    const count = levels[i % cols]!;
    return count < 0 ? !Number.isFinite(Math.fround(x)) : !(Number.isInteger(x) && x >= -1 && x < count);
  });
  const at = bad % cols;
  const expected = levels[at]! < 0 ? "a finite float32 number, or NaN" : `a level from 0 to ${levels[at]! - 1}, or -1`;
  must(bad < 0, `features[${Math.floor(bad / cols)}, ${at}]`, expected, features[bad]);
}

/** The first of values[from … to) that is no finite float32 number; −1 if all are. */
export function firstNotFinite(values: ArrayLike<number>, from = 0, to = values.length): number {
  for (let i = from; i < to; i++) if (!Number.isFinite(Math.fround(values[i]!))) return i;
  return -1;
}

/** The chosen rows, in the order given. Rows of a checked data set need no second check. */
export function selectRows(data: CheckedDataset, rows: Uint32Array, name?: string): CheckedDataset;
export function selectRows(data: Dataset, rows: Uint32Array, name?: string): Dataset;
export function selectRows(data: Dataset, rows: Uint32Array, name = data?.name): Dataset {
  mustBeData(data);
  must(ArrayBuffer.isView(rows), "rows", "a Uint32Array of row numbers", rows);
  return atOnce(selectingRows(data, rows.slice(), name));
}

/** A data set for each list of rows, which must not change afterwards. Their labels lie one after another. */
export function* selectingParts(data: Dataset, parts: readonly Uint32Array[]): Steps<Dataset[]> {
  const labels = roomLike(
    data.labels,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  const selected: Dataset[] = [];
  let at = 0;
  for (const rows of parts) {
    selected.push(yield* selectingRows(data, rows, data.name, labels.subarray(at, at + rows.length)));
    at += rows.length;
  }
  return selected;
}

/** selectRows in steps; `rows` must not change afterwards, and `labels` is room for theirs. */
function* selectingRows(
  data: Dataset,
  rows: Uint32Array,
  name: string,
  labels = roomLike(data.labels, rows.length),
): Steps<Dataset> {
  const store = storeOf(data);
  const facts = {
    ...factsOf(data),
    name,
    rows: rows.length,
    labels: yield* pick(data.labels, 1, rows, labels),
    targets: data.targets && (yield* pick(data.targets, data.classes.length, rows)),
    values: data.values && (yield* pick(data.values, data.classes.length, rows)),
    weights: data.weights && (yield* pick(data.weights, 1, rows)),
    groups: data.groups && (yield* pick(data.groups, 1, rows)),
    times: data.times && (yield* pick(data.times, 1, rows)),
  };
  const selected = store
    ? storedData(facts, new SelectedRows(store, rows))
    : { ...facts, features: yield* pick(data.features, data.cols, rows) };
  const sound = passed.has(data) && rows.length >= 1 && rows.every((row) => row < data.rows);
  return sound ? pass(selected) : selected;
}

/** The features of the columns with these numbers, in this order. */
export function selectColumns({ features, rows, cols }: Dataset, columns: readonly number[]): Dataset["features"] {
  const out = new (features.constructor as new (n: number) => Float64Array)(rows * columns.length);
  for (let i = 0; i < rows; i++)
    columns.forEach((j, at) => {
      out[i * columns.length + at] = features[i * cols + j]!;
    });
  return out;
}

/** Zeros of the same type. */
const roomLike = <T extends ClassIndices | Float32Array | Float64Array>(values: T, length: number): T =>
  new (values.constructor as new (n: number) => T)(length);

function* pick<T extends ClassIndices | Float32Array | Float64Array>(
  values: T,
  width: number,
  rows: Uint32Array,
  out = roomLike(values, rows.length * width),
): Steps<T> {
  const some = Math.ceil(2 ** 16 / width);
  const copy = (from: number, to: number) => {
    for (let i = from; i < to; i++) out.set(values.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  };
  yield* eachPiece(rows.length, copy, some);
  return out;
}
