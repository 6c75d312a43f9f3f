// The columns of a table with words or holes: what the numbers of a coded data set mean, and how a cell becomes one.
import { NUMBER } from "./formats/class-order.ts";
import { type Cell, isMissing, levelName, plainText, yesOrNo } from "./table/cell-text.ts";
import { type DateOrder, readDate } from "./table/read-date.ts";
import { numberStyle, readNumber } from "./table/read-number.ts";

export const COLUMN_KINDS = ["number", "category", "boolean", "ordinal", "date"] as const;
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/**
 * A feature column. In a coded data set a number is itself, a category or rank its place in `levels` (−1: none of
 * them), yes and no are 1 and 0, a date is its days since 1970; NaN is a missing value.
 */
export type Column = {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Of a category or ordinal: the names of its levels, all different. */
  readonly levels?: readonly string[] | undefined;
  /** Of numbers that were written with a comma before the fraction. */
  readonly decimal?: "," | undefined;
  /** Of dates that were not written as in ISO 8601. */
  readonly order?: DateOrder | undefined;
};

/** The code of a level that training never had. */
export const UNSEEN = -1;

const LARGEST = (2 - 2 ** -23) * 2 ** 127; // the largest float32: inputs are float32 in the end

/** The number of a cell in a coded data set; undefined for a cell that the column's kind has no number for. */
export type Coder = (cell: Cell | undefined) => number | undefined;

export function coderOf(column: Column): Coder {
  const code = CODERS[column.kind](column);
  return (cell) => {
    if (cell === null || cell === undefined || Number.isNaN(cell)) return Number.NaN;
    if (typeof cell !== "string") return code(cell);
    const text = plainText(cell);
    return isMissing(text) ? Number.NaN : code(text);
  };
}

type TextCoder = (cell: string | number | boolean) => number | undefined;

const CODERS: Record<ColumnKind, (column: Column) => TextCoder> = {
  number({ decimal }) {
    return (cell) => {
      const x = numberOf(cell);
      return x !== undefined || typeof cell !== "string" ? x : looseNumber(cell, decimal);
    };
  },
  boolean: () => (cell) => {
    if (typeof cell === "string") return yesOrNo(cell)?.value ?? bit(numberOf(cell));
    return bit(Number(cell));
  },
  category: leveled,
  ordinal: leveled,
  date:
    ({ order }) =>
    (cell) =>
      typeof cell === "string" ? readDate(cell, order) : undefined,
};

const bit = (x: number | undefined) => (x === 0 || x === 1 ? x : undefined);

function numberOf(cell: string | number | boolean): number | undefined {
  const x = typeof cell !== "string" ? Number(cell) : NUMBER.test(cell) ? Number(cell) : Number.NaN;
  return Math.abs(x) <= LARGEST ? x : undefined;
}

/** A number in the style that its own text shows. */
function looseNumber(text: string, decimal: "," | undefined): number | undefined {
  const style = numberStyle([text], 0, true, decimal === "," ? ";" : ",");
  const x = style && readNumber(text, style);
  return x !== undefined && Math.abs(x) <= LARGEST ? x : undefined;
}

function leveled({ levels = [] }: Column): TextCoder {
  const places = new Map(levels.map((level, k) => [level, k]));
  return (cell) => places.get(levelName(cell)) ?? UNSEEN;
}

/** A code as text for people: the level, yes or no, the date; a number to six digits; ? for a missing value. */
export function cellText(code: number, column: Column | undefined): string {
  if (Number.isNaN(code)) return "?";
  if (column?.levels) return column.levels[code] ?? "(never seen)";
  if (column?.kind === "boolean") return code === 1 ? "yes" : "no";
  if (column?.kind !== "date") return String(Number(code.toPrecision(6)));
  const date = new Date(Math.round(code * 86_400_000));
  if (Number.isNaN(date.getTime())) return String(code);
  return code % 1 === 0 ? date.toISOString().slice(0, 10) : date.toISOString().slice(0, 16);
}
