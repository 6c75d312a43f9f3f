// The first missing value of a table whose holes are refused, and how many there are.
import { show } from "../../errors.ts";
import type { CellStore } from "./cell-store.ts";
import { isMissing, plainText } from "./cell-text.ts";
import { showCell } from "./code-rows.ts";
import type { TablePlan } from "./plan-columns.ts";

export type Hole = { readonly row: number; readonly column: number; readonly reason: string };

/** `whole` is 1 for each row of the store without a hole; undefined where all rows are. */
export function firstHole(store: CellStore, { start, features }: TablePlan, whole: Uint8Array): Hole | undefined {
  const bad = whole.indexOf(0, start);
  if (bad < 0) return undefined;
  let cells = 0;
  let column = -1;
  let text = "";
  let columns = 0;
  for (const { source } of features) {
    const before = cells;
    let row = 0;
    for (const code of store.column(source)) {
      const i = row++;
      if (i < start || whole[i] === 1) continue;
      const cell = showCell(store, code, source);
      if (!isMissing(plainText(cell))) continue;
      cells++;
      if (i === bad && column < 0) [column, text] = [source, cell];
    }
    if (cells > before) columns++;
  }
  const rows = whole.subarray(start).filter((kept) => kept === 0).length;
  const some = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;
  const all =
    cells === 1
      ? "It is the only one."
      : `${cells} values in ${some(rows, "row")} and ${some(columns, "column")} are missing.`;
  const reason = `the value is missing, got ${show(text)}. ${all} Fill them in, or remove these rows or columns.`;
  return { row: bad, column, reason };
}
