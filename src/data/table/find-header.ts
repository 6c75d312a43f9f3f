// Whether a table's first row is a header. Every column may speak for it or against it.
import { NUMBER } from "../formats/class-order.ts";
import { isMissing } from "./cell-text.ts";
import type { ColumnFacts } from "./column-facts.ts";

/** `facts` are those of the rows below the first; `label` is the label column where it is told, −1 for none. */
export function isHeader(names: readonly string[], facts: readonly ColumnFacts[], label: number | undefined): boolean {
  const words = names.filter((name) => !NUMBER.test(name) && !isMissing(name));
  const rows = facts[0]!.numbers + facts[0]!.words + facts[0]!.missing;
  if (rows === 0) return words.length === names.length;
  const labels = label === undefined ? [names.length - 1, 0] : [label];
  if (labels.some((at) => countsColumns(names, facts, at))) return true;
  let overNumbers = 0;
  let again = 0; //  a value of its column
  let overWords = 0; // that come again and again
  for (const [j, name] of names.entries()) {
    if (NUMBER.test(name) || isMissing(name)) continue;
    const column = facts[j]!;
    if (column.plain.some((word, k) => word === name && column.counts[k]! > 0)) again++;
    else if (column.words === 0 && column.numbers > 0) overNumbers++;
    else if (repeats(column)) overWords++;
  }
  if (overNumbers > 0 && overNumbers >= again) return true;
  if (again > 0 || words.length === 0 || !isSet(words)) return false;
  return overWords >= 2 || !names.some((name) => NUMBER.test(name));
}

const isSet = (names: readonly string[]) => new Set(names).size === names.length;

const repeats = ({ plain, counts, words }: ColumnFacts) =>
  words >= 4 && 2 * plain.filter((word, k) => word !== undefined && counts[k]! > 0).length <= words;

/** Names that count the columns, 0, 1, 2, … as of a data frame, over a label that is none of the labels below. */
function countsColumns(names: readonly string[], facts: readonly ColumnFacts[], label: number): boolean {
  const rest = names.filter((_, j) => j !== label);
  const start = Number(rest[0]);
  if (rest.length < (start === 0 ? 3 : 5) || (start !== 0 && start !== 1)) return false;
  if (!rest.every((name, k) => name === String(start + k))) return false;
  if (label < 0) return start === 0;
  const name = names[label]!;
  const { plain, counts, values, counted } = facts[label]!;
  if (NUMBER.test(name)) return counted && !values.has(Number(name));
  return !plain.some((word, k) => word === name && counts[k]! > 0);
}

/** A remedy where the first row counts rows and columns before it names classes, as scikit-learn's own files do. */
export function countsRemedy(first: readonly string[], width: number): string {
  const [rows = "", features] = first;
  if (!/^[0-9]+$/.test(rows) || features !== String(width - 1)) return "";
  return " The first row seems to count rows and columns, as in scikit-learn's files: remove it.";
}
