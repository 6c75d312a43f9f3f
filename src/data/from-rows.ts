// Objects of a program as a dataset: numbers as they are; words, yes and no, dates and missing values as a table's.
import { InvalidInput, must, show } from "../errors.ts";
import { checkDataset, type Dataset } from "./dataset.ts";
import { Table } from "./formats/table.ts";
import { fromArrays } from "./from-arrays.ts";
import { nearest } from "./nearest.ts";
import { rowGroups, rowTimes } from "./row-keys.ts";
import { asCell, type Cell } from "./table/cell-text.ts";
import type { TableOptions } from "./table/table-options.ts";

/** Which keys of an object are what. */
export type FromRowsOptions = {
  /** The key whose value is the class of its object. */
  readonly label: string;
  /** The keys that are features, in order. Default: every key of the first object but those of the other options. */
  readonly columns?: readonly string[] | undefined;
  /** The key whose value is the weight of its object (≥ 0). Default: none. */
  readonly weight?: string | undefined;
  /** The key of what an object belongs to, such as a patient: none has rows on both sides of a split. Default: none. */
  readonly group?: string | undefined;
  /**
   * The key of when an object was, a number, a Date or a date in ISO 8601: a split holds out the later ones. Default:
   * none.
   */
  readonly time?: string | undefined;
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
  const { label, weight, group, time, classes, name } = options;
  must(all.length >= 1, "rows", "at least one object", all.length);
  const first = all.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
  must(first < 0, `row ${first + 1}`, "an object", all[first]);
  const columns = options.columns ?? Object.keys(all[0]!).filter((key) => ![label, weight, group, time].includes(key));
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
  const keys: RowKeys = {
    ...(group !== undefined &&
      rowGroups(
        all.map((_, i) => value(i, group)),
        group,
      )),
    ...(time !== undefined && {
      times: rowTimes(
        all.map((_, i) => value(i, time)),
        time,
      ),
    }),
  };
  const told = [options.categorical, options.ordinal].some((given) => given !== undefined);
  if (told || cells.some((row) => row.some((cell) => !isNumber(cell))))
    return fromCells(cells, labels, weights, keys, columns, options);
  const features = Float64Array.from(cells.flat(), Number);
  const data = fromArrays(features, labels as string[], { columns, classes, name, weights });
  return checkDataset({ ...data, ...keys });
}

type RowKeys = Pick<Dataset, "groups" | "groupNames" | "times">;

const isNumber = (cell: unknown) => typeof cell === "boolean" || (typeof cell === "number" && cell === cell);

/** As a table that has a header: features, then weights, groups and times, the label as its last column. */
function fromCells(
  cells: readonly (readonly unknown[])[],
  labels: readonly unknown[],
  weights: readonly number[] | undefined,
  { groups, groupNames, times }: RowKeys,
  columns: readonly string[],
  { label, classes, name = "the data", missing, categorical = [], ordinal = {} }: FromRowsOptions,
): Dataset {
  const D = columns.length;
  const position = (key: string) => {
    must(columns.includes(key), "the column", `one of ${columns.slice(0, 8).join(", ")}`, key);
    return String(columns.indexOf(key) + 1);
  };
  const side = Object.entries({ weight: weights, group: groups, time: times }).filter(([, values]) => values);
  const table = new Table(
    {
      ...Object.fromEntries(side.map(([role], k) => [role, String(D + k + 1)])),
      label: String(D + side.length + 1),
      classes,
      missing,
      categorical: categorical.map(position),
      ordinal: Object.fromEntries(Object.entries(ordinal).map(([key, levels]) => [position(key), levels])),
      numeric: columns.flatMap((_, j) => (cells.every((row) => typeof row[j] === "number") ? [String(j + 1)] : [])),
    },
    { code: "INVALID_ARGUMENT", header: true },
  );
  table.add([...columns, ...side.map(([role]) => `(${role})`), label], 0);
  cells.forEach((row, i) => {
    const known = row.map((cell, j): Cell => {
      const found = asCell(cell);
      if (found === undefined) must(false, `row ${i + 1}, column ${show(columns[j])}`, "a number, text or date", cell);
      return found;
    });
    table.add([...known, ...side.map(([, values]) => values![i]!), asCell(labels[i]) ?? null], i + 1);
  });
  const { data, columns: found } = table.finish(name);
  const text = found.find(({ role, kind }) => role === "ignored" && kind === "text");
  if (text) {
    const reason = `column ${show(text.name)} has ${text.why}. Leave it out of columns, or name it in categorical.`;
    throw new InvalidInput("INVALID_ARGUMENT", reason);
  }
  must(data.classes.length >= 2, "the labels", "of at least two classes", data.classes);
  return groupNames ? checkDataset({ ...data, groupNames: data.groupNames!.map((g) => groupNames[Number(g)]!) }) : data;
}
