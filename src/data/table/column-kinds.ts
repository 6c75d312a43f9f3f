// What a feature column is: its kind where it can be one, else why it is left out or refused. The one place that
// guesses.
import type { ColumnKind } from "../columns.ts";
import { yesOrNo } from "./cell-text.ts";
import { type ColumnFacts, distinct } from "./column-facts.ts";
import { type DateOrder, dateOrder } from "./read-date.ts";

export type GuessedKind =
  | { readonly kind: ColumnKind; readonly order?: DateOrder | undefined }
  /** Not fit for a feature: left out, for a reason in words. */
  | { readonly kind: "text" | "empty" | "number" | "category" | "date"; readonly leftOut: string }
  /** Mostly numbers, but not all, or numbers too large: refused at its first other cell. */
  | { readonly kind: "mixed" };

const FEW = 20; //    different words that are categories, however few the rows
const SMALL = 10; //  rows below which nothing counts them

/** `name` is undefined without a header. */
export function guessKind(facts: ColumnFacts, name: string | undefined): GuessedKind {
  const { numbers, words } = facts;
  if (numbers + words === 0) return { kind: "empty", leftOut: "it has no values" };
  if (words === 0) return guessNumbers(facts, name);
  if (isTooLarge(facts)) return { kind: "mixed" };
  if (numbers > 0) return isMixture(facts) ? { kind: "category" } : { kind: "mixed" };
  if (isYesOrNo(facts)) return { kind: "boolean" };
  const count = distinct(facts);
  const order = facts.lost === 0 ? dateOrder(occurring(facts)) : undefined;
  if (order !== undefined && count > 1) return { kind: "date", order: order === "iso" ? undefined : order };
  if (count === 1 && words >= SMALL) return { kind: "category", leftOut: "it has one value only" };
  if (facts.lost === 0 && (count <= FEW || 2 * count <= words)) return { kind: "category" };
  const blanks = facts.plain.filter((word) => word !== undefined && /\s\S+\s/.test(word)).length;
  const text = 2 * blanks > facts.plain.length;
  return {
    kind: "text",
    leftOut: text ? "free text" : `${count} different values in ${words} rows, as of names or ids`,
  };
}

/** The texts that occur and mark no missing value. */
const occurring = ({ plain, counts }: ColumnFacts): string[] =>
  plain.flatMap((word, k) => (word !== undefined && counts[k]! > 0 ? [word] : []));

/** Words that programs write for numbers past float32, such as 1e+39; digits alone may be an id. */
const TOO_LARGE = /^[+-]?(?:infinity|[0-9.]+e\+?[0-9]+)$/i;

const isTooLarge = (facts: ColumnFacts): boolean =>
  facts.lost === 0 && occurring(facts).every((word) => TOO_LARGE.test(word));

function isYesOrNo(facts: ColumnFacts): boolean {
  if (facts.lost > 0) return false;
  const words = occurring(facts);
  const pair = yesOrNo(words[0]!)?.pair;
  return pair !== undefined && words.every((word) => yesOrNo(word)?.pair === pair);
}

/** Names of which some are numbers, such as 1, 2, 3+: few, whole, and each comes again and again. */
function isMixture(facts: ColumnFacts): boolean {
  const { numbers, words, whole, counted, counts, plain } = facts;
  const count = distinct(facts);
  const again = plain.every((word, k) => word === undefined || counts[k] !== 1);
  const few = count <= 2 * FEW && numbers + words >= 4 * count;
  const numberlike = occurring(facts).some((word) => /^[+-]?[0-9.,]+$/.test(word));
  return few ? whole && counted && again && !numberlike : words > 3 * numbers;
}

export const COUNTS = "it counts the rows and tells nothing else";
const INDEX =
  /^(?:|column \d+|unnamed: ?\d+|__index_level_\d+__|level_\d+|index|row_?(?:id|no|nr|num|number|names?)?)$/i;
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
