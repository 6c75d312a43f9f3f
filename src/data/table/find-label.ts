// Which column of a table is the label, and why.
import { isMissingLabel, plainText } from "./cell-text.ts";
import { type ColumnFacts, distinct } from "./column-facts.ts";
import type { TableOptions } from "./table-options.ts";

/** A label column by its name: "Class", "#Label", "class_id". */
const LABEL_NAME =
  /^#?\s*(?:label|class|target|outcome|response|diagnosis|species|survived)(?:[ _-]?(?:id|name|no|nr|code|index))?s?$|^#?\s*y$/i;
const Y = /^#?\s*y$/i;
const FIRST_NAMES = /^#?\s*(?:label|class|target)$/i; // of several, these win

export const MANY = 20; // classes of a label in numbers, from which it may be a measurement

/** Cells and different values of a column as a label, of which "none" and "-" are no holes. */
function asLabel({ numbers, words, values, texts, plain, counts, ofText }: ColumnFacts) {
  const names = new Set<string>();
  let cells = numbers + words;
  texts.forEach((text, k) => {
    if (counts[k] === 0 || ofText[k] === ofText[k]) return;
    const name = plain[k] ?? plainText(text);
    if (plain[k] === undefined && isMissingLabel(name)) return;
    if (plain[k] === undefined) cells += counts[k]!;
    names.add(name);
  });
  return { cells, count: values.size + names.size };
}

/** Whether a column can be a label: a few values, which come again. */
export function isClasses(facts: ColumnFacts): boolean {
  const { cells, count } = asLabel(facts);
  return count >= 2 && !isMeasurement(facts) && (count <= MANY || count <= cells / 2);
}

/** Whether the values of a column are measured numbers rather than names. */
export function isMeasurement(facts: ColumnFacts): boolean {
  const { numbers, words, whole, least, most, counted } = facts;
  if (numbers === 0 || words > numbers) return false;
  const count = distinct(facts);
  if (!counted) return true;
  if (count <= MANY) return false;
  const counting = whole && (least === 0 || least === 1) && most - least + 1 === count; // every class of K occurs
  if (counting && numbers >= 2 * count) return false;
  return !whole || numbers < MANY * count || (least !== 0 && least !== 1);
}

type FoundLabel = { readonly label: number; readonly why: string };

/** The label of a table with these names (undefined without a header), where it is not told. */
export function findLabel(
  names: readonly string[] | undefined,
  facts: readonly ColumnFacts[],
  task?: TableOptions["task"],
): FoundLabel {
  const unnamed = (j: number) => names === undefined || names[j] === `column ${j + 1}`; // after a last delimiter
  const last = Math.max(
    0,
    facts.findLastIndex((column, j) => asLabel(column).cells > 0 || !unnamed(j)),
  );
  const classesLast = facts[last]!.words > 0 && isClasses(facts[last]!);
  const point = classesLast && names?.some((name) => /^x$/i.test(name)); // then y is its other coordinate
  const named = names?.flatMap((name, j) => (LABEL_NAME.test(name) && !(point && Y.test(name)) ? [j] : [])) ?? [];
  const first = named.filter((j) => FIRST_NAMES.test(names![j]!));
  if (first.length === 1) return { label: first[0]!, why: "by its name" };
  const fit = named.filter((j) => comeAgain(facts[j]!));
  if (fit.length === 1) return { label: fit[0]!, why: "by its name" };
  const numbers = task === "regress" || task === "found";
  if (numbers && named.length === 1) return { label: named[0]!, why: "by its name" };
  const ends = isClasses(facts[last]!);
  if (task !== "regress" && !ends && canLead(names, facts[0]!)) {
    const why = isMeasurement(facts[last]!) ? "is measured" : "has one value or a value for each row";
    return { label: 0, why: `the first column, as the last ${why}` };
  }
  return { label: last, why: "the last column" };
}

function comeAgain(facts: ColumnFacts): boolean {
  const { cells, count } = asLabel(facts);
  return isClasses(facts) && 2 * count <= cells;
}

/** Whether a first column can be the label: its values come again; without a name they are words or small. */
function canLead(names: readonly string[] | undefined, facts: ColumnFacts): boolean {
  const { words, whole, least, most } = facts;
  if (!comeAgain(facts)) return false;
  return names !== undefined || words > 0 || (whole && least >= -1 && most <= 1000);
}
