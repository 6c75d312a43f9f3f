// Data that a program already holds, as a dataset: rows of numbers with labels.
import { must, show } from "../errors.ts";
import { checkDataset, type Dataset, firstNotFinite, type ImageSize } from "./dataset.ts";
import { sortClasses } from "./formats/class-order.ts";
import { nearest } from "./nearest.ts";
import { rowGroups, rowTimes } from "./row-keys.ts";

/** Rows of D numbers: an array of rows, or one typed array of whole rows, row after row. */
export type Rows =
  | readonly (readonly number[] | Uint8Array | Float32Array | Float64Array)[]
  | Uint8Array
  | Uint8ClampedArray
  | Float32Array
  | Float64Array;

/** A class a row: names, numbers or booleans. Or C probabilities a row, each row with the sum 1. */
export type RowLabels =
  | readonly (string | number | boolean)[]
  | Uint8Array
  | Int32Array
  | Float64Array
  | readonly (readonly number[] | Float32Array | Float64Array)[];

/** What `fromArrays` is told beside rows and labels. */
export type FromArraysOptions = {
  /** D names of the columns, all different. Default: none. */
  readonly columns?: readonly string[] | undefined;
  /**
   * C names in class order, e.g. those of another part of the data. Default: the labels that occur, numbers in numeric
   * order, other labels as people count, c2 before c10. Labels that are numbers may be positions in this list.
   */
  readonly classes?: readonly string[] | undefined;
  /** Rows are grey images of height × width pixels. Default: none. */
  readonly image?: ImageSize | undefined;
  /** The name in messages. Default "the data". */
  readonly name?: string | undefined;
  /** A weight ≥ 0 for each row: its loss and its gradient are multiplied by it in training. Default 1 each. */
  readonly weights?: ArrayLike<number> | undefined;
  /** What each row belongs to, such as a patient: no group has rows on both sides of a split. Default: none. */
  readonly groups?: ArrayLike<string | number> | undefined;
  /** When each row was, as a number, a Date or a date in ISO 8601: a split holds out the later rows. Default: none. */
  readonly times?: ArrayLike<number | Date | string> | undefined;
};

/**
 * A dataset of rows `X` [N×D] with labels `y` [N], e.g. `fromArrays([[5.1, 3.5], [6.2, 2.9]], ["setosa",
 * "virginica"])`. Bytes (Uint8Array) stay bytes, as pixels; other numbers become floats. Raises InvalidInput naming
 * row and column.
 */
export function fromArrays(X: Rows, y: RowLabels, options: FromArraysOptions = {}): Dataset {
  const { columns, classes, image, name = "the data", weights, groups, times } = options;
  must(ArrayBuffer.isView(y) || Array.isArray(y), "y", "labels, one for each row", y);
  const rows = y.length;
  must(rows >= 1, "y", "at least one label", rows);
  const { features, cols } = flatten(X, rows, columns);
  checkNames(columns, cols, "columns");
  must(
    image === undefined || image.height * image.width === cols,
    "image",
    `a height and a width with ${cols} pixels`,
    image && [image.height, image.width],
  );
  const found = isSoft(y) ? readProbabilities(y, classes) : readLabels(y as readonly (string | number)[], classes);
  must(found.classes.length >= 2, "y", "labels of at least two classes", found.classes);
  return checkDataset({
    name,
    rows,
    cols,
    features,
    ...found,
    featureNames: columns,
    image,
    weights: weights && Float64Array.from(weights),
    ...(groups && rowGroups(groups)),
    ...(times && { times: rowTimes(times) }),
  });
}

