// From an array of features and an array of labels to a dataset, whatever format they came in.
import { type InvalidInputCode, must } from "../../errors.ts";
import { checkDataset, type Dataset, type Source } from "../dataset.ts";

/** An array in row-major order; as many values as the product of `shape`. */
export type LabelArray = {
  /** The size of each dimension, first to last. */
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly values: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
};

/** What messages call a pair of arrays. */
export type PairNames = {
  /** The data's name. */
  readonly name: string;
  /** Of the errors, e.g. BAD_IDX. */
  readonly code: InvalidInputCode;
  /** The path of the features. Default: none. */
  readonly featuresFile?: string | undefined;
  /** The path of the labels. Default: none. */
  readonly labelsFile?: string | undefined;
  /** C names, which bound the labels. Default: "0", "1", … up to the largest label. */
  readonly classes?: readonly string[] | undefined;
};

const MOST_CLASSES = 65_536;

/**
 * Features [N×…] and labels [N] as one dataset; rows of two dimensions are images. Without `classes` there are as many
 * as the largest label says, named "0", "1", …. Raises InvalidInput for counts that differ and for labels that are not
 * classes.
 */
export function datasetFromArrays(features: LabelArray, labels: LabelArray, names: PairNames): Dataset {
  for (const [what, array] of Object.entries({ features, labels }))
    must(ArrayBuffer.isView(array?.values), what, "an array with its shape and values", array);
  must(typeof names?.name === "string", "names", "the data's name and an error's code", names);
  const { name, code, featuresFile, labelsFile, classes } = names;
  const [rows = 0, ...rest] = features.shape;
  const check = (ok: boolean, what: string, expected: string, got: unknown, file?: string, at?: string, remedy = "") =>
    must(ok, what, expected, got, remedy, { file, at }, code);
  const full = rest.length >= 1 && features.values.length > 0;
  check(full, "features", "rows in an array of 2 or more dimensions", features.shape, featuresFile, "shape");
  check(labels.shape.length === 1, "labels", "an array of 1 dimension", labels.shape, labelsFile, "shape");
  const remedy = `${featuresFile ?? "The array of features"} has ${rows} rows: do the two belong together?`;
  check(labels.values.length === rows, "labels", `${rows} values`, labels.values.length, labelsFile, "shape", remedy);
  const count = classes?.length ?? MOST_CLASSES;
  let largest = 0;
  labels.values.forEach((label, i) => {
    const ok = Number.isInteger(label) && label >= 0 && label < count;
    if (!ok) check(false, `labels[${i}]`, `a class in [0, ${count})`, label, labelsFile, `label ${i}`);
    if (label > largest) largest = label;
  });
  const { values } = features;
  const cols = values.length / rows;
  const { first, count: bad } = notFinite(values);
  if (bad > 0) {
    const what = `features[${Math.floor(first / cols)}, ${first % cols}]`;
    const at = `row ${Math.floor(first / cols) + 1} column ${(first % cols) + 1}`;
    const all = `${bad} of ${values.length} values are not.`;
    check(false, what, "a finite float32 number", values[first], featuresFile, at, all);
  }
  const keep = values instanceof Uint8Array || values instanceof Float32Array || values instanceof Float64Array;
  const [height = 0, width = 0] = rest;
  return checkDataset({
    name,
    features: keep ? values : Float64Array.from(values),
    rows,
    cols,
    labels: Int32Array.from(labels.values),
    classes: classes ?? Array.from({ length: largest + 1 }, (_, c) => String(c)),
    image: rest.length === 2 ? { height, width } : undefined,
  });
}

/** The first value that is not a finite float32, and how many there are. */
function notFinite(values: LabelArray["values"]): { first: number; count: number } {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return { first: -1, count: 0 };
  let first = -1;
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(Math.fround(values[k]!))) continue;
    if (count++ === 0) first = k;
  }
  return { first, count };
}

/** Training and test part with the same classes: where each was named by its own largest label, the longer list. */
export function shareClasses(train: Dataset, test: Dataset | undefined): Pick<Source, "train" | "test"> {
  const longer = test && test.classes.length > train.classes.length ? test.classes : train.classes;
  const shared = (part: Dataset) => (part.classes.length === longer.length ? part : { ...part, classes: longer });
  return { train: shared(train), test: test && shared(test) };
}
