// Warnings about a data set before training: constant and counting columns, classes with too few examples, test rows
// that the training part has too. Nothing here refuses.
import type { Dataset } from "./dataset.ts";

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
  const { features, rows, cols } = data;
  const name = (j: number) => names?.[j] ?? `feature ${j + 1}`;
  const constant: number[] = [];
  const counting: number[] = [];
  for (let j = 0; rows > 1 && j < cols; j++) {
    const first = features[j]!;
    const step = features[cols + j]! - first;
    if (step !== 0 && step !== 1) continue; // most columns are settled by their first two rows
    let same = 1;
    while (same < rows && features[same * cols + j] === first + same * step) same++;
    if (same === rows) (step === 0 ? constant : counting).push(j);
  }
  const warnings: string[] = [];
  if (constant.length > 0)
    warnings.push(
      `${count(constant.length, "column has", "columns have")} one value only: ${list(constant.map(name))}.`,
    );
  if (counting.length > 0 && rows >= 10)
    warnings.push(
      `${count(counting.length, "column counts", "columns count")} the rows and ${counting.length === 1 ? "tells" : "tell"} nothing else: ${list(counting.map(name))}. Remove ${counting.length === 1 ? "it" : "them"}.`,
    );
  return labelled ? [...warnings, ...classWarnings(data)] : warnings;
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

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** How many rows of `test` have exactly the features of some row of `train`, as float32. */
function countSharedRows(train: Dataset, test: Dataset): number {
  const { cols } = train;
  const hashed = new Map<number, number[]>();
  const seen = rowHashes(train);
  for (let i = 0; i < train.rows; i++) {
    const same = hashed.get(seen[i]!);
    if (same) same.push(i);
    else hashed.set(seen[i]!, [i]);
  }
  const equal = (i: number, t: number) => {
    for (let j = 0; j < cols; j++)
      if (Math.fround(train.features[i * cols + j]!) !== Math.fround(test.features[t * cols + j]!)) return false;
    return true;
  };
  let shared = 0;
  rowHashes(test).forEach((hash, t) => {
    const candidates = hashed.get(hash)?.slice(0, 16); // 16: a file made of collisions must not cost N²
    if (candidates?.some((i) => equal(i, t))) shared++;
  });
  return shared;
}

/** A warning where rows of `test` are also rows of `train`: learned by heart, they test nothing. */
export function sharedRowsWarning(train: Dataset, test: Dataset): string[] {
  const shared = countSharedRows(train, test);
  if (shared === 0) return [];
  const many = shared === 1 ? "1 test row is" : `${shared} test rows are`;
  return [`${many} also among the training rows, of ${test.rows}: the test is easier than it looks.`];
}

/** FNV-1a over the float32 words of each row. */
function rowHashes({ features, rows, cols }: Dataset): Int32Array {
  const row = new Float32Array(cols);
  const words = new Int32Array(row.buffer);
  return Int32Array.from({ length: rows }, (_, i) => {
    row.set(features.subarray(i * cols, (i + 1) * cols));
    let hash = 0x811c9dc5 | 0;
    for (let j = 0; j < cols; j++) hash = Math.imul(hash ^ words[j]!, 0x01000193);
    return hash;
  });
}
