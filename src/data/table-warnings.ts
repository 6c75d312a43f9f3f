// What a careful person would notice in a data set before training on it. Only notices; refuses nothing.
import type { Dataset } from "./dataset.ts";

/** Warnings about labelled rows that did not come from a table; in images constant columns are nothing odd. */
export function dataWarnings(data: Dataset): string[] {
  return data.image ? classWarnings(data) : tableWarnings(data, true);
}

/** Warnings about constant and counting columns and, where there are labels, about classes with too few examples. */
export function tableWarnings(data: Dataset, labelled: boolean): string[] {
  const { features, rows, cols } = data;
  const name = (j: number) => data.featureNames?.[j] ?? `feature ${j + 1}`;
  const constant: number[] = [];
  const counting: number[] = [];
  for (let j = 0; rows > 1 && j < cols; j++) {
    const first = features[j] as number;
    const step = (features[cols + j] as number) - first;
    if (step !== 0 && step !== 1) {
      // a column that is neither constant nor counting shows it in its first two rows, most often
      continue;
    }
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
  for (const label of labels) examples[label] = (examples[label] as number) + 1;
  const having = (n: number) => classes.filter((_, c) => examples[c] === n);
  const warnings: string[] = [];
  const present = classes.length - having(0).length;
  if (labels.length >= 10 && having(1).length === labels.length)
    return [`Each of the ${labels.length} rows has a class of its own: the label looks like an index, not a class.`];
  if (present === 1)
    warnings.push(`All ${labels.length} rows have the same class, ${JSON.stringify(classes[labels[0] as number])}.`);
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
