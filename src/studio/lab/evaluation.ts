// The network evaluated on one split: metrics, and the rows of a cell of the confusion matrix, largest loss first.

import type { Dataset } from "../../data/dataset.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import type { Session } from "../../engines/engine.ts";
import type { ClassIndices } from "../../network/targets.ts";
import { measure } from "../../training/metrics.ts";
import type { EvaluatedRow, Evaluation, RowPlace } from "./protocol.ts";

const WORST = 24;

/** An evaluation with every row's label, loss and prediction: these stay in the lab. */
export type RowEvaluation = Evaluation & {
  readonly labels: ClassIndices;
  readonly losses: Float64Array;
  readonly predictions: Int32Array;
};

/** Evaluate the session's current parameters; its rows are the training split's, then the test split's. */
export async function evaluateSplit(
  session: Session,
  splits: Readonly<Record<RowPlace["part"], Dataset>>,
  part: RowPlace["part"],
): Promise<RowEvaluation> {
  const { rows, labels, classes } = splits[part];
  const first = part === "train" ? 0 : splits.train.rows;
  const { losses, predictions } = await session.evaluate(numbersFrom(first, rows), { plain: true });
  const metrics = measure(labels, predictions, losses, classes.length);
  const evaluation = { part, metrics, worst: [], labels, losses, predictions };
  return { ...evaluation, worst: worstRows(evaluation, WORST, () => true) };
}

/** At most `most` of the rows that pass, largest loss first. */
export function worstRows(
  { part, labels, losses, predictions }: RowEvaluation,
  most: number,
  passes: (label: number, predicted: number) => boolean,
): readonly EvaluatedRow[] {
  return Array.from(numbersFrom(0, labels.length))
    .filter((row) => passes(labels[row]!, predictions[row]!))
    .sort((a, b) => losses[b]! - losses[a]!)
    .slice(0, most)
    .map((row) => ({ part, row, label: labels[row]!, predicted: predictions[row]!, loss: losses[row]! }));
}