function flatten(X: Rows, rows: number, columns: readonly string[] | undefined) {
  if (X instanceof Uint8ClampedArray) return flatten(new Uint8Array(X.buffer, X.byteOffset, X.length), rows, columns);
  if (X instanceof Uint8Array || X instanceof Float32Array || X instanceof Float64Array) {
    const cols = columns?.length ?? X.length / rows;
    must(
      Number.isInteger(cols) && cols >= 1 && X.length === rows * cols,
      "X",
      columns ? `${rows} rows of ${cols} columns: ${rows * cols} numbers` : `whole rows for ${rows} labels`,
      X.length,
    );
    refuseNotFinite(X, cols);
    return { features: X, cols };
  }
  must(Array.isArray(X), "X", "rows of numbers or a Uint8Array, Float32Array or Float64Array", X);
  must(X.length === rows, "X", `${rows} rows, one for each label`, X.length);
  const cols = columns?.length ?? (X[0] as { length?: number } | undefined)?.length ?? 0;
  const bytes = X.every((row) => row instanceof Uint8Array);
  const features = bytes ? new Uint8Array(rows * cols) : new Float64Array(rows * cols);
  X.forEach((row: unknown, i) => {
    must(Array.isArray(row) || ArrayBuffer.isView(row), `row ${i + 1}`, `an array of ${cols} numbers`, row);
    const { length } = row as number[];
    must(length === cols && cols >= 1, `row ${i + 1}`, `${Math.max(1, cols)} numbers, as in row 1`, length);
    for (let j = 0; j < cols; j++) {
      const x = (row as number[])[j];
      const ok = typeof x === "number" && Number.isFinite(Math.fround(x));
      if (!ok) must(false, place(i, j, columns), "a finite number", x);
      features[i * cols + j] = x as number;
    }
  });
  return { features, cols };
}

function refuseNotFinite(X: Uint8Array | Float32Array | Float64Array, cols: number): void {
  if (X instanceof Uint8Array) return;
  const bad = firstNotFinite(X);
  must(bad < 0, place(Math.floor(bad / cols), bad % cols), "a finite number", X[bad]);
}

/** A place in X for people: rows and columns from 1. */
function place(row: number, column: number, names?: readonly string[]): string {
  return `row ${row + 1}, column ${column + 1}${names ? ` (${names[column]})` : ""}`;
}

function checkNames(names: readonly string[] | undefined, count: number, what: string): void {
  if (names === undefined) return;
  must(names.length === count, what, `${count} names`, names.length);
  const bad = names.findIndex((name, i) => typeof name !== "string" || names.indexOf(name) !== i);
  must(bad < 0, `${what}[${bad}]`, "a text that no other has", names[bad]);
}

type Labelled = Pick<Dataset, "labels" | "classes" | "targets">;

const isSoft = (y: RowLabels): y is readonly number[][] =>
  !ArrayBuffer.isView(y) && typeof y[0] === "object" && y[0] !== null;

function readLabels(y: ArrayLike<string | number | boolean>, classes: readonly string[] | undefined): Labelled {
  const names = Array.from(y, (label, i) => {
    const ok = typeof label === "string" || typeof label === "boolean" || Number.isFinite(label);
    must(ok, `the label of row ${i + 1}`, "a text, a finite number or a boolean", label);
    return String(label);
  });
  if (classes) checkNames(classes, classes.length, "classes");
  const found = classes ?? sortClasses([...new Set(names)]);
  const index = new Map(found.map((name, c) => [name, c]));
  const positions =
    classes !== undefined &&
    Array.from(y).every((label) => typeof label === "number") &&
    names.some((label) => !index.has(label));
  const labels = Int32Array.from(names, (label, i) => {
    const c = positions ? Number(label) : index.get(label);
    const ok = c !== undefined && Number.isInteger(c) && c >= 0 && c < found.length;
    const near = ok ? undefined : nearest(label, found);
    const hint = near === undefined ? "" : `Did you mean ${show(near)}?`;
    must(ok, `the label of row ${i + 1}`, `one of ${found.slice(0, 8).join(", ")}`, y[i], hint);
    return c;
  });
  return { labels, classes: found };
}

function readProbabilities(y: readonly ArrayLike<number>[], classes: readonly string[] | undefined): Labelled {
  const C = classes?.length ?? y[0]!.length;
  if (classes) checkNames(classes, C, "classes");
  const targets = new Float64Array(y.length * C);
  const labels = Int32Array.from(y, (row: ArrayLike<number> | undefined, i) => {
    must(row?.length === C, `the label of row ${i + 1}`, `${C} probabilities`, row?.length ?? row);
    let best = 0;
    let sum = 0;
    for (let c = 0; c < C; c++) {
      const p = row[c]!;
      must(p >= 0 && p <= 1, `the label of row ${i + 1}, class ${c + 1}`, "a probability in [0, 1]", p);
      targets[i * C + c] = p;
      sum += p;
      if (p > row[best]!) best = c;
    }
    must(Math.abs(sum - 1) <= 1e-5, `the label of row ${i + 1}`, "probabilities with the sum 1", sum);
    return best;
  });
  return { labels, targets, classes: classes ?? Array.from({ length: C }, (_, c) => String(c)) };
}
