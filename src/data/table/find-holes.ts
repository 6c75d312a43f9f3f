// The missing values of a table that may have none: the first one and how many there are.
import { show } from "../../errors.ts";
import type { CellStore } from "./cell-store.ts";
import { isMissing, plainText } from "./cell-text.ts";
import { showCell } from "./code-rows.ts";

/** A row of the store and a column of the file, with the reason why that cell is refused. */
type Hole = { readonly row: number; readonly column: number; readonly reason: string };

/** The first hole in `columns` from row `start` on, if there is one; `whole` is 1 for each row without any. */
export function findHoles(
  store: CellStore,
  columns: readonly number[],
  start: number,
  whole: Uint8Array,
): Hole | undefined {
  const bad = whole.indexOf(0, start);
  if (bad < 0) return undefined;
  let cells = 0;
  let column = -1;
  let text = "";
  let holed = 0; // columns
  for (const source of columns) {
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
    if (cells > before) holed++;
  }
  const rows = whole.subarray(start).filter((kept) => kept === 0).length;
  const all =
    cells === 1
      ? "It is the only one."
      : `${cells} values in ${some(rows, "row")} and ${some(holed, "column")} are missing.`;
  const reason = `the value is missing, got ${show(text)}. ${all} Fill them in, or remove these rows or columns.`;
  return { row: bad, column, reason };
}

const some = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;
