// The columns of a table that are neither features nor label: weights, groups, times.
import type { InvalidInputCode } from "../../errors.ts";
import { type CellStore, MOST_TEXTS, textOf } from "./cell-store.ts";
import { isMissing, levelName, plainText } from "./cell-text.ts";
import { showCell } from "./code-rows.ts";
import type { ColumnFacts } from "./column-facts.ts";
import type { TablePlan } from "./plan-columns.ts";
import { dateOrder, readDate } from "./read-date.ts";

export type SideColumns = {
  readonly weights: Float64Array | undefined;
  /** [N], an index for each different group. */
  readonly groups: Int32Array | undefined;
  /** By their indices, in order of first appearance. */
  readonly groupNames: readonly string[] | undefined;
  /** [N], numbers as they are or days since 1970. */
  readonly times: Float64Array | undefined;
};

/** `refuse` gives the error of a row of the table, or without one of the whole column. */
export function columnValues(
  store: CellStore,
  facts: readonly ColumnFacts[],
  { start, weight, group, time }: TablePlan,
  refuse: (reason: string, row: number | undefined, column: number, code?: InvalidInputCode) => Error,
): SideColumns {
  const rows = store.rows - start;
  const values = <T extends Float64Array | Int32Array = Float64Array>(
    j: number,
    read: (cell: number) => number | undefined,
    what: string,
    out = new Float64Array(rows) as T,
  ): T => {
    let row = 0;
    for (const cell of store.column(j)) {
      const i = row++ - start;
      if (i < 0) continue;
      const x = read(cell);
      if (x === undefined) throw refuse(`${what}, got ${JSON.stringify(showCell(store, cell, j))}.`, row - 1, j);
      out[i] = x;
    }
    return out;
  };
  const ids = new Map<string, number>();
  const grouped = (cell: number) => {
    const text = showCell(store, cell, group!);
    if (textOf(cell) === MOST_TEXTS || isMissing(plainText(text))) return undefined;
    const name = levelName(text);
    if (!ids.has(name)) ids.set(name, ids.size);
    return ids.get(name);
  };
  const weights =
    weight === undefined ? undefined : values(weight, weigher(facts[weight]!), "a weight must be a number ≥ 0");
  if (weights && !weights.some((w) => w > 0))
    throw refuse("all weights are 0, so there is nothing to learn from.", undefined, weight!);
  return {
    weights,
    groups:
      group === undefined
        ? undefined
        : values(group, grouped, "a group must be a text or a number", new Int32Array(rows)),
    groupNames: group === undefined ? undefined : [...ids.keys()],
    times: time === undefined ? undefined : values(time, timer(facts[time]!), "a time must be a number or a date"),
  };
}

/** The number of a cell, in the style of its column; undefined for a hole and for words. */
function numberIn(facts: ColumnFacts, cell: number): number | undefined {
  const text = textOf(cell);
  const x = text < 0 ? cell : facts.ofText[text];
  return x === undefined || Number.isNaN(x) ? undefined : x;
}

const weigher = (facts: ColumnFacts) => (cell: number) => {
  const x = numberIn(facts, cell);
  return x !== undefined && x >= 0 ? x : undefined;
};

/** Times are numbers, or dates in the one order that all of them agree on. */
function timer(facts: ColumnFacts): (cell: number) => number | undefined {
  if (facts.words === 0) return (cell) => numberIn(facts, cell);
  const words = facts.plain.flatMap((word, k) => (word !== undefined && facts.counts[k]! > 0 ? [word] : []));
  const order = dateOrder(words);
  const found = facts.plain.map((word) =>
    word === undefined ? undefined : readDate(word, order === "iso" ? undefined : order),
  );
  return (cell) => found[textOf(cell)];
}
