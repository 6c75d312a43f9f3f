// What there is to learn from a table's label columns: classes, numbers, or labels that are there or not.
import type { Dataset } from "../dataset.ts";
import type { CellStore } from "./cell-store.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { type BadLabel, codeLabels } from "./label-codes.ts";
import type { TablePlan } from "./plan-columns.ts";
import type { TableOptions } from "./table-options.ts";
import { codeTargets, findTask } from "./target-codes.ts";

export type LearnedColumns = {
  /** Of classes alone: [N], of the rows from the plan's start on. */
  readonly labels?: Uint16Array | undefined;
  /** C classes, or T names of columns. */
  readonly classes: readonly string[];
  /** Of numbers and labels: [N×T]. */
  readonly values?: Float64Array | undefined;
  readonly task?: Dataset["task"];
  /** 1 for each row of the store that has all of them; undefined if all have. */
  readonly keep: Uint8Array | undefined;
  readonly notes: readonly string[];
};

/** Undefined without a label column; raises what `refuse` gives. */
export function learnedColumns(
  store: CellStore,
  plan: Pick<TablePlan, "labels" | "start" | "columns">,
  facts: readonly ColumnFacts[],
  options: TableOptions,
  refuse: (reason: string, column: number, row?: number) => Error,
): LearnedColumns | undefined {
  const { labels } = plan;
  if (labels.length === 0) return undefined;
  const { classes, missing, task: asked = labels.length > 1 ? "found" : "classify" } = options;
  const task = asked === "found" ? findTask(labels.map((j) => facts[j]!)) : asked;
  const drop = missing === "drop";
  const bad = ({ reason, row }: BadLabel, column: number) => refuse(reason, column, row);
  if (task === "classify") {
    if (labels.length > 1)
      throw refuse("a class is one column; --task multilabel or regress learns several.", labels[1]!);
    const coded = codeLabels(store, plan, facts[labels[0]!]!, { classes, drop, told: isTold(options) });
    if ("reason" in coded) throw bad(coded, labels[0]!);
    return coded;
  }
  if (task === "multilabel" && options.label === undefined)
    throw refuse("name the columns of the labels, with commas between: --label a,b,c.", labels[0]!);
  const coded = codeTargets(store, plan, facts, task, { drop });
  if ("reason" in coded) throw bad(coded, coded.column);
  const own = labels.map((j) => plan.columns[j]!.name);
  return { ...coded, task, classes: classes?.length === own.length ? classes : own, notes: [] };
}

/** Whether a person says that the labels are classes, also where they are numbers. */
const isTold = ({ label, task, categorical = [], kinds = {} }: TableOptions): boolean =>
  task === "classify" ||
  (typeof label === "string" && (categorical.includes(label) || kinds[label]?.kind === "category"));
