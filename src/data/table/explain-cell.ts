// Why a cell cannot be read, in words: what its column's kind takes instead.
import { show } from "../../errors.ts";
import type { Column } from "../columns.ts";
import { NUMBER } from "../formats/class-order.ts";

const WORDS: Record<Column["kind"], string> = {
  number: "a decimal number, as others of this column are",
  boolean: "yes or no",
  category: "a text",
  ordinal: "a level",
  date: "a date such as 2026-11-28",
};

/** The reason for a cell that its column's kind has no number for; `name` is that of a column to learn from. */
export function badCell(cell: string, kind: Column["kind"], name: string | undefined): string {
  if (NUMBER.test(cell) || /^-?Infinity$/.test(cell)) return `the number ${show(cell)} is too large for float32.`;
  const told = name === undefined ? "" : ` If its values are names, say --categorical ${name}.`;
  const remedy = /^\s*[+-]?[0-9.]+,[0-9]+\s*$/.test(cell) ? " Write decimals with a point." : told;
  return `a feature must be ${WORDS[kind]}, got ${show(cell)}.${remedy}`;
}
