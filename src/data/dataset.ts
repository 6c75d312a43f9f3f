// What every reader returns and every trainer takes: rows of features with a class each. Values only; nothing here reads files.
import { must } from "../errors.ts";
import { checkTargets } from "../network/targets.ts";

/** N examples of D features. `features` is row-major [N×D]: bytes for images, floats for tables and embeddings. */
export type Dataset = {
  readonly name: string;
  readonly features: Uint8Array | Float32Array | Float64Array; // [N×D]
  readonly rows: number; //                                        N ≥ 1
  readonly cols: number; //                                        D ≥ 1
  readonly labels: Int32Array; //                                  [N], class indices in [0, C)
  readonly targets?: Float32Array | Float64Array; //               [N×C], probability rows; labels are then their argmax
  readonly classes: readonly string[]; //                          C names, in class order
  readonly featureNames?: readonly string[]; //                    D names, where the source has them
  readonly image?: { readonly height: number; readonly width: number }; // D = height × width, where rows are grey images
};

/** What a named set, a folder or a file holds: a training part, and a test part where the source brings one. */
export type Source = {
  readonly name: string;
  readonly train: Dataset;
  readonly test?: Dataset;
  readonly sha256: string; //                    of the bytes read, in reading order: what `run.json` records
  readonly warnings: readonly string[]; //       what a careful user would want to know, e.g. a constant column
};

/** Check a dataset's shape, labels and values at the door; returns it. Raises InvalidInput naming the first bad place. */
export function checkDataset(data: Dataset): Dataset {
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
    const label = data.labels[i] as number;
    if (label >= 0 && label < classes.length) continue;
    must(false, `labels[${i}]`, `a class in [0, ${classes.length})`, label);
  }
  if (!(data.features instanceof Uint8Array)) {
    const bad = data.features.findIndex((value) => !Number.isFinite(Math.fround(value)));
    must(bad < 0, `features[${Math.floor(bad / cols)}, ${bad % cols}]`, "a finite float32 number", data.features[bad]);
  }
  if (data.targets) checkTargets(data.targets, rows, classes.length);
  return data;
}

/** The chosen rows, in the order given. */
export function selectRows(data: Dataset, rows: Uint32Array, name = data.name): Dataset {
  const pick = <T extends Uint8Array | Int32Array | Float32Array | Float64Array>(values: T, width: number): T => {
    const out = new (values.constructor as new (n: number) => T)(rows.length * width);
    rows.forEach((row, i) => {
      out.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  };
  return {
    ...data,
    name,
    rows: rows.length,
    features: pick(data.features, data.cols),
    labels: pick(data.labels, 1),
    ...(data.targets && { targets: pick(data.targets, data.classes.length) }),
  };
}
