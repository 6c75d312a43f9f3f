// What is found in a table's columns, as text: a table of them for `data`, two lines for `train`.
import { columnUses, KIND_WORDS } from "../data/column-uses.ts";
import type { Dataset, Source, SourceTable } from "../data/dataset.ts";
import { NUMBER } from "../data/formats/class-order.ts";
import type { TableChoices } from "../data/formats/format.ts";
import type { TableColumn } from "../data/table/table-options.ts";
import { printable } from "../errors.ts";
import { clip, count, pad, plural } from "./tables.ts";

const MOST_SHOWN = 40; // columns of a table
const NARROW = 64; //     of a terminal

/** One line a column: name, kind, holes, different values, an example, and what is done with it. */
export function columnTable({ columns }: SourceTable, train: Dataset, width: number): string[] {
  const uses = columnUses(columns, train);
  const rows = columns.slice(0, MOST_SHOWN).map((column, k) => {
    const { name, kind, missing, distinct, more, example } = column;
    const values = `${count(distinct)}${more ? "+" : ""}`;
    const first = [clip(name, width < NARROW ? 12 : 18), KIND_WORDS[kind]];
    if (width < NARROW) return [...first, uses[k]!.split(",")[0]!];
    return [...first, count(missing), values, clip(example, 14), uses[k]!];
  });
  const head = width < NARROW ? ["column", "kind", "use"] : ["column", "kind", "missing", "distinct", "example", "use"];
  const lines = aligned([head, ...rows], width < NARROW ? [] : [2, 3]);
  const hidden = columns.length - rows.length;
  return [...lines, ...(hidden > 0 ? [`… and ${plural(hidden, "column")} more`] : []), ...leftOut(columns)];
}

/** Columns of text as wide as their widest cell; those in `right` are aligned there. */
function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => pad(row[j]!, 0, "end").length)));
  return rows.map((row) =>
    row
      .map((cell, j) => pad(cell, widths[j]!, right.includes(j) ? "start" : "end"))
      .join("  ")
      .trimEnd(),
  );
}

function leftOut(columns: readonly TableColumn[]): string[] {
  const reasons = reasonsOf(columns);
  return reasons === "" ? [] : [`left out: ${reasons}`];
}

/** "id (an identifier of the rows), note (free text)". */
function reasonsOf(columns: readonly TableColumn[]): string {
  const out = columns.filter(({ role }) => role === "ignored");
  const shown = out.slice(0, 6).map(({ name, why }) => `${clip(name, 30)} (${why})`);
  return [...shown, ...(out.length > 6 ? [`${out.length - 6} more`] : [])].join(", ");
}

/** "3 classes", "1 number to learn", "4 labels". */
export function learnedText({ task, classes }: Dataset): string {
  const n = classes.length;
  if (task === undefined) return plural(n, "class", "classes");
  return task === "multilabel" ? `${plural(n, "label")} to learn` : `${plural(n, "number")} to learn`;
}

/** How to say otherwise, where the task was found from the values. */
function otherTask({ task, classes }: Dataset): string {
  if (task === "regress") return classes.length > 1 ? "" : ", by its values; --task classify takes it for a class";
  if (task === "multilabel") return ", by their values; --task regress learns numbers";
  return classes.length > 2 && classes.every((name) => NUMBER.test(name)) ? "; --task regress learns a number" : "";
}

/** The label and the features, for the head of a run. `task`: what was asked to be learned. */
export function tableLines({ table, train }: Source, task: TableChoices["task"]): string[] {
  if (table === undefined || table.labelName === undefined) return [];
  const { columns } = table;
  const labels = columns.filter(({ role }) => role === "label");
  const [label] = labels as [TableColumn, ...TableColumn[]];
  const names = labels.slice(0, 6).map(({ name }) => name);
  const named = [...names, ...(labels.length > 6 ? [`${labels.length - 6} more`] : [])].join(", ");
  const learned = `${learnedText(train)}${task === "found" ? otherTask(train) : ""}`;
  const features = columns.filter(({ role }) => role === "feature");
  const kinds = [...Map.groupBy(features, ({ kind }) => kind)].map(([kind, of]) => plural(of.length, ...WORDS[kind]));
  const others = columns.filter(({ role }) => ["weight", "group", "time", "keep"].includes(role));
  const parts = [
    kinds.join(", "),
    ...others.map(({ name, role }) => `${role}: ${clip(name, 30)}`),
    ...leftOut(columns),
  ];
  const why = label.why === "as told" ? "as told" : `${label.why}; --label chooses another`;
  return [`  label    ${clip(named, 60)}, ${why} (${learned})`, `  columns  ${printable(parts.join("; "))}`];
}

const WORDS: Record<TableColumn["kind"], readonly [string, string]> = {
  number: ["number", "numbers"],
  category: ["category", "categories"],
  boolean: ["yes/no", "yes/no"],
  ordinal: ["rank", "ranks"],
  date: ["date", "dates"],
  text: ["text", "texts"],
  empty: ["empty", "empty"],
};
