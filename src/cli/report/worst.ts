// The rows that a model got most wrong.
import { cellText } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { ReportLine, ReportRow, WorstExample } from "../../files/report-page.ts";
import { predict } from "../../training/evaluate.ts";
import { alignDataset, type Model } from "../../training/model.ts";
import { pixelBytes } from "./pictures.ts";

const WORST = 24;
const FEW_FEATURES = 6;

/** The rows whose own class gets the least probability, the least first. */
export async function worstExamples(model: Model, rows: Dataset): Promise<WorstExample[]> {
  const { features, cols, labels } = alignDataset(model, rows);
  const { classes: predicted, probabilities } = await predict(model, features);
  const C = model.classes.length;
  const ofLabel = Float64Array.from(labels, (label, i) => probabilities[i * C + label]!);
  const order = Array.from(labels.keys()).sort((a, b) => ofLabel[a]! - ofLabel[b]!);
  return order.slice(0, WORST).map((i) => ({
    ...reportRow(model, { features, cols, labels }, i),
    predicted: predicted[i]!,
    probability: ofLabel[i]!,
  }));
}

/** A row in the model's columns and classes, as a page shows it. */
export function reportRow(
  model: Model,
  { features, cols, labels }: Pick<Dataset, "features" | "cols" | "labels">,
  i: number,
): ReportRow {
  const row = features.subarray(i * cols, (i + 1) * cols);
  const { image } = model;
  return {
    row: i + 1,
    label: labels[i]!,
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
