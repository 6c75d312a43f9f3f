// The columns of a table with words or holes: what the numbers of a coded data set mean, and how a cell becomes one.
import { NUMBER } from "./formats/class-order.ts";
import { type Cell, isMissing, levelName, plainText, yesOrNo } from "./table/cell-text.ts";

/** Names of the kinds of columns. */
export const COLUMN_KINDS = ["number", "category", "boolean", "ordinal", "date"] as const;
/** What the values of a column are. */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/**
 * A feature column. In a coded data set a number is itself, a category or rank its place in `levels` (−1: none of
 * them), yes and no are 1 and 0, a date is its days since 1970; NaN is a missing value.
 */
export type Column = {
  /** As the header has it, or made from its position. */
  readonly name: string;
  /** What its values are. */
  readonly kind: ColumnKind;
  /** Of a category or ordinal: the names of its levels, all different. */
  readonly levels?: readonly string[] | undefined;
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
  number: () => numberOf,
  boolean: () => (cell) => {
    if (typeof cell === "string") return yesOrNo(cell)?.value ?? bit(numberOf(cell));
    return bit(Number(cell));
  },
  category: leveled,
  ordinal: leveled,
  date: () => (cell) => (typeof cell === "string" ? daysOf(cell) : undefined),
};

const bit = (x: number | undefined) => (x === 0 || x === 1 ? x : undefined);

function numberOf(cell: string | number | boolean): number | undefined {
  const x = typeof cell !== "string" ? Number(cell) : NUMBER.test(cell) ? Number(cell) : Number.NaN;
  return Math.abs(x) <= LARGEST ? x : undefined;
}

function leveled({ levels = [] }: Column): TextCoder {
  const places = new Map(levels.map((level, k) => [level, k]));
  return (cell) => places.get(levelName(cell)) ?? UNSEEN;
}

const DAY = 86_400_000; // ms
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970 of a date in ISO 8601, in UTC where it names no zone; undefined for other text. */
export function daysOf(text: string): number | undefined {
  const [, year, month, day, hour = "00", minute = "00"] = ISO.exec(text) ?? [];
  if (year === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (text.length <= 10) return date.getTime() / DAY;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const ms = Date.parse(text.replace(" ", "T").replace(/([+-]\d{2})(\d{2})$/, "$1:$2") + (zoned ? "" : "Z"));
  return Number.isNaN(ms) ? undefined : ms / DAY;
}
