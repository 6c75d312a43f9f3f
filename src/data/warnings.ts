// Warnings about a data set before training: constant and counting columns, classes with too few examples or none to
// learn from. Nothing here refuses.
import { atOnce } from "../engines/turns.ts";
import type { Dataset } from "./dataset.ts";
import { eachRows, type Piece, rowsOf } from "./stored/row-store.ts";

/**
 * Warnings about arrays and images with labels. Images commonly have constant columns (their borders): not mentioned.
 */
export function dataWarnings(data: Dataset): string[] {
  return data.image || data.picture ? classWarnings(data) : tableWarnings(data, true);
}

/**
 * Warnings about constant and counting columns and, where there are labels, about classes with too few examples.
 * `names`: of the features, as the file has them.
 */
export function tableWarnings(data: Dataset, labelled: boolean, names = data.featureNames): string[] {
  const { rows } = data;
  const name = (j: number) => names?.[j] ?? `feature ${j + 1}`;
  const { constant, counting } = rows > 1 ? evenColumns(data) : { constant: [], counting: [] };
  const warnings: string[] = [];
  if (constant.length > 0)
    warnings.push(
      `${count(constant.length, "column has", "columns have")} one value only: ${list(constant.map(name))}.`,
    );
  if (counting.length > 0 && rows >= 10)
    warnings.push(
      `${count(counting.length, "column counts", "columns count")} the rows and ${counting.length === 1 ? "tells" : "tell"} nothing else: ${list(counting.map(name))}. Remove ${counting.length === 1 ? "it" : "them"}.`,
    );
  if (data.values) return [...warnings, ...targetWarnings(data, data.values)];
  return labelled ? [...warnings, ...classWarnings(data)] : warnings;
}

/** Targets, or labels, that are the same in every row: there is nothing to learn of them. */
function targetWarnings({ rows, classes }: Dataset, values: ArrayLike<number>): string[] {
  const T = classes.length;
  const same = classes.filter((_, j) => {
    for (let i = 1; i < rows; i++) if (values[i * T + j] !== values[j]) return false;
    return rows > 1;
  });
  return same.length === 0 ? [] : [`${list(same)}: all ${rows} rows have the same value, so nothing is learned of it.`];
}

function classWarnings({ labels, classes }: Dataset): string[] {
  const examples = new Uint32Array(classes.length);
  for (const label of labels) examples[label]!++;
  const having = (n: number) => classes.filter((_, c) => examples[c] === n);
  const warnings: string[] = [];
  const present = classes.length - having(0).length;
  if (labels.length >= 10 && having(1).length === labels.length)
    return [`Each of the ${labels.length} rows has a class of its own: the label looks like an index, not a class.`];
  if (present === 1)
    warnings.push(
      `${labels.length === 1 ? "There is one row only, of the class" : `All ${labels.length} rows have the same class,`} ${JSON.stringify(classes[labels[0]!])}.`,
    );
  else if (having(0).length > 0)
    warnings.push(`${count(having(0).length, "class has", "classes have")} no example: ${list(having(0))}.`);
  if (labels.length > 1 && having(1).length > 0)
    warnings.push(`${count(having(1).length, "class has", "classes have")} one example only: ${list(having(1))}.`);
  return warnings;
}

/** A warning for each class that occurs in `part`, called `what`, and not among the rows to train on. */
export function unlearnedClasses(train: Dataset, part: Dataset | undefined, what: string): string[] {
  if (part === undefined || part.values) return [];
  const learned = new Set(train.labels);
  const rows = new Map<number, number>();
  for (const label of part.labels) if (!learned.has(label)) rows.set(label, (rows.get(label) ?? 0) + 1);
  if (rows.size === 0) return [];
  const names = list(Array.from(rows.keys(), (label) => JSON.stringify(part.classes[label])));
  const all = rows.values().reduce((sum, n) => sum + n, 0);
  const are = rows.size === 1 ? `The class ${names} is` : `The classes ${names} are`;
  return [
    `${are} among the ${what} rows alone, so nothing is learned of ${rows.size === 1 ? "it" : "them"}: ${count(all, "row counts as a mistake", "rows count as mistakes")}.`,
  ];
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The columns whose every value is the one before, or one more. */
function evenColumns(data: Dataset): { readonly constant: readonly number[]; readonly counting: readonly number[] } {
  const { cols } = data;
  const first = rowsOf(data, Uint32Array.of(0, 1));
  const steps = Array.from({ length: cols }, (_, j) => first[cols + j]! - first[j]!);
  let left = [...steps.keys()].filter((j) => steps[j] === 0 || steps[j] === 1); // most are settled by two rows
  const follows = (j: number, { from, to, features }: Piece) => {
    for (let i = from; i < to; i++) if (features[(i - from) * cols + j] !== first[j]! + i * steps[j]!) return false;
    return true;
  };
  const look = (piece: Piece) => {
    left = left.filter((j) => follows(j, piece));
    return left.length > 0;
  };
  if (left.length > 0) atOnce(eachRows(data, look, 2 ** 13));
  return { constant: left.filter((j) => steps[j] === 0), counting: left.filter((j) => steps[j] === 1) };
}
