// What each column of a new table is for: the label, a feature of some kind, or left out, and why.

import { type InvalidInputCode, show } from "../../errors.ts";
import type { Column, ColumnKind } from "../columns.ts";
import { NUMBER, sortClasses } from "../formats/class-order.ts";
import { nearest } from "../nearest.ts";
import { type CellStore, LARGEST } from "./cell-store.ts";
import { levelName } from "./cell-text.ts";
import { type ColumnFacts, distinct } from "./column-facts.ts";
import { COUNTS, guessKind } from "./column-kinds.ts";
import { findLabel } from "./find-label.ts";
import type { ColumnRole, TableColumn, TableOptions } from "./table-options.ts";

export type FeatureColumn = { readonly source: number; readonly column: Column };

/** Positions are indices of the table's columns. */
export type TablePlan = {
  /** The first row of the store that is an example. */
  readonly start: number;
  readonly features: readonly FeatureColumn[];
  /** −1 for none. */
  readonly label: number;
  readonly weight: number | undefined;
  readonly group: number | undefined;
  readonly time: number | undefined;
  readonly keep: readonly number[];
  readonly columns: readonly TableColumn[];
  readonly notes: readonly string[];
};

export type Refuse = (reason: string, column?: number, code?: InvalidInputCode) => Error;

/** `names` are undefined without a header. Raises what `refuse` gives. */
export function planColumns(
  store: CellStore,
  facts: readonly ColumnFacts[],
  names: readonly string[] | undefined,
  start: number,
  options: TableOptions,
  refuse: Refuse,
): TablePlan {
  const find = (name: string) => findColumn(name, names, store.width, refuse);
  const all = (list: readonly string[] | undefined) => new Set(list?.map(find));
  const told = options.label === undefined || options.label === null ? undefined : find(options.label);
  const found =
    options.label === null
      ? { label: -1, why: "" }
      : told === undefined
        ? findLabel(names, facts)
        : { label: told, why: "as told" };
  const [weight, group, time] = [options.weight, options.group, options.time].map((name) =>
    name === undefined ? undefined : find(name),
  );
  const keep = options.keep?.map(find) ?? [];
  const ordinal = new Map(Object.entries(options.ordinal ?? {}).map(([name, levels]) => [find(name), levels]));
  const [chosen, ignored] = [options.columns && all(options.columns), all(options.ignore)];
  const [categorical, numeric] = [all(options.categorical), all(options.numeric)];
  const roles = new Map<number, ColumnRole>([
    ...keep.map((j) => [j, "keep"] as const),
    ...(
      [
        [time, "time"],
        [group, "group"],
        [weight, "weight"],
        [found.label, "label"],
      ] as const
    ).flatMap(([j, role]) => (j === undefined ? [] : [[j, role] as const])),
  ]);
  const toldKind = (j: number): ColumnKind | undefined =>
    ordinal.has(j) ? "ordinal" : categorical.has(j) ? "category" : numeric.has(j) ? "number" : undefined;
  const entries = facts.map((column, j) => {
    const role = roles.get(j);
    const guess = guessKind(column, names?.[j]);
    const kind = toldKind(j) ?? (guess.kind === "mixed" ? "number" : guess.kind);
    if (role) return { kind, role, why: role === "label" ? found.why : undefined };
    if (ignored.has(j) || (chosen && !chosen.has(j))) return { kind, role: "ignored" as const, why: "as told" };
    const free = toldKind(j) === undefined && !chosen?.has(j);
    if (free && "leftOut" in guess) return { kind, role: "ignored" as const, why: guess.leftOut };
    if (kind === "text" || kind === "empty") {
      if (kind === "empty") throw refuse("the column has no values.", j);
      return { kind: "category" as const, role: "feature" as const, why: undefined };
    }
    return { kind, role: "feature" as const, why: undefined };
  });
  if (!entries.some(({ role }) => role === "feature"))
    entries.forEach((entry, j) => {
      if (entry.why === COUNTS) entries[j] = { kind: "number", role: "feature", why: undefined }; // all there is
    });
  const features = entries.flatMap(({ role, kind }, j) => {
    if (role !== "feature") return [];
    const name = names?.[j] ?? `column ${j + 1}`;
    const levels = ordinal.get(j)?.map(levelName) ?? (kind === "category" ? levelsOf(store, facts[j]!, j, start) : []);
    const leveled = kind === "category" || kind === "ordinal";
    return [{ source: j, column: { name, kind: kind as ColumnKind, ...(leveled && { levels }) } }];
  });
  const columns = entries.map((entry, j) => describe(entry, facts[j]!, names?.[j] ?? `column ${j + 1}`, j));
  const notes = notesOf(columns, found.label, store.width, told === undefined);
  return { start, features, label: found.label, weight, group, time, keep, columns, notes };
}

/** The index of the column that a person names. */
export function findColumn(
  name: string,
  names: readonly string[] | undefined,
  width: number,
  refuse: Refuse,
  what = "column",
): number {
  const at = names?.indexOf(name.trim()) ?? -1;
  if (/^[0-9]+$/.test(name)) {
    const position = Number(name);
    if (position >= 1 && position <= width) return position - 1;
    throw refuse(`the ${what} must be a column from 1 to ${width}, got ${name}.`);
  }
  if (at >= 0) return at;
  const near = nearest(name, names ?? []);
  const remedy = near === undefined ? "Name one, or give its position counted from 1." : `Did you mean ${show(near)}?`;
  throw refuse(`no column is named ${show(name)}; the first row is ${show(names ?? [])}. ${remedy}`);
}

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

function describe(
  { kind, role, why }: Pick<TableColumn, "kind" | "role" | "why">,
  facts: ColumnFacts,
  name: string,
  j: number,
): TableColumn {
  const { missing, values, plain, counts, counted, lost } = facts;
  const word = plain.find((text, k) => text !== undefined && counts[k]! > 0);
  const example = word ?? values.keys().next().value ?? "";
  const more = counted && lost === 0 ? undefined : true;
  return { name, position: j + 1, role, kind, why, missing, distinct: distinct(facts), more, example: String(example) };
}

function notesOf(columns: readonly TableColumn[], label: number, width: number, guessed: boolean): string[] {
  const notes: string[] = [];
  if (guessed && label >= 0 && label !== width - 1)
    notes.push(`The label is column ${label + 1}, ${show(columns[label]!.name)}; --label chooses another.`);
  const out = Map.groupBy(
    columns.filter(({ role, why }) => role === "ignored" && why !== "as told"),
    ({ why }) => why!,
  );
  for (const [why, of] of out) {
    const names = of.slice(0, 5).map(({ name }) => name);
    const more = of.length > 5 ? ` and ${of.length - 5} more` : "";
    const kept = of[0]!.kind === "number" ? "--numeric" : "--categorical";
    const keeps = of[0]!.kind === "empty" || why === ONE ? "" : ` ${kept} ${of[0]!.name} keeps it.`;
    notes.push(`Left out: ${names.join(", ")}${more} (${why}).${keeps}`);
  }
  return notes;
}

const ONE = "it has one value only";

/** Whether every class name is a number, so that a label that is none can be told from them. */
export const areNumbers = (classes: readonly string[] | undefined): boolean =>
  classes?.every((name) => NUMBER.test(name)) ?? false;
