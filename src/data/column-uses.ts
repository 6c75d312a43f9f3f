// What is done with each column of a table, in words: the same in a terminal and on a page.
import type { Dataset } from "./dataset.ts";
import { fitScaling } from "./scaling.ts";
import type { TableColumn } from "./table/table-options.ts";
import { inputNames } from "./transform.ts";

/** What a column's cells are, in words. */
export const KIND_WORDS: Readonly<Record<TableColumn["kind"], string>> = {
  number: "number",
  category: "category",
  boolean: "yes/no",
  ordinal: "rank",
  date: "date",
  text: "text",
  empty: "empty",
};

/** "label", "feature, 3 inputs", "left out" and so on, a text each column. */
export function columnUses(columns: readonly TableColumn[], train: Dataset): readonly string[] {
  const scaling = train.columns && fitScaling(train);
  const fitted = scaling?.kind === "columns" ? scaling.columns : [];
  return columns.map(({ name, role }) => {
    if (role === "ignored") return "left out";
    if (role !== "feature") return role;
    const column = fitted.find((one) => one.name === name);
    if (column === undefined) return "feature";
    const { length } = inputNames([column]);
    return `feature, ${length} ${length === 1 ? "input" : "inputs"}`;
  });
}
