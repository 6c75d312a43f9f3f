// The columns of a table that are neither features nor label: weights, groups, times, and cells to hand back.
import { type CellStore, textOf } from "./cell-store.ts";
import { plainText } from "./cell-text.ts";
import { showCell } from "./code-rows.ts";
import type { TablePlan } from "./plan-columns.ts";
import { readDate } from "./read-date.ts";

export type SideColumns = {
  readonly weights: Float64Array | undefined;
  /** [N], an index for each different group. */
  readonly groups: Int32Array | undefined;
  /** [N], numbers as they are or days since 1970. */
  readonly times: Float64Array | undefined;
  readonly kept: Readonly<Record<string, readonly string[]>>;
};

export function columnValues(
  store: CellStore,
  { start, weight, group, time, keep, columns }: TablePlan,
  first: number,
  refuse: (reason: string, row: number, column: number) => Error,
): SideColumns {
  const rows = store.rows - start;
  const values = (j: number, read: (cell: number) => number | undefined, what: string): Float64Array => {
    const out = new Float64Array(rows);
    let row = 0;
    for (const cell of store.column(j)) {
      const i = row++ - start;
      if (i < 0) continue;
      const x = read(cell);
      if (x === undefined) throw refuse(`${what}, got ${JSON.stringify(showCell(store, cell, j))}.`, i + first, j);
      out[i] = x;
    }
    return out;
  };
  const text = (j: number) => (cell: number) => plainText(showCell(store, cell, j));
  const ids = new Map<string, number>();
  const grouped = (cell: number) => {
    const name = text(group!)(cell);
    if (!ids.has(name)) ids.set(name, ids.size);
    return ids.get(name);
  };
  const timed = (cell: number) =>
    textOf(cell) >= 0 ? readDate(text(time!)(cell), "ymd") : Number.isNaN(cell) ? undefined : cell;
  const weighed = (cell: number) => (textOf(cell) < 0 && cell >= 0 ? cell : undefined);
  return {
    weights: weight === undefined ? undefined : values(weight, weighed, "a weight must be a number ≥ 0"),
    groups: group === undefined ? undefined : Int32Array.from(values(group, grouped, "a group must be a text")),
    times: time === undefined ? undefined : values(time, timed, "a time must be a number or a date"),
    kept: Object.fromEntries(
      keep.map((j) => [columns[j]!.name, Array.from(store.column(j).drop(start), (cell) => showCell(store, cell, j))]),
    ),
  };
}
