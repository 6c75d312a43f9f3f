// Numbers as spreadsheets and people write them: decimal commas, thousands, percent, currency, a minus of its own.
// Whether a column is written so is decided for the whole column.
import { NUMBER } from "../formats/class-order.ts";
import { isMissing, plainText } from "./cell-text.ts";

/** How the numbers of a column are written. */
export type NumberStyle = {
  /** The sign before the fraction. */
  readonly decimal: "." | ",";
  readonly percent: boolean;
  /** Of every number; "" for none. */
  readonly currency: string;
};

const CURRENCY = /^(?:[$€£¥₹]|EUR|USD|GBP|CHF)[ \u00a0]?|[ \u00a0]?(?:[$€£¥₹]|EUR|USD|GBP|CHF)$/;
const MINUS = /^[\u2212\u2013\ufe63\uff0d](?=[0-9.,])/; // minus sign, en dash, small and full-width hyphens

// No two parts of a pattern can take the same characters: a long cell that does not match is given up in linear time.
const GROUPED: Record<NumberStyle["decimal"], RegExp> = {
  ".": /^[+-]?[1-9][0-9]{0,2}(?:([,'\u2019 \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?$/,
  ",": /^[+-]?[1-9][0-9]{0,2}(?:([.'\u2019 \u00a0\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:,[0-9]*)?$/,
};
const COMMA = /^[+-]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n);

/**
 * The number of a text of at most 15 digits, a point and a minus among them, as Number gives it: whole numbers below
 * 2⁵³ and powers of ten to 10²² are doubles, and their quotient is rounded once. NaN for every other text.
 * Source: Clinger, How to read floating point numbers accurately, PLDI 1990.
 */
export function plainDecimal(text: string): number {
  const { length } = text;
  if (length === 0 || length > 17) return Number.NaN;
  const minus = text.charCodeAt(0) === 45;
  let whole = 0;
  let digits = 0;
  let point = -1; // digits before it
  for (let k = minus ? 1 : 0; k < length; k++) {
    const digit = text.charCodeAt(k) - 48;
    if (digit >= 0 && digit <= 9) {
      whole = 10 * whole + digit;
      digits++;
    } else if (digit === -2 && point < 0) point = digits;
    else return Number.NaN;
  }
  if (digits === 0 || digits > 15) return Number.NaN;
  const x = point < 0 ? whole : whole / POWERS[digits - point]!;
  return minus ? -x : x;
}

/** The number that a plain text is in a style; undefined if it is none. */
export function readNumber(text: string, { decimal, percent, currency }: NumberStyle): number | undefined {
  let body = text;
  if (currency !== "") {
    const sign = /^[+\-\u2212](?=\D)/.exec(body)?.[0] ?? ""; // -$5
    const bare = body.slice(sign.length).replace(CURRENCY, "");
    if (currencyOf(text) !== currency) return undefined;
    body = sign + bare;
  }
  if (percent) {
    if (!body.endsWith("%")) return undefined;
    body = body.slice(0, -1).trimEnd();
  }
  const x = readBody(body.replace(MINUS, "-"), decimal);
  return x === undefined || !percent ? x : x / 100;
}

function readBody(body: string, decimal: NumberStyle["decimal"]): number | undefined {
  if (GROUPED[decimal].test(body)) {
    const whole = body.replaceAll(decimal === "." ? /[^0-9.+-]/g : /[^0-9,+-]/g, "");
    return Number(whole.replace(",", "."));
  }
  if (decimal === ",") return COMMA.test(body) ? Number(body.replace(",", ".")) : undefined;
  return NUMBER.test(body) ? Number(body) : undefined;
}

const currencyOf = (text: string): string => CURRENCY.exec(text.replace(/^[+\-\u2212](?=\D)/, ""))?.[0].trim() ?? "";

/**
 * The style of a column with these plain texts beside `plain` numbers of which all are `whole` or not; undefined where
 * they are not numbers of one style. A comma is the fraction's unless it splits the cells of the file.
 */
export function numberStyle(
  words: readonly string[],
  plain: number,
  whole: boolean,
  delimiter: string | undefined,
): NumberStyle | undefined {
  const [first] = words;
  if (first === undefined || first.length > 40) return undefined;
  const currency = currencyOf(first);
  const percent = first.replace(CURRENCY, "").endsWith("%");
  if ((currency !== "" || percent) && plain > 0) return undefined;
  const fits = (decimal: NumberStyle["decimal"]) => {
    const style = { decimal, percent, currency };
    return words.every((word) => word.length <= 40 && readNumber(word, style) !== undefined) ? style : undefined;
  };
  const comma = delimiter !== "," && (plain === 0 || whole) ? fits(",") : undefined;
  const point = fits(".");
  if (comma === undefined || point === undefined) return comma ?? point;
  const groups = words.some((word) => word.includes(",")); // 1,234 is either
  return groups && delimiter === ";" ? comma : point;
}

/** The style of a column's texts as they stand in a file, so far; undefined where they are not numbers. */
export function styleOf(texts: Iterable<string>, delimiter: string | undefined): NumberStyle | undefined {
  const words = [...texts].map(plainText).filter((word) => !isMissing(word) && !NUMBER.test(word));
  return numberStyle(words, 0, true, delimiter);
}
