// From an array of features and an array of labels to a dataset, whatever format they came in.
import { type InvalidInputCode, must } from "../../errors.ts";
import { checkDataset, type Dataset, type Source } from "../dataset.ts";
import type { Task } from "../table/table-options.ts";
import { featuresOf } from "./array-features.ts";
import { classesOf, labelsOf } from "./array-labels.ts";
import { targetsOf } from "./array-targets.ts";
import { sortClasses } from "./class-order.ts";
import type { LabelArray } from "./label-array.ts";

export type { LabelArray };

/** What messages call a pair of arrays, and how pictures among them are read. */
export type PairNames = {
  /** The data's name. */
  readonly name: string;
  /** Of the errors, e.g. BAD_IDX. */
  readonly code: InvalidInputCode;
  /** The path of the features. Default: none. */
  readonly featuresFile?: string | undefined;
  /** The path of the labels. Default: none. */
  readonly labelsFile?: string | undefined;
  /** C names, which bound the labels. Default: the labels that occur, in order. */
  readonly classes?: readonly string[] | undefined;
  /** Of pictures in color, [N×H×W×3]: "grey" takes their brightness. */
  readonly color?: "grey" | "rgb" | undefined;
  /** Dark and light of pictures exchanged. */
  readonly invert?: boolean | undefined;
  /** What the labels are: "regress": numbers [N] or [N×T]; "multilabel": 0 and 1; "found": by their values. */
  readonly task?: Task | "found" | undefined;
};

const MOST_CLASSES = 65_536;

/**
 * Features [N×…] and labels as one dataset; rows of two dimensions are images. Labels are [N], [N×1] or one-hot [N×C]:
 * integers, truth values or text. Without `classes` the classes are the labels that occur, in order. Raises
 * InvalidInput for counts that differ and for labels that are not classes.
 */
export function datasetFromArrays(features: LabelArray, labels: LabelArray, names: PairNames): Dataset {
  for (const [what, array] of Object.entries({ features, labels }))
    must(ArrayBuffer.isView(array?.values), what, "an array with its shape and values", array);
  must(typeof names?.name === "string", "names", "the data's name and an error's code", names);
  return pairOf(features, labels, names).data;
}

/** As datasetFromArrays, with what was found out on the way. */
export function pairOf(
  features: LabelArray,
  labels: LabelArray,
  names: PairNames,
): { readonly data: Dataset; readonly notes: readonly string[] } {
  const { name, code, featuresFile, labelsFile, classes } = names;
  const [rows = 0, ...rest] = features.shape;
  const check = (ok: boolean, what: string, expected: string, got: unknown, file?: string, at?: string, remedy = "") =>
    must(ok, what, expected, got, remedy, { file, at }, code);
  const full = rest.length >= 1 && features.values.length > 0;
  check(full, "features", "rows in an array of 2 or more dimensions", features.shape, featuresFile, "shape");
  const remedy = `${featuresFile ?? "The array of features"} has ${rows} rows: do the two belong together?`;
  const prepared = featuresOf(features, { code, featuresFile, color: names.color, invert: names.invert });
  const targets = targetsOf(labels, rows, names.task, { code, labelsFile, names: classes });
  if (targets) {
    const { notes, ...learned } = targets;
    const data = checkDataset({ name, rows, labels: new Int32Array(rows), ...learned, ...prepared.data });
    return { data, notes: [...prepared.notes, ...notes] };
  }
  const { values, notes } = labelsOf(labels, rows, { code, labelsFile, remedy });
  const found = classesOf(values, labels.names, { code, labelsFile, classes, most: MOST_CLASSES });
  const plain = found.classes.every((name, c) => name === String(c));
  const occurring = `Labels are ${found.classes[0]} … ${found.classes.at(-1)}: the ${found.classes.length} that occur are the classes.`;
  const ofLabels = classes === undefined && !labels.names && !plain ? [occurring] : [];
  const data = checkDataset({ name, rows, labels: found.labels, classes: found.classes, ...prepared.data });
  return { data, notes: [...prepared.notes, ...notes, ...ofLabels] };
}

/** Training, test and validation parts with the same classes: all that occur in one of them. */
export function shareClasses(
  train: Dataset,
  test: Dataset | undefined,
  validation?: Dataset | undefined,
): Pick<Source, "train" | "test" | "validation"> {
  const parts = [train, test, validation];
  const names = new Set(parts.flatMap((part) => part?.classes ?? []));
  const same = (part: Dataset | undefined) =>
    part === undefined ||
    (part.classes.length === names.size && part.classes.every((name, c) => name === train.classes[c]));
  if (parts.every(same)) return { train, test, validation };
  const classes = sortClasses([...names]);
  const place = new Map(classes.map((name, c) => [name, c]));
  const shared = (part: Dataset | undefined) =>
    part && checkDataset({ ...part, classes, labels: part.labels.map((c) => place.get(part.classes[c]!)!) });
  return { train: shared(train)!, test: shared(test), validation: shared(validation) };
}
