// The rows that a model got most wrong.
import { cellText } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import { numbersFrom, rowsOf } from "../../data/stored/row-store.ts";
import type { ReportLine, ReportRow, WorstExample } from "../../files/report-page.ts";
import { predict } from "../../training/evaluate.ts";
import { alignDataset, type Model } from "../../training/model.ts";
import { pixelBytes } from "./pictures.ts";

const WORST = 24;
const PIECE = 2 ** 20; // values read at once
const FEW_FEATURES = 6;

/** The rows whose own class gets the least probability, the least first. */
export async function worstExamples(model: Model, rows: Dataset): Promise<WorstExample[]> {
  const aligned = alignDataset(model, rows);
  const { cols, labels } = aligned;
  const C = model.classes.length;
  let worst: Omit<WorstExample, "picture" | "values">[] = [];
  const some = Math.max(1, Math.floor(PIECE / cols));
  for (let from = 0; from < aligned.rows; from += some) {
    const piece = numbersFrom(from, Math.min(some, aligned.rows - from));
    const { classes, probabilities } = await predict(model, rowsOf(aligned, piece));
    const found = Array.from(piece, (row, i) => {
      const label = labels[row]!;
      return { row: row + 1, label, predicted: classes[i]!, probability: probabilities[i * C + label]! };
    });
    worst = [...worst, ...found].sort((a, b) => a.probability - b.probability).slice(0, WORST);
  }
  return worst.map((example) => ({ ...example, ...reportRow(model, aligned, example.row - 1) }));
}

/** A row of data in the model's columns and classes, as a page shows it. */
export function reportRow(model: Model, aligned: Dataset, i: number): ReportRow {
  const row = rowsOf(aligned, Uint32Array.of(i));
  const { image } = model;
  return {
    row: i + 1,
    label: aligned.labels[i]!,
    picture: image ? pixelBytes(row) : null,
    values: image ? [] : firstValues(row, model),
  };
}

function firstValues(row: Dataset["features"], { featureNames, scaling }: Model): ReportLine[] {
  return Array.from(row.subarray(0, FEW_FEATURES), (value, j) => [
    featureNames?.[j] ?? `feature ${j + 1}`,
    cellText(value, scaling.kind === "columns" ? scaling.columns[j] : undefined),
  ]);
}
