// The rows that a model got most wrong.
import { cellText } from "../../data/columns.ts";
import type { Dataset } from "../../data/dataset.ts";
import { numbersFrom, rowsOf } from "../../data/stored/row-store.ts";
import type { ReportLine, ReportRow, WorstAnswer, WorstExample } from "../../files/report-page.ts";
import { lossTask } from "../../network/losses.ts";
import { predict, predictValues } from "../../training/evaluate.ts";
import { alignDataset, type Model } from "../../training/model.ts";
import { farOff } from "../../training/value-metrics.ts";
import { percent } from "../tables.ts";
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

/** The rows whose answers are farthest from their targets, in deviations of these, the farthest first. */
export async function worstAnswers(model: Model, rows: Dataset): Promise<WorstAnswer[]> {
  const { features, cols, values: wanted, classes } = alignDataset(model, rows);
  const { values } = await predictValues(model, features);
  const T = classes.length;
  const labels = lossTask(model.loss!) === "multilabel";
  const far = farOff(values, wanted!, T, model.targetScaling);
  const short = (x: number) => String(Number(x.toPrecision(6)));
  const said = (i: number, j: number) => {
    const [t, v] = [wanted![i * T + j]!, values[i * T + j]!];
    return labels ? `${t >= 0.5 ? "there" : "not there"}, given ${percent(v)}` : `${short(t)}, answered ${short(v)}`;
  };
  const order = Array.from({ length: rows.rows }, (_, i) => i).sort((a, b) => far[b]! - far[a]!);
  return order.slice(0, WORST).map((i) => ({
    row: i + 1,
    answers: classes.slice(0, FEW_FEATURES).map((name, j) => [name, said(i, j)] as const),
    values: model.image ? [] : firstValues(features.subarray(i * cols, (i + 1) * cols), model),
  }));
}

function firstValues(row: Dataset["features"], { featureNames, scaling }: Model): ReportLine[] {
  return Array.from(row.subarray(0, FEW_FEATURES), (value, j) => [
    featureNames?.[j] ?? `feature ${j + 1}`,
    cellText(value, scaling.kind === "columns" ? scaling.columns[j] : undefined),
  ]);
}
