// A check's report as plain text for a terminal, and as JSON. The page for a browser is html.ts.

import type { CheckReport, RowReport } from "./check.ts";
import { SECTIONS } from "./note.ts";
import type { Comparison } from "./tally.ts";

const TEXT_WIDTH = 46;

export const HEADING = `${"row".padEnd(5)}${"statement".padEnd(TEXT_WIDTH + 2)}${"numbers".padStart(8)}  ${"worst".padEnd(8)}${"bound".padEnd(8)}`;

/** One row in at most 88 columns: id, statement, numbers compared, worst error, its bound, verdict. Failed comparisons follow. */
export function rowLines(row: RowReport): string[] {
  const [text = "", ...rest] = wrapped(row.text, TEXT_WIDTH);
  const start = `${row.id.padEnd(5)}${text.padEnd(TEXT_WIDTH + 2)}`;
  const more = rest.map((line) => `${" ".repeat(5)}${line}`);
  if (row.verdict === "absent") return [`${start}${"–".padStart(8)}  no such layer in this network`, ...more];
  const { absolute, bound } = widest(row);
  const numbers = `${row.numbers.toLocaleString("en")}`.padStart(8);
  const verdict = row.verdict === "pass" ? "pass" : "FAIL";
  return [
    `${start}${numbers}  ${short(absolute.error).padEnd(8)}${short(bound).padEnd(8)}${verdict}`,
    ...more,
    ...row.comparisons.filter(({ pass }) => !pass).flatMap(failureLines),
  ];
}

/** The closing lines: what was checked, and the verdict. */
export function summaryLines(report: CheckReport): string[] {
  const { rows, numbers, sampled, parameters, subject, layers, activation, batchSize, seed } = report;
  const count = (verdict: RowReport["verdict"]) => rows.filter((row) => row.verdict === verdict).length;
  const skipped = rows.flatMap((row) => row.comparisons).reduce((total, c) => total + c.skipped, 0);
  const looked = sampled === parameters ? `all ${parameters}` : `${sampled} of ${parameters}`;
  return [
    `${subject}: ${layers.join("-")}, ${activation}, B = ${batchSize}, seed ${seed}, unit roundoff 2^${Math.log2(report.roundoff)}`,
    `${numbers.toLocaleString("en")} numbers compared, ${looked} parameters; ${skipped} difference quotients skipped at kinks`,
    `${count("pass")} rows pass, ${count("fail")} fail${count("absent") ? `, ${count("absent")} have no layer to look at` : ""}`,
  ];
}

/** The whole table. */
export function textReport(report: CheckReport): string {
  const lines = [HEADING];
  let section = "";
  for (const row of report.rows) {
    if (row.section !== section) lines.push(SECTIONS[(section = row.section)]!);
    lines.push(...rowLines(row));
  }
  return [...lines, "", ...summaryLines(report)].join("\n");
}

/** The report for machines. NaN and ∞, which JSON lacks, are null. */
export function jsonReport(report: CheckReport): string {
  return JSON.stringify({ event: "check", ...report });
}

/** The comparison that came nearest to its bound, or went furthest past it. */
export function widest({ comparisons }: RowReport): Comparison {
  return comparisons.reduce((worst, c) => (c.ratio > worst.ratio || (worst.pass && !c.pass) ? c : worst));
}

function failureLines({ what, absolute, bound, source, ratio }: Comparison): string[] {
  const times = Number.isFinite(ratio)
    ? `, ${short(ratio)} times its bound ${short(bound)}`
    : `; bound ${short(bound)}`;
  return [what, `worst error ${short(absolute.error)} at ${absolute.place}${times}`, `bound: ${source}`].flatMap(
    (line, i) => wrapped(line, 80).map((part) => `${" ".repeat(i === 0 ? 5 : 7)}${part}`),
  );
}

/** A number in at most seven characters. */
export function short(x: number): string {
  return x === 0 ? "0" : Number.isFinite(x) ? x.toExponential(1) : Number.isNaN(x) ? "NaN" : "∞";
}

/** Words broken into lines of at most `width` characters. */
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
