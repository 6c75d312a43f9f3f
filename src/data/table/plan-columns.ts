// What each column of a new table is for: the label, a feature of some kind, or left out, and why.
import { show } from "../../errors.ts";
import type { Column, ColumnKind } from "../columns.ts";
import { sortClasses } from "../formats/class-order.ts";
import { type CellStore, LARGEST } from "./cell-store.ts";
import { levelName } from "./cell-text.ts";
import { type ColumnFacts, distinct } from "./column-facts.ts";
import { COUNTS, guessKind } from "./column-kinds.ts";
import { findLabel } from "./find-label.ts";
import type { NumberStyle } from "./read-number.ts";
import type { TableColumn, TableOptions } from "./table-options.ts";
import { type Refuse, type ToldColumns, toldColumns } from "./told-columns.ts";

export type FeatureColumn = {
  readonly source: number;
  readonly column: Column;
  /** How the file writes its numbers. */
  readonly style?: NumberStyle | undefined;
};

/** Positions are indices of the table's columns. */
export type TablePlan = {
  /** The first row of the store that is an example. */
  readonly start: number;
  readonly features: readonly FeatureColumn[];
  /** None, the one of classes or of a number, or several. */
  readonly labels: readonly number[];
  readonly weight: number | undefined;
  readonly group: number | undefined;
  readonly time: number | undefined;
  readonly keep: readonly number[];
  readonly columns: readonly TableColumn[];
  /** What was chosen without being told, in words. */
  readonly notes: readonly string[];
};

/** A column's role and kind. */
type Entry = Pick<TableColumn, "kind" | "role" | "why"> & Pick<Column, "levels" | "order">;

/** `names` are undefined without a header. Raises what `refuse` gives. */
export function planColumns(
  store: CellStore,
  facts: readonly ColumnFacts[],
  names: readonly string[] | undefined,
  start: number,
  options: TableOptions,
  refuse: Refuse,
): TablePlan {
  const told = toldColumns(options, names, store.width, refuse);
  const guessed = told.labels === undefined ? findLabel(names, facts, options.task) : undefined;
  const labels = guessed ? [guessed.label] : told.labels!;
  const found = { labels, why: guessed?.why ?? "as told" };
  const entries = facts.map((column, j) => entryOf(j, column, names?.[j], told, found, refuse));
  if (!entries.some(({ role }) => role === "feature"))
    entries.forEach((entry, j) => {
      if (entry.why === COUNTS) entries[j] = { kind: "number", role: "feature" }; // all there is
    });
  const nameOf = (j: number) => names?.[j] ?? `column ${j + 1}`;
  const features = entries.flatMap(({ role, kind, levels, order }, j): FeatureColumn[] => {
    if (role !== "feature") return [];
    const { style } = facts[j]!;
    const own = kind === "category" ? (levels ?? levelsOf(store, facts[j]!, j, start)) : levels;
    const decimal = kind === "number" && style?.decimal === "," ? "," : undefined;
    const column: Column = { name: nameOf(j), kind: kind as ColumnKind, levels: own, decimal, order };
    return [{ source: j, column: withoutUndefined(column), style }];
  });
  const columns = entries.map((entry, j) => describe(entry, facts[j]!, nameOf(j), j));
  const { weight, group, time, keep } = told;
  const notes = notesOf(columns, guessed?.label);
  return { start, features, labels, weight, group, time, keep, columns, notes };
}

function entryOf(
  j: number,
  facts: ColumnFacts,
  name: string | undefined,
  { roles, chosen, ignored, kinds }: ToldColumns,
  { labels, why }: { readonly labels: readonly number[]; readonly why: string },
  refuse: Refuse,
): Entry {
  const guess = guessKind(facts, name);
  const told = kinds.get(j);
  const kind = told?.kind ?? (guess.kind === "mixed" ? "number" : guess.kind);
  const role = roles.get(j);
  const isLabel = labels.includes(j);
  if (isLabel && role && role !== "keep")
    throw refuse(`the column is the label, so it cannot be the ${role} too. --label chooses another.`, j);
  if (isLabel) return { kind, role: "label", why };
  if (role) return { kind, role };
  if (ignored.has(j) || (chosen && !chosen.has(j))) return { kind, role: "ignored", why: "as told" };
  if ("leftOut" in guess && told === undefined && !chosen?.has(j)) return { kind, role: "ignored", why: guess.leftOut };
  if (kind === "empty") throw refuse("the column has no values.", j);
  const order = told?.order ?? (kind === "date" && "order" in guess ? guess.order : undefined);
  return { kind: kind === "text" ? "category" : kind, role: "feature", levels: told?.levels, order };
}

/** Columns are compared and written as JSON. */
const withoutUndefined = (column: Column): Column =>
  Object.fromEntries(Object.entries(column).filter(([, value]) => value !== undefined)) as Column;

/** The names of a category's levels, in the order of classes. */
function levelsOf(store: CellStore, { plain, counts, numbers }: ColumnFacts, j: number, start: number): string[] {
  const levels = new Set<string>();
  plain.forEach((word, k) => {
    if (word !== undefined && counts[k]! > 0) levels.add(levelName(word));
  });
  if (numbers > 0)
    for (const x of new Set(store.column(j).drop(start))) if (Math.abs(x) <= LARGEST) levels.add(levelName(x));
  return sortClasses([...levels]);
}

function describe({ kind, role, why }: Entry, facts: ColumnFacts, name: string, j: number): TableColumn {
  const { missing, values, texts, plain, counts, counted, lost, style } = facts;
  const word = plain.findIndex((text, k) => counts[k]! > 0 && (text !== undefined || style !== undefined));
  const example = word >= 0 ? texts[word] : (values.keys().next().value ?? "");
  const more = counted && lost === 0 ? undefined : true;
  return { name, position: j + 1, role, kind, why, missing, distinct: distinct(facts), more, example: String(example) };
}

function notesOf(columns: readonly TableColumn[], label: number | undefined): string[] {
  const notes: string[] = [];
  if (label !== undefined && label !== columns.length - 1)
    notes.push(`The label is column ${label + 1}, ${show(columns[label]!.name)}; --label chooses another.`);
  const out = columns.filter(({ role, why }) => role === "ignored" && why !== "as told");
  for (const [why, of] of Map.groupBy(out, (column) => column.why!)) {
    const names = of.slice(0, 5).map(({ name }) => name);
    const more = of.length > 5 ? ` and ${of.length - 5} more` : "";
    const flag = of[0]!.kind === "number" ? "--numeric" : "--categorical";
    const name = /^column \d+$/.test(of[0]!.name) ? of[0]!.position : of[0]!.name;
    const keeps = of[0]!.kind === "empty" ? "" : ` ${flag} ${name} keeps it.`;
    notes.push(`Left out: ${names.join(", ")}${more} (${why}).${keeps}`);
  }
  return notes;
}
