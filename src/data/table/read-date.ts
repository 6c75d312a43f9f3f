// Dates as text, in days since 1970: ISO 8601, and the orders of day and month that a whole column agrees on.

/** The order of day, month and year of dates that are not ISO 8601. */
export type DateOrder = "dmy" | "mdy" | "ymd";

const DAY = 86_400_000; // ms
const TIME = "(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\\.[0-9]{1,9})?))?\\s?(Z|[+-][0-9]{2}:?[0-9]{2})?)?";
const ISO = new RegExp(`^([0-9]{4})-([0-9]{2})-([0-9]{2})${TIME}$`);
const YEAR_FIRST = new RegExp(`^([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(`^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})${TIME}$`);

const PLACES: Record<DateOrder, readonly [RegExp, year: number, month: number, day: number]> = {
  dmy: [YEAR_LAST, 3, 2, 1],
  mdy: [YEAR_LAST, 3, 1, 2],
  ymd: [YEAR_FIRST, 1, 2, 3],
};

/** Days since 1970 of a date, in UTC where it names no zone; undefined for other text. */
export function readDate(text: string, order?: DateOrder): number | undefined {
  if (text.length > 40) return undefined;
  return days(ISO.exec(text), 1, 2, 3) ?? (order && days(PLACES[order][0].exec(text), ...rest(PLACES[order])));
}

const rest = ([, ...places]: (typeof PLACES)[DateOrder]): [number, number, number] => places;

function days(found: RegExpExecArray | null, year: number, month: number, day: number): number | undefined {
  if (found === null) return undefined;
  const [y, m, d] = [found[year], found[month], found[day]].map(Number) as [number, number, number];
  const midnight = new Date(Date.UTC(y, m - 1, d));
  if (y < 100 || midnight.getUTCMonth() !== m - 1 || midnight.getUTCDate() !== d) return undefined;
  const [hour, minute, second] = [found[4], found[5], found[6]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second >= 61) return undefined;
  const [, sign, h, min] = /^([+-])([0-9]{2}):?([0-9]{2})$/.exec(found[7] ?? "") ?? [];
  const shift = sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (60 * Number(h) + Number(min));
  return midnight.getTime() / DAY + (hour * 3600 + (minute - shift) * 60 + second) / 86_400;
}

/** The order in which all of these texts are dates: "iso", or one that a day above 12 settles; else undefined. */
export function dateOrder(words: readonly string[]): DateOrder | "iso" | undefined {
  const all = (order?: DateOrder) => words.every((word) => readDate(word, order) !== undefined);
  if (words.length === 0 || words[0]!.length > 40) return undefined;
  if (all()) return "iso";
  const orders = (["ymd", "dmy", "mdy"] as const).filter(all);
  if (orders.length === 1) return orders[0];
  return orders.includes("dmy") && words.every((word) => word.includes(".")) ? "dmy" : undefined; // 1.2.2026
}
