// Rows of a table as a program has them, from coded ones: what an exported file is run on.
import type { Column } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Cell } from "../../data/table/cell-text.ts";
import type { FittedColumn } from "../../data/transform.ts";
import { columnCount, type Model } from "../../training/model.ts";

const DAY = 86_400_000; // ms

/** The cells of coded rows [n×D]: texts, numbers, booleans, dates as ISO 8601; null where a value is missing. */
export function rawRows(features: ArrayLike<number>, columns: readonly Column[]): Cell[][] {
  const cells = columns.map(cellOf);
  const rows = Array.from({ length: features.length / columns.length }, (_, i) => i * columns.length);
  return rows.map((at) => cells.map((cell, j) => cell(features[at + j]!)));
}

function cellOf({ kind, levels = [] }: Column): (code: number) => Cell {
  let unseen = "a level never seen";
  while (levels.includes(unseen)) unseen += "!";
  return (code) => {
    if (Number.isNaN(code)) return null;
    if (kind === "boolean") return code === 1;
    if (kind === "number") return code;
    return kind === "date" ? new Date(code * DAY).toISOString() : (levels[code] ?? unseen);
  };
}

const MOST_ODD = 64; // columns of which rows with a missing value and a level never seen are made

/**
 * `features` without the rows that have a missing value where training had none, and with further rows: for each
 * column one with a missing value, where training had some, and one with a level never seen.
 */
export function withOddRows(model: Model, features: Dataset["features"]): Dataset["features"] {
  const { scaling } = model;
  if (scaling.kind !== "columns") return features;
  const { columns } = scaling;
  const D = columnCount(model);
  const all = Array.from({ length: features.length / D }, (_, i) => features.slice(i * D, (i + 1) * D));
  const rows = all.filter((row) => columns.every(({ missing }, j) => missing || !Number.isNaN(row[j])));
  const odd = columns.slice(0, rows.length === 0 ? 0 : MOST_ODD).flatMap((column, j) =>
    oddCodes(column).map((code, k) => {
      const row = rows[(7 * j + k) % rows.length]!.slice();
      row[j] = code;
      return row;
    }),
  );
  return Float64Array.from([...rows, ...odd].flatMap((row) => [...row]));
}

function oddCodes({ kind, missing }: FittedColumn): number[] {
  const unseen = kind === "category" || kind === "ordinal" ? [-1] : [];
  return missing ? [Number.NaN, ...unseen] : unseen;
}
