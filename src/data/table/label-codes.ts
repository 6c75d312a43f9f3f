// The label column of a table as classes and their indices. 1, 1.0 and 01 are one class; NA and ? are missing labels.
import { show } from "../../errors.ts";
import { NUMBER, sortClasses } from "../formats/class-order.ts";
import { type CellStore, MOST_TEXTS, textOf } from "./cell-store.ts";
import { className, isMissingLabel, plainText } from "./cell-text.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { isMeasurement, MANY } from "./find-label.ts";
import type { TablePlan } from "./plan-columns.ts";

const MOST_CLASSES = 65_536;

export type LabelOptions = {
  /** The classes and their order. */
  readonly classes: readonly string[] | undefined;
  /** Leave rows without a label out. */
  readonly drop: boolean;
  /** Whether a person says that these are classes. */
  readonly told: boolean;
};

export type CodedLabels = {
  readonly classes: readonly string[];
  /** [N], of the rows from the plan's start on. */
  readonly labels: Uint16Array;
  /** 1 for each row of the store that has a label; undefined if all have. */
  readonly keep: Uint8Array | undefined;
  readonly notes: readonly string[];
};

/** A label that cannot be used, in words, with its row in the store if it is one row's. */
export type BadLabel = { readonly reason: string; readonly row?: number };

export function codeLabels(
  store: CellStore,
  { labels: [label = 0], start }: Pick<TablePlan, "labels" | "start">,
  facts: ColumnFacts,
  { classes: given, drop, told }: LabelOptions,
): CodedLabels | BadLabel {
  const ids = new Map<string, number>(); // by name, in order of first appearance
  given?.forEach((name, id) => {
    ids.set(name, id);
  });
  given?.forEach((name, id) => {
    if (!ids.has(className(name))) ids.set(className(name), id);
  });
  const idOf = (name: string): number => {
    const known = ids.get(name);
    if (known !== undefined || given) return known ?? -2;
    ids.set(name, ids.size);
    return ids.size - 1;
  };
  const ofText = new Int32Array(facts.texts.length).fill(-3); // looked up when they occur
  const ofNumber = new Map<number, number>();
  const code = (cell: number): number => {
    const text = textOf(cell);
    if (cell !== cell) return -1;
    if (text === MOST_TEXTS) return -4;
    if (text >= 0) {
      const word = plainText(facts.texts[text]!);
      return (ofText[text] = ofText[text]! > -3 ? ofText[text]! : isMissingLabel(word) ? -1 : idOf(className(word)));
    }
    let id = ofNumber.get(cell);
    if (id === undefined) {
      id = idOf(className(String(cell)));
      ofNumber.set(cell, id);
    }
    return id;
  };
  const labels = new Uint16Array(store.rows - start);
  const keep = new Uint8Array(store.rows).fill(1);
  let row = 0;
  let missing = 0;
  for (const cell of store.column(label)) {
    const i = row++ - start;
    if (i < 0) continue;
    const id = code(cell);
    if (id >= 0) labels[i] = id;
    else if (id === -1) {
      if (!drop) return { reason: missingReason(cell, store, label), row: i + start };
      keep[i + start] = 0;
      missing++;
    } else if (id === -2) {
      const got = textOf(cell) < 0 ? String(cell) : plainText(facts.texts[textOf(cell)]!);
      return { reason: `the label must be one of the classes ${show(given)}, got ${show(got)}.`, row: i + start };
    }
    if (id === -4 || ids.size > MOST_CLASSES)
      return { reason: `the label column has more than ${MOST_CLASSES} different values.`, row: i + start };
  }
  const kept = missing > 0 ? keep : undefined;
  if (given) return { classes: given, labels, keep: kept, notes: [] };
  const classes = sortClasses([...ids.keys()]);
  const reason = told ? undefined : unfit(classes, labels.length - missing, facts);
  if (reason !== undefined) return { reason };
  const place = new Int32Array(ids.size);
  classes.forEach((name, c) => {
    place[ids.get(name)!] = c;
  });
  for (let i = 0; i < labels.length; i++) labels[i] = place[labels[i]!]!;
  return { classes, labels, keep: kept, notes: alike(classes) };
}

function missingReason(cell: number, store: CellStore, label: number): string {
  const text = textOf(cell) < 0 ? "" : store.texts(label)[textOf(cell)];
  const got = text === "" ? "" : `, got ${show(text)}`;
  return `the label is missing${got}. Fill it in, or remove the row; --missing drop leaves out rows with a hole.`;
}

/** Why these values are no classes; undefined if they can be. */
function unfit(classes: readonly string[], rows: number, facts: ColumnFacts): string | undefined {
  const measured = isMeasurement(facts);
  if (!measured && (classes.length <= MANY || classes.length <= rows / 2)) return undefined;
  const numeric = classes.every((name) => NUMBER.test(name));
  const kind = numeric
    ? "It looks like a measurement, not a class: `train --task regress` learns numbers."
    : "It looks like a name, not a class.";
  return `the label has ${classes.length} different values in ${rows} rows. ${kind} Choose the label with --label.`;
}

/** A warning of classes that differ in capitals alone. */
function alike(classes: readonly string[]): string[] {
  const same = [...Map.groupBy(classes, (name) => name.toLowerCase()).values()].filter((names) => names.length > 1);
  if (same.length === 0) return [];
  const shown = same.slice(0, 3).map((names) => names.join(" and "));
  const more = same.length > 3 ? ` and ${same.length - 3} more` : "";
  return [`Classes differ in capitals alone and stay apart: ${shown.join(", ")}${more}.`];
}
