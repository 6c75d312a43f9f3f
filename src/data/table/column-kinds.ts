// What a feature column is: its kind where it can be one, else why it is left out or refused. The one place that
// guesses.
import { type ColumnKind, daysOf } from "../columns.ts";
import { yesOrNo } from "./cell-text.ts";
import { type ColumnFacts, distinct } from "./column-facts.ts";

export type GuessedKind =
  | { readonly kind: ColumnKind }
  /** Not fit for a feature: left out, for a reason in words. */
  | { readonly kind: "text" | "empty" | "number" | "category" | "date"; readonly leftOut: string }
  /** Mostly numbers, but not all: refused at its first other cell. */
  | { readonly kind: "mixed" };

const FEW = 20; //    different words that are categories, however few the rows
const SMALL = 10; //  rows below which nothing counts them

/** `name` is undefined without a header. */
export function guessKind(facts: ColumnFacts, name: string | undefined): GuessedKind {
  const { numbers, words } = facts;
  if (numbers + words === 0) return { kind: "empty", leftOut: "it has no values" };
  if (words === 0) return guessNumbers(facts, name);
  if (numbers > 0) return isMixture(facts) ? { kind: "category" } : { kind: "mixed" };
  if (isYesOrNo(facts)) return { kind: "boolean" };
  const count = distinct(facts);
  if (every(facts, (word) => daysOf(word) !== undefined)) return { kind: "date" };
  if (count === 1 && words >= SMALL) return { kind: "category", leftOut: "it has one value only" };
  if (facts.lost === 0 && (count <= FEW || 2 * count <= words)) return { kind: "category" };
  const blanks = facts.plain.filter((word) => word !== undefined && /\s\S+\s/.test(word)).length;
  const text = 2 * blanks > facts.plain.length;
  return {
    kind: "text",
    leftOut: text ? "free text" : `${count} different values in ${words} rows, as of names or ids`,
  };
}

/** Every text that occurs and marks no missing value. */
function every({ plain, counts, lost }: ColumnFacts, test: (word: string) => boolean): boolean {
  return lost === 0 && plain.every((word, k) => word === undefined || counts[k] === 0 || test(word));
}

function isYesOrNo(facts: ColumnFacts): boolean {
  const pairs = new Set<number | undefined>();
  every(facts, (word) => pairs.add(yesOrNo(word)?.pair).size === 1);
  return facts.lost === 0 && pairs.size === 1 && !pairs.has(undefined);
}

/** Names of which some are numbers, such as 1, 2, 3+: few, whole, and each comes again and again. */
function isMixture(facts: ColumnFacts): boolean {
  const { numbers, words, whole, counted, counts, plain } = facts;
  const count = distinct(facts);
  const again = plain.every((word, k) => word === undefined || counts[k] !== 1);
  const few = count <= 2 * FEW && numbers + words >= 4 * count;
  return few ? whole && counted && again : words > 3 * numbers;
}

export const COUNTS = "it counts the rows and tells nothing else";
const INDEX = /^(?:|unnamed: ?\d+|__index_level_\d+__|level_\d+|index|row_?(?:id|no|nr|num|number|names?)?)$/i;
const ID = /^id$|^id[ _-]|[ _-]id$|[a-z]I[dD]$/i;

function guessNumbers(facts: ColumnFacts, name: string | undefined): GuessedKind {
  const { numbers, missing, whole, least, most } = facts;
  if (!whole || missing > 0 || numbers < SMALL) return { kind: "number" };
  const leftOut =
    most - least === numbers - 1
      ? COUNTS
      : name !== undefined && INDEX.test(name)
        ? "an index of the rows"
        : name !== undefined && ID.test(name)
          ? "an identifier of the rows"
          : undefined;
  return leftOut !== undefined && facts.different() ? { kind: "number", leftOut } : { kind: "number" };
}
