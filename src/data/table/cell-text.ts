// A cell's text: the same word for every spelling of it, the marks of a missing value, yes and no.
import { NUMBER } from "../formats/class-order.ts";

/** What a cell of a table holds before its column's kind is known; null is missing. */
export type Cell = string | number | boolean | null;

/** A program's value as a cell; undefined for what no cell can hold. Not a number, undefined and null are missing. */
export function asCell(value: unknown): Cell | undefined {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : undefined;
}

export const INVISIBLE = /[\u200b-\u200d\u2060\ufeff\u00ad]/g; // zero-width blanks and joiners, soft hyphens
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/; // ASCII without blanks around it: nothing to change

/** Text without blanks around it and invisible characters in it, in Unicode's composed form (NFC). */
export function plainText(text: string): string {
  return PLAIN.test(text) ? text : text.normalize("NFC").replace(INVISIBLE, "").trim();
}

export const MISSING = /^(?:|#?n\/a|#?na|<na>|nan|nat|null|none|nil|-|\?)$/i;

/** Whether plain text marks a missing value. */
export const isMissing = (text: string): boolean => text.length <= 5 && MISSING.test(text);

/** Whether plain text marks a missing label: "none" and "-" are names of classes, too. */
export const isMissingLabel = (text: string): boolean => isMissing(text) && !/^(?:none|nil|-)$/i.test(text);

export const PAIRS = [
  ["false", "true"],
  ["no", "yes"],
  ["n", "y"],
  ["f", "t"],
  ["off", "on"],
] as const;

const YES = new Map<string, { readonly pair: number; readonly value: number }>(
  PAIRS.flatMap((words, pair) => words.map((word, value) => [word, { pair, value }] as const)),
);

/** The pair of words that a plain text belongs to, and 1 for yes or 0 for no; undefined for any other text. */
export const yesOrNo = (text: string): { readonly pair: number; readonly value: number } | undefined =>
  text.length <= 5 ? YES.get(text.toLowerCase()) : undefined;

/** The name of the level or class that a cell stands for: 1, 1.0 and 01 are one. */
export function levelName(cell: string | number | boolean): string {
  if (typeof cell !== "string") return String(cell);
  const text = plainText(cell);
  return NUMBER.test(text) ? String(Number(text)) : text;
}

/** True, TRUE and true are one class. */
export const className = (text: string): string =>
  /^(?:true|false)$/i.test(text) ? text.toLowerCase() : levelName(text);
