// The label columns of a table as numbers to learn, or as labels that are there or not.
import { show } from "../../errors.ts";
import { coderOf } from "../columns.ts";
import { type CellStore, MOST_TEXTS, textOf } from "./cell-store.ts";
import { isMissing, plainText } from "./cell-text.ts";
import { showCell } from "./code-rows.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { guessKind } from "./column-kinds.ts";
import { isMeasurement } from "./find-label.ts";
import type { BadLabel, LabelOptions } from "./label-codes.ts";
import type { TablePlan } from "./plan-columns.ts";
import type { Task } from "./table-options.ts";

/** What the values of the label columns are: one of words or of few numbers is a class. */
export function findTask(labels: readonly ColumnFacts[]): Task {
  const [only] = labels;
  if (labels.length === 1) return isMeasurement(only!) && only!.words === 0 ? "regress" : "classify";
  return labels.every(isFlag) ? "multilabel" : "regress";
}

const isFlag = (facts: ColumnFacts): boolean =>
  facts.words > 0
    ? guessKind(facts, undefined).kind === "boolean"
    : facts.numbers > 0 && facts.counted && facts.values.keys().every((x) => x === 0 || x === 1);

/** Rows [N×T], from the plan's start on. */
export type CodedTargets = {
  readonly values: Float64Array;
  /** 1 for each row of the store that has all targets; undefined if all have. */
  readonly keep: Uint8Array | undefined;
};

/** As codeLabels. `task` says what a cell may be: any number, or 1 and 0, yes and no. */
export function codeTargets(
  store: CellStore,
  { labels, start }: Pick<TablePlan, "labels" | "start">,
  facts: readonly ColumnFacts[],
  task: "regress" | "multilabel",
  { drop }: Pick<LabelOptions, "drop">,
): CodedTargets | (BadLabel & { readonly column: number }) {
  const T = labels.length;
  const values = new Float64Array((store.rows - start) * T);
  const keep = new Uint8Array(store.rows).fill(1);
  let missing = false;
  for (const [at, column] of labels.entries()) {
    const code = coderFor(store, column, facts[column]!, task);
    let row = 0;
    for (const cell of store.column(column)) {
      const i = row++ - start;
      if (i < 0) continue;
      const x = code(cell);
      const got = () => show(showCell(store, cell, column));
      if (x === undefined) {
        const expected = task === "regress" ? "a number" : "1 or yes where it is there, else 0 or no";
        return { reason: `the target must be ${expected}, got ${got()}.`, row: row - 1, column };
      }
      if (Number.isNaN(x) && !drop) {
        const reason =
          "the target is missing. Fill it in, or remove the row; --missing drop leaves out rows with a hole.";
        return { reason, row: row - 1, column };
      }
      if (Number.isNaN(x)) keep[row - 1] = 0;
      missing ||= Number.isNaN(x);
      values[i * T + at] = x;
    }
  }
  return { values, keep: missing ? keep : undefined };
}

/** A cell's number, NaN for a hole, undefined for what is no target. */
function coderFor(store: CellStore, column: number, { ofText }: ColumnFacts, task: "regress" | "multilabel") {
  const flag = coderOf({ name: "", kind: "boolean" });
  const of = (text: string, k: number): number | undefined => {
    if (isMissing(plainText(text))) return Number.NaN;
    if (task === "multilabel") return flag(text);
    return Number.isNaN(ofText[k]) ? undefined : ofText[k];
  };
  const texts = store.texts(column).map(of);
  return (cell: number): number | undefined => {
    const text = textOf(cell);
    if (text >= 0) return text === MOST_TEXTS ? undefined : texts[text];
    return task === "multilabel" ? flag(cell) : cell;
  };
}
