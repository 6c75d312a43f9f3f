// The data set that every reader returns and every trainer takes: rows of features, each with a class. No file access.
import { must } from "../errors.ts";
import { checkTargets } from "../network/targets.ts";
import type { PictureForm } from "./pictures/picture-form.ts";

/** N examples of D features. */
export type Dataset = {
  readonly name: string;
  /** [N×D], row-major: bytes for images, floats for tables and embeddings. */
  readonly features: Uint8Array | Float32Array | Float64Array;
  /** N ≥ 1. */
  readonly rows: number;
  /** D ≥ 1. */
  readonly cols: number;
  /** [N], class indices in [0, C). */
  readonly labels: Int32Array;
  /** [N×C], probability rows; labels are then their argmax. */
  readonly targets?: Float32Array | Float64Array | undefined;
  /** C names, in class order. */
  readonly classes: readonly string[];
  /** D names, where the source has them. */
  readonly featureNames?: readonly string[] | undefined;
  /**
   * [N], each finite and ≥ 0: the loss of a row and its gradient are multiplied by its weight in training. Default 1.
   */
  readonly weights?: Float32Array | Float64Array | undefined;
  /** D = height × width, where rows are grey images. */
  readonly image?: ImageSize | undefined;
  /** Where rows are pictures, gray or in color: what another picture must become to be one of them. */
  readonly picture?: PictureForm | undefined;
};

export type ImageSize = { readonly height: number; readonly width: number };

/** The contents of a named set, a folder or a file. */
export type Source = {
  readonly name: string;
  readonly train: Dataset;
  /** Where the source brings one. */
  readonly test?: Dataset | undefined;
  /** Where the source brings one beside a test part. */
  readonly validation?: Dataset | undefined;
  /** SHA-256 of the bytes read, in reading order: recorded in run.json. */
  readonly sha256: string;
  /** Oddities of the data in words, e.g. a constant column. */
  readonly warnings: readonly string[];
  /** What was found out about the data and done to them, in words, where that was a choice. */
  readonly notes?: readonly string[] | undefined;
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
  if (!passed.has(data)) refuseUnsound(data);
  return pass(data);
}

function pass(data: Dataset): CheckedDataset {
  passed.add(data);
  return data as CheckedDataset;
}

function refuseUnsound(data: Dataset): void {
  const { rows, cols, classes } = data;
  must(Number.isInteger(rows) && rows >= 1, "rows", "an integer ≥ 1", rows);
  must(Number.isInteger(cols) && cols >= 1, "cols", "an integer ≥ 1", cols);
  must(classes.length >= 1, "classes", "at least one class name", classes.length);
  must(
    data.features.length === rows * cols,
    "features",
    `${rows} × ${cols} = ${rows * cols} values`,
    data.features.length,
  );
  must(data.labels.length === rows, "labels", `${rows} class indices`, data.labels.length);
  for (let i = 0; i < rows; i++) {
    const label = data.labels[i]!;
    if (label >= 0 && label < classes.length) continue;
    must(false, `labels[${i}]`, `a class in [0, ${classes.length})`, label);
  }
  if (!(data.features instanceof Uint8Array)) {
    const bad = data.features.findIndex((value) => !Number.isFinite(Math.fround(value)));
    must(bad < 0, `features[${Math.floor(bad / cols)}, ${bad % cols}]`, "a finite float32 number", data.features[bad]);
  }
  if (data.targets) checkTargets(data.targets, rows, classes.length);
  const { weights } = data;
  if (weights === undefined) return;
  must(weights.length === rows, "weights", `${rows} numbers, one for each row`, weights.length);
  const bad = weights.findIndex((w) => !(w >= 0 && Number.isFinite(Math.fround(w))));
  must(bad < 0, `weights[${bad}]`, "a finite number ≥ 0", weights[bad]);
}

/** The chosen rows, in the order given. Rows of a checked data set need no second check. */
export function selectRows(data: CheckedDataset, rows: Uint32Array, name?: string): CheckedDataset;
export function selectRows(data: Dataset, rows: Uint32Array, name?: string): Dataset;
export function selectRows(data: Dataset, rows: Uint32Array, name = data.name): Dataset {
  const pick = <T extends Uint8Array | Int32Array | Float32Array | Float64Array>(values: T, width: number): T => {
    const out = new (values.constructor as new (n: number) => T)(rows.length * width);
    rows.forEach((row, i) => {
      out.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  };
  const selected: Dataset = {
    ...data,
    name,
    rows: rows.length,
    features: pick(data.features, data.cols),
    labels: pick(data.labels, 1),
    targets: data.targets && pick(data.targets, data.classes.length),
    weights: data.weights && pick(data.weights, 1),
  };
  const sound = passed.has(data) && rows.length >= 1 && rows.every((row) => row < data.rows);
  return sound ? pass(selected) : selected;
}
