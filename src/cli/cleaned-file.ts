// What `mislabelled --out` writes, as CSV: the rows whose label is not suspected, and the list of every row with its
// scores.
import type { Source } from "../data/dataset.ts";
import { must } from "../errors.ts";
import { LABEL_SCORES, type LabelReport } from "../insights/label-scores.ts";
import { cellOf, columnName } from "./pages/row-view.ts";
import type { AllParts } from "./rows-of-all-parts.ts";

/** cleaned.csv → cleaned.suspects.csv. Raises InvalidInput for another ending. */
export function listName(out: string): string {
  must(/\.csv$/i.test(out), "--out", "a name that ends in .csv", out);
  return out.replace(/\.csv$/i, ".suspects.csv");
}

const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const line = (cells: readonly string[]): string => `${cells.map(cell).join(",")}\n`;

/** The columns that were learned from, as they were understood, and the label. */
export function* cleanedFile({ table }: Source, { data }: AllParts, report: LabelReport): Generator<string> {
  const names = Array.from({ length: data.cols }, (_, j) => columnName(data, j));
  yield line([...names, data.featureNames ? (table?.labelName ?? "label") : "label"]);
  for (let row = 0; row < data.rows; row++) {
    if (report.suspected[row] === 1) continue;
    const cells = names.map((_, j) => wholeCell(data, row, j));
    yield line([...cells, data.classes[data.labels[row]!]!]);
  }
}

/** A cell with every digit: cellOf is rounded for reading. */
function wholeCell(data: AllParts["data"], row: number, j: number): string {
  const value = data.features[row * data.cols + j]!;
  const { kind = "number" } = data.columns?.[j] ?? {};
  return kind === "number" && !Number.isNaN(value) ? String(value) : cellOf(data, row, j);
}

/** Every row, the most doubtful first. */
export function* listFile({ data, at, file }: AllParts, report: LabelReport): Generator<string> {
  const { ranking, suggested, suspected, scores } = report;
  const pictures = file(0) !== undefined;
  yield line(["part", "row", ...(pictures ? ["file"] : []), "given", "suggested", "suspected", ...LABEL_SCORES]);
  for (const row of ranking) {
    const { part, index } = at(row);
    const [given, other] = [data.classes[data.labels[row]!]!, data.classes[suggested[row]!]!];
    const figures = LABEL_SCORES.map((score) => String(scores[score][row]));
    const own = pictures ? [file(row)!] : [];
    yield line([part, String(index + 1), ...own, given, other, suspected[row] === 1 ? "yes" : "no", ...figures]);
  }
}
