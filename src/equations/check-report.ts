// A check's report as plain text for a terminal, and as JSON. The page for a browser is check-page.ts.
import type { CheckReport, RowReport } from "./check-note.ts";
import { SECTIONS } from "./note.ts";
import { ACCUMULATED, QUOTIENT } from "./rows.ts";
import type { Comparison } from "./tally.ts";

const TEXT_WIDTH = 46;

export const HEADING = `row  ${"statement".padEnd(TEXT_WIDTH + 2)} numbers  error   bound   used`;

/**
 * One row in at most 93 columns: id, statement, numbers compared, worst error, the bound there, the largest part of a
 * bound used, verdict. Failed comparisons follow.
 */
export function rowLines(row: RowReport): string[] {
  const [text = "", ...rest] = wrapped(row.text, TEXT_WIDTH);
  const start = `${row.id.padEnd(5)}${text.padEnd(TEXT_WIDTH + 2)}`;
  const more = rest.map((line) => `${" ".repeat(5)}${line}`);
  if (row.verdict === "absent") return [`${start}${"–".padStart(8)}  no such layer in this network`, ...more];
  const { error, bound } = headline(row).absolute;
  const numbers = `${row.numbers.toLocaleString("en")}`.padStart(8);
  const verdict = row.verdict === "pass" ? "pass" : "FAIL";
  const used = share(headline(row).ratio).padEnd(9);
  return [
    `${start}${numbers}  ${short(error).padEnd(8)}${short(bound).padEnd(8)}${used}${verdict}`,
    ...more,
    ...row.comparisons.filter(({ pass }) => !pass).flatMap(failureLines),
  ];
}

/** The closing lines: the problem, the numbers compared, and the verdict. */
export function summaryLines(report: CheckReport): string[] {
  const { rows, numbers, sampled, parameters, subject, loss, batchSize, seed } = report;
  const count = (verdict: RowReport["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  const skipped = rows.flatMap((row) => row.comparisons).reduce((total, c) => total + c.skipped, 0);
  const compared = sampled === parameters ? `all ${parameters}` : `${sampled} of ${parameters}`;
  return [
    `${subject}: ${networkLine(report, "-")}, ${loss === undefined ? "" : `${loss}, `}B = ${batchSize}, seed ${seed}, unit roundoff 2^${Math.log2(report.roundoff)}`,
    `${numbers.toLocaleString("en")} numbers compared, ${compared} parameters; ${skipped} difference quotients skipped at kinks`,
    `${count("pass")} rows pass, ${count("fail")} fail${count("absent") ? `, ${count("absent")} have no layer to look at` : ""}`,
  ];
}

/** "20-16-10, relu, layer normalization (X49; the other rows without it)". */
export function networkLine({ layers, activation, layerNorm, residual }: CheckReport, between: "-" | " → "): string {
  const [names, rows] = [
    [...(layerNorm ? ["layer normalization"] : []), ...(residual ? ["residuals"] : [])],
    [...(layerNorm ? ["X49"] : []), ...(residual ? ["X50"] : [])],
  ];
  const line = `${layers.join(between)}, ${activation}`;
  if (names.length === 0) return line;
  return `${line}, ${names.join(" and ")} (in ${rows.join(" and ")}; the other rows are about the same W and b without)`;
}

/** The table of all rows. */
export function textReport(report: CheckReport): string {
  const lines = [HEADING];
  let section = "";
  for (const row of report.rows) {
    if (row.section !== section) lines.push(SECTIONS[(section = row.section)]!);
    lines.push(...rowLines(row));
  }
  return [...lines, "", ...summaryLines(report)].join("\n");
}

/** The report as one line of JSON. NaN and ∞, which JSON lacks, are null. */
export function jsonReport(report: CheckReport): string {
  return JSON.stringify({ event: "check", ...report });
}

/** The comparison of a row's line: the worst failure; else the one nearest to its bound, of those with sharp bounds. */
export function headline({ comparisons }: RowReport): Comparison {
  const failed = comparisons.filter(({ pass }) => !pass);
  const sharp = comparisons.filter(({ source }) => source !== QUOTIENT && source !== ACCUMULATED);
  const among = [failed, sharp, comparisons].find((some) => some.length > 0)!;
  return among.reduce((worst, c) =>
    c.ratio > worst.ratio || (c.ratio === worst.ratio && c.absolute.bound > worst.absolute.bound) ? c : worst,
  );
}

function failureLines({ what, nearest, source, ratio }: Comparison): string[] {
  const { error, place, bound } = nearest;
  const times = Number.isFinite(ratio)
    ? `, ${short(ratio)} times its bound ${short(bound)}`
    : `; bound ${short(bound)}`;
  return [what, `error ${short(error)} at ${place}${times}`, `bound: ${source}`].flatMap((line, i) =>
    wrapped(line, 80).map((part) => `${" ".repeat(i === 0 ? 5 : 7)}${part}`),
  );
}

/** A part of the bound in per cent, in at most seven characters. */
export function share(ratio: number): string {
  if (ratio === 0) return "0 %";
  if (ratio > 1) return "> 100 %";
  return ratio < 1e-3 ? "< 0.1 %" : `${(100 * ratio).toFixed(1)} %`;
}

/** A number in at most seven characters. */
export function short(x: number): string {
  return x === 0 ? "0" : Number.isFinite(x) ? x.toExponential(1) : Number.isNaN(x) ? "NaN" : "∞";
}

/** The text in lines of at most `width` characters, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
