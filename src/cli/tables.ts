// Figures and tables as text for a terminal. Nothing here prints.
import { eastAsianWidth } from "get-east-asian-width";
import { printable } from "../errors.ts";
import { classIntervals, type Interval, wilson } from "../training/intervals.ts";
import type { Metrics, Scores } from "../training/metrics.ts";

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
export const count = (n: number): string => n.toLocaleString("en-US");
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Who computes: threads, or ranks and the threads of rank 0. */
export const teamText = (threads: number, ranks = 1): string =>
  ranks > 1 ? `${plural(ranks, "rank")} of ${plural(threads, "thread")}` : plural(threads, "thread");
export const loss = (value: number): string => value.toPrecision(4);

/** 75 → 1:15, 3700 → 1:01:40. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u; // combining marks, joiners

/** Columns that a terminal gives to a character: 2 to the wide ones of East Asia and to emoji (Unicode Annex 11). */
const columnsOf = (character: string): number =>
  ZERO_WIDTH.test(character) ? 0 : eastAsianWidth(character.codePointAt(0)!);

/** Columns that a terminal gives to printable text. */
export function columns(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
}

/** Text of a file, safe and no wider than `width` columns. */
export function clip(text: string, width: number): string {
  const safe = printable(text);
  let fits = ""; //   what leaves a column for the ellipsis
  let sum = 0;
  let length = 0; //  in characters: marks without end take no columns
  for (const character of safe) {
    sum += columnsOf(character);
    if (sum > width || ++length > 4 * width) return `${fits}…`;
    if (sum < width) fits += character;
  }
  return safe;
}

/** Text with blanks before or after it, `width` columns in all. */
export function pad(text: string, width: number, side: "start" | "end"): string {
  const blanks = " ".repeat(Math.max(0, width - columns(text)));
  return side === "start" ? blanks + text : text + blanks;
}

/** Columns as wide as their widest cell; the first is left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => columns(row[j]!))));
  return rows.map((row) => row.map((cell, j) => pad(cell, widths[j]!, j === 0 ? "end" : "start")).join("  "));
}

const NARROW = 64; // columns; class names of 20 and the figures take 52

const LARGEST_MATRIX = 20; // classes; more do not fit a terminal

/**
 * Accuracy, the figures of each class, and the confusion matrix, or where there are many classes, or more than `width`
 * columns take, the commonest confusions.
 */
export function metricsTables(
  metrics: Metrics,
  names: readonly string[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const figure = (value: number | null) => (value === null ? "n/a" : value.toFixed(4));
  const scores = ({ precision, recall, f1 }: Scores) => [figure(precision), figure(recall), figure(f1)];
  const short = names.map((name) => clip(name, width < NARROW ? 10 : 20));
  const narrow = width < NARROW;
  const crossed = names.length <= LARGEST_MATRIX ? matrix(metrics, short) : [];
  const fits = crossed.length > 0 && crossed.every((line) => columns(line) <= width);
  const { f1, macroF1 } = classIntervals(metrics);
  const ends = (interval: Interval | null) => (narrow ? [] : [interval ? interval.map(figure).join(" … ") : ""]);
  const classRows = metrics.classes.map((c, i) => [short[i]!, ...scores(c), ...ends(f1[i]!), count(c.support)]);
  return [
    `accuracy ${percent(metrics.accuracy)}   loss ${loss(metrics.loss)}   ${plural(metrics.rows, "row")}`,
    `95 % interval of the accuracy (Wilson): ${wilson(metrics.accuracy, metrics.rows).map(percent).join(" … ")}`,
    "",
    ...table([
      ["class", narrow ? "prec." : "precision", "recall", "F1", ...(narrow ? [] : ["95 %"]), "rows"],
      ...classRows,
      [narrow ? "macro" : "macro mean", ...scores(metrics.macro), ...ends(macroF1), count(metrics.rows)],
      [narrow ? "weighted" : "weighted mean", ...scores(metrics.weighted), ...ends(null), count(metrics.rows)],
    ]),
    "",
    ...(fits ? crossed : confusions(metrics, short)),
  ];
}

function matrix({ confusion }: Metrics, names: readonly string[]): string[] {
  const heads = names.map((name) => clip(name, 8));
  return table([
    ["true \\ predicted", ...heads],
    ...confusion.map((row, c) => [names[c]!, ...row.map((n) => (n === 0 ? "·" : count(n)))]),
  ]);
}

function confusions({ confusion }: Metrics, names: readonly string[]): string[] {
  const pairs = confusion
    .flatMap((row, c) => row.map((n, p) => ({ n, c, p })))
    .filter(({ n, c, p }) => n > 0 && c !== p)
    .sort((a, b) => b.n - a.n)
    .slice(0, 10);
  if (pairs.length === 0) return ["no row was taken for another class"];
  return table([
    ["taken for another class", "rows"],
    ...pairs.map(({ n, c, p }) => [`${names[c]} as ${names[p]}`, count(n)]),
  ]);
}
