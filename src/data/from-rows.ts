// Objects of a program as a dataset: numbers as they are; words, yes and no, dates and missing values as a table's.
import { InvalidInput, must, show } from "../errors.ts";
import { checkDataset, type Dataset } from "./dataset.ts";
import { Table } from "./formats/table.ts";
import { fromArrays } from "./from-arrays.ts";
import { nearest } from "./nearest.ts";
import { asCell, type Cell } from "./table/cell-text.ts";
import type { TableOptions } from "./table/table-options.ts";

/** Which keys of an object are what. */
export type FromRowsOptions = {
  /** The key whose value is the class of its object, or with `task` its number. */
  readonly label: string;
  /** The keys that are features, in order. Default: every key of the first object but `label` and `weight`. */
  readonly columns?: readonly string[] | undefined;
  /** The key whose value is the weight of its object (≥ 0). Default: none. */
  readonly weight?: string | undefined;
  /** "regress": the label is a number to learn. Default: it is a class, also where it is a number. */
  readonly task?: "regress" | undefined;
  /** C names in class order. Default: the labels that occur, as for `fromArrays`. */
  readonly classes?: readonly string[] | undefined;
  /** The name in messages. Default "the data". */
  readonly name?: string | undefined;
  /** Columns whose values are names, also where they are numbers. Default: those with words. */
  readonly categorical?: readonly string[] | undefined;
  /** Columns of ranks, with their levels from least to most. Default: none. */
  readonly ordinal?: Readonly<Record<string, readonly string[]>> | undefined;
  /** "fill" (default): a missing value is the column's median or a level of its own; "refuse"; "drop" its row. */
  readonly missing?: TableOptions["missing"];
};

/**
 * A dataset of objects, e.g. `fromRows([{ sl: 5.1, sky: "sunny", kind: "setosa" }, …], { label: "kind" })`. Values are
 * numbers, texts, booleans or dates; null, undefined and NaN are missing. Where all are numbers or booleans, these are
 * the features, with 1 for true; else the kinds of the columns are found as in a table (`columns` of the dataset).
 * Raises InvalidInput naming row and column.
 */
export function fromRows(objects: Iterable<object>, options: FromRowsOptions): Dataset {
  must(typeof options?.label === "string", "label", "the key of the label", options?.label);
  must(typeof (objects as Iterable<object> | undefined)?.[Symbol.iterator] === "function", "rows", "objects", objects);
  const all = [...objects] as Record<string, unknown>[];
  const { label, weight, classes, name } = options;
  must(all.length >= 1, "rows", "at least one object", all.length);
  const first = all.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
  must(first < 0, `row ${first + 1}`, "an object", all[first]);
  const columns = options.columns ?? Object.keys(all[0]!).filter((key) => key !== label && key !== weight);
  must(columns.length >= 1, "row 1", "an object with at least one column beside the label", all[0]);
  const value = (row: number, key: string): unknown => {
    const object = all[row]!;
    if (Object.hasOwn(object, key)) return object[key];
    const near = nearest(key, Object.keys(object));
    const hint = near === undefined ? "" : ` Did you mean ${show(near)}?`;
    throw new InvalidInput("MISSING_COLUMN", `row ${row + 1} has no column ${show(key)}.${hint}`);
  };
  const cells = all.map((_, i) => columns.map((key) => value(i, key)));
  const labels = all.map((_, i) => value(i, label));
  const weights = weight === undefined ? undefined : all.map((_, i) => Number(value(i, weight)));
  const { task } = options;
  must(task === undefined || task === "regress", "task", '"regress", or left out for classes', task);
  const told = [options.categorical, options.ordinal].some((given) => given !== undefined);
  if (told || cells.some((row) => row.some((cell) => !isNumber(cell))))
    return task
      ? numbersOf(cells, labels, weights, columns, options)
      : fromCells(cells, labels, weights, columns, options);
  const features = Float64Array.from(cells.flat(), Number);
  return fromArrays(features, labels as string[], { columns, classes: task ? [label] : classes, name, weights, task });
}

const isNumber = (cell: unknown) => typeof cell === "boolean" || (typeof cell === "number" && cell === cell);

/** As a table whose weights are the numbers of its rows, by which the rows that stay find their targets. */
function numbersOf(
  cells: readonly (readonly unknown[])[],
  labels: readonly unknown[],
  weights: readonly number[] | undefined,
  columns: readonly string[],
  options: FromRowsOptions,
): Dataset {
  const bad = labels.findIndex((x) => typeof x !== "number" || !Number.isFinite(Math.fround(x)));
  must(bad < 0, `row ${bad + 1}, column ${show(options.label)}`, "a finite number", labels[bad]);
  const two = labels.map((_, i) => (i % 2 === 0 ? "even" : "odd")); // a table needs classes; they are not kept
  const numbers = labels.map((_, i) => i);
  const data = fromCells(cells, two, numbers, columns, { ...options, classes: undefined });
  const kept = Array.from(data.weights!);
  return checkDataset({
    ...data,
    task: "regress",
    values: Float64Array.from(kept, (i) => labels[i] as number),
    classes: [options.label],
    labels: new Int32Array(data.rows),
    weights: weights && Float64Array.from(kept, (i) => weights[i]!),
  });
}

/** As a table that has a header, the label as its last column and the weights before it. */
function fromCells(
  cells: readonly (readonly unknown[])[],
  labels: readonly unknown[],
  weights: readonly number[] | undefined,
  columns: readonly string[],
  { label, classes, name = "the data", missing, categorical = [], ordinal = {} }: FromRowsOptions,
): Dataset {
  const D = columns.length;
  const position = (key: string) => {
    must(columns.includes(key), "the column", `one of ${columns.slice(0, 8).join(", ")}`, key);
    return String(columns.indexOf(key) + 1);
  };
  const table = new Table(
    {
      label: String(D + (weights ? 2 : 1)),
      weight: weights && String(D + 1),
      classes,
      missing,
      categorical: categorical.map(position),
      ordinal: Object.fromEntries(Object.entries(ordinal).map(([key, levels]) => [position(key), levels])),
      numeric: columns.flatMap((_, j) => (cells.every((row) => typeof row[j] === "number") ? [String(j + 1)] : [])),
    },
    { code: "INVALID_ARGUMENT", header: true },
  );
  table.add([...columns, ...(weights ? ["(weight)"] : []), label], 0);
  cells.forEach((row, i) => {
    const known = row.map((cell, j): Cell => {
      const found = asCell(cell);
      if (found === undefined) must(false, `row ${i + 1}, column ${show(columns[j])}`, "a number, text or date", cell);
      return found;
    });
    table.add([...known, ...(weights ? [weights[i]!] : []), asCell(labels[i]) ?? null], i + 1);
  });
  const { data, columns: found } = table.finish(name);
  const text = found.find(({ role, kind }) => role === "ignored" && kind === "text");
  if (text) {
    const reason = `column ${show(text.name)} has ${text.why}. Leave it out of columns, or name it in categorical.`;
    throw new InvalidInput("INVALID_ARGUMENT", reason);
  }
  must(data.classes.length >= 2, "the labels", "of at least two classes", data.classes);
  return checkDataset(data);
}
