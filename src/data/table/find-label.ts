// Which column of a table is the label, and why.
import type { ColumnFacts } from "./column-facts.ts";
import { distinct } from "./column-facts.ts";

/** A label column by its name: "Class", "#Label", "class_id". */
const LABEL_NAME =
  /^#?\s*(?:label|class|target|outcome|response|diagnosis|species|survived)(?:[ _-]?(?:id|name|no|nr|code|index))?s?$|^#?\s*y$/i;
const FIRST_NAMES = /^#?\s*(?:label|class|target)$/i; // of several, these win

export const MANY = 20; // classes of a label in numbers, from which it may be a measurement

/** Whether a column can be a label: a few values, which come again. */
export function isClasses(facts: ColumnFacts): boolean {
  const count = distinct(facts);
  return count >= 2 && !isMeasurement(facts) && (count <= MANY || count <= (facts.numbers + facts.words) / 2);
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

export type FoundLabel = { readonly label: number; readonly why: string };

/** The label of a table with these names (undefined without a header), where it is not told. */
export function findLabel(names: readonly string[] | undefined, facts: readonly ColumnFacts[]): FoundLabel {
  const last = facts.length - 1;
  const named = names?.flatMap((name, j) => (LABEL_NAME.test(name) ? [j] : [])) ?? [];
  const first = named.filter((j) => FIRST_NAMES.test(names![j]!));
  for (const found of [first, named]) if (found.length === 1) return { label: found[0]!, why: "by its name" };
  const ends = isClasses(facts[last]!);
  if (!ends && canLead(names, facts[0]!)) {
    const why = isMeasurement(facts[last]!) ? "is measured" : "has one value or a value for each row";
    return { label: 0, why: `the first column, as the last ${why}` };
  }
  return { label: last, why: "the last column" };
}

/** Whether a first column can be the label: its values come again; without a name they are words or small. */
function canLead(names: readonly string[] | undefined, facts: ColumnFacts): boolean {
  const { words, numbers, whole, least, most } = facts;
  if (!isClasses(facts) || 2 * distinct(facts) > words + numbers) return false;
  return names !== undefined || words > 0 || (whole && least >= -1 && most <= 1000);
}
