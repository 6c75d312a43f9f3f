// The columns of a table that is read for a model: found by name, in any order, the rest ignored; without a header by
// position.

import { show } from "../../errors.ts";
import type { Column } from "../columns.ts";
import { nearest } from "../nearest.ts";
import { plainText } from "./cell-text.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { distinct } from "./column-facts.ts";
import { findLabel } from "./find-label.ts";
import type { TablePlan } from "./plan-columns.ts";
import type { ColumnRole, TableOptions } from "./table-options.ts";
import { findColumn, findLabels, type Refuse } from "./told-columns.ts";

const POSITION = /^column ([0-9]+)$/; // the name of a column of a table without a header

/** Whether a first row of these cells has the names of a model's columns. */
export function hasNames(first: readonly string[], known: readonly Column[]): boolean {
  const names = new Set(first.map(bare));
  return known.some(({ name }) => !POSITION.test(name) && names.has(bare(plainText(name))));
}

export function planKnown(
  facts: readonly ColumnFacts[],
  names: readonly string[] | undefined,
  start: number,
  { known = [], label, keep, classes, without, task, ...options }: TableOptions,
  refuse: Refuse,
): TablePlan {
  const width = facts.length;
  const at = (name: string) => findColumn(name, names, width, refuse);
  const positional = names === undefined;
  const aside = label ?? without;
  const numbers = task === "regress" || task === "multilabel";
  const find = () => (numbers && label ? findLabels(label, names, width, refuse) : tryFind(aside!, names, width));
  const told = aside ? find() : undefined;
  const notes: string[] = [];
  const sources = positional
    ? byPosition(known, width, facts, told, classes, refuse)
    : byName(known, names, refuse, notes);
  const used = new Set(sources);
  const others = facts.map((_, j) => j).filter((j) => !used.has(j));
  const found = label === null ? [] : (told ?? guessLabel(names, facts, others));
  const features = known.map((column, k) => ({ source: sources[k]!, column, style: facts[sources[k]!]!.style }));
  const kept = keep?.map(at) ?? [];
  const one = (name: string | undefined) => (name === undefined ? undefined : at(name));
  const [weight, group, time] = [one(options.weight), one(options.group), one(options.time)];
  const side = new Map(kept.map((j) => [j, "keep"]));
  for (const [j, role] of [[time, "time"] as const, [group, "group"] as const, [weight, "weight"] as const])
    if (j !== undefined) side.set(j, role);
  const why = told === undefined ? "beside the model's columns" : "as told";
  const columns = facts.map((column, j) => {
    const feature = features.find(({ source }) => source === j);
    const role = found.includes(j) ? "label" : feature ? "feature" : (side.get(j) ?? "ignored");
    return {
      name: names?.[j] ?? `column ${j + 1}`,
      position: j + 1,
      role: role as ColumnRole,
      kind: feature?.column.kind ?? ("text" as const),
      why: role === "label" ? why : role === "ignored" ? "the model does not use it" : undefined,
      missing: column.missing,
      distinct: distinct(column),
      example: "",
    };
  });
  return { start, features, labels: found, weight, group, time, keep: kept, columns, notes };
}

/** Where all of them are there. */
function tryFind(label: string, names: readonly string[] | undefined, width: number): readonly number[] | undefined {
  const missing = () => new Error("not there");
  try {
    return findLabels(label, names, width, missing);
  } catch {
    return undefined;
  }
}

/** Of the columns that are no features: by its name, else the last. */
function guessLabel(names: readonly string[] | undefined, facts: readonly ColumnFacts[], others: readonly number[]) {
  const { label } = findLabel(names, facts);
  return others.includes(label) ? [label] : others.slice(-1);
}

/** A name without capitals, blanks and what stands for these. */
const bare = (text: string): string => text.toLowerCase().replace(/[\s_.-]+/g, "");

/** By name; where only capitals, blanks and signs differ, and one column alone is meant, that one, which is said. */
function byName(known: readonly Column[], names: readonly string[], refuse: Refuse, notes: string[]): number[] {
  const at = new Map(names.map((name, j) => [plainText(name), j]));
  const taken = new Set(known.map(({ name }) => at.get(plainText(name))));
  return known.map(({ name }) => {
    const j = at.get(plainText(name));
    if (j !== undefined) return j;
    const alike = names.flatMap((other, k) => (bare(other) === bare(name) && !taken.has(k) ? [k] : []));
    const twins = known.filter((other) => bare(other.name) === bare(name));
    if (alike.length === 1 && twins.length === 1) {
      notes.push(`The column ${show(names[alike[0]!])} is taken for ${show(name)}.`);
      return alike[0]!;
    }
    const near = alike.length > 0 ? names[alike[0]!] : name.length > 2 ? nearest(name, names) : undefined;
    const hint = near === undefined ? ` It has ${show(names)}.` : ` Did you mean ${show(near)}?`;
    const reason = `there is no column ${show(name)}, which training had.${hint}`;
    throw refuse(reason, undefined, "WRONG_COLUMNS");
  });
}

/** In the order of the columns, with the label left out where there is one column more and it can be one. */
function byPosition(
  known: readonly Column[],
  width: number,
  facts: readonly ColumnFacts[],
  told: readonly number[] | undefined,
  classes: readonly string[] | undefined,
  refuse: Refuse,
): number[] {
  const K = known.length;
  const all = Array.from({ length: width }, (_, j) => j);
  if (width === K) return all;
  const places = known.map(({ name }) => Number(POSITION.exec(name)?.[1] ?? 0) - 1);
  const unnamed = places.every((place) => place >= 0);
  if (told !== undefined && width === K + told.length) return all.filter((j) => !told.includes(j));
  if (width === K + 1 && unnamed && places.every((place, k) => place === k)) return all.slice(0, K);
  if (unnamed && width > Math.max(...places)) return places;
  const last = facts[width - 1]!;
  const labels = last.plain.every((word, k) => word === undefined || last.counts[k] === 0 || classes?.includes(word));
  if (width === K + 1 && last.numbers === 0 && last.words > 0 && labels) return all.slice(0, K);
  const list = known.slice(0, 6).map(({ name }) => name);
  const more = K > list.length ? ", …" : "";
  const reason = `the table has no header and ${width} columns; training had ${K}: ${list.join(", ")}${more}. Write their names in a first row.`;
  throw refuse(reason, undefined, "WRONG_COLUMNS");
}
