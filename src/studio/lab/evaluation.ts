// The network evaluated on one split: figures, the rows of a cell of the confusion matrix, largest loss first, and of
// numbers and labels the rows of the largest error.

import type { TrainAndTest } from "../../data/split.ts";
import { numbersFrom } from "../../data/stored/row-store.ts";
import { lossTask } from "../../network/losses.ts";
import type { ClassIndices } from "../../network/targets.ts";
import { measure } from "../../training/metrics.ts";
import type { Model } from "../../training/model.ts";
import type { Run } from "../../training/run.ts";
import { farOff, meanKnown, measureValues } from "../../training/value-metrics.ts";
import { type ReadOutputs, readOutputs } from "../../training/value-targets.ts";
import type { EvaluatedRow, Evaluation, TargetAnswers } from "./evaluation-api.ts";
import type { RowPlace } from "./row-place.ts";

const WORST = 24;

/** What an evaluation takes of the open run. */
type Evaluable = {
  readonly run: Pick<Run, "session">;
  readonly rows: TrainAndTest;
  readonly modelInfo: Omit<Model, "parameters">;
};

/** An evaluation with every row's label, loss and prediction: these stay in the lab. */
export type RowEvaluation = Evaluation & {
  readonly labels: ClassIndices;
  readonly losses: Float64Array;
  readonly predictions: Int32Array;
  readonly answers: readonly ReadOutputs[]; // [] of classes
};

/** Evaluate the run's current parameters; its session's rows are the training split's, then the test split's. */
export async function evaluateSplit(
  { run: { session }, rows: splits, modelInfo }: Evaluable,
  part: RowPlace["part"],
): Promise<RowEvaluation> {
  const { rows, labels, classes, values } = splits[part];
  const order = numbersFrom(part === "train" ? 0 : splits.train.rows, rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  const { loss, targetScaling } = modelInfo;
  const arrays = { part, worst: [], labels, losses, predictions };
  if (loss === undefined) {
    const metrics = measure(labels, predictions, losses, classes.length);
    const evaluation = { ...arrays, metrics, figures: null, answers: [] };
    return { ...evaluation, worst: worstRows(evaluation, WORST, () => true) };
  }
  const outputs = await session.logits(order);
  const C = outputs.length / rows;
  const answers = Array.from(losses, (_, i) => readOutputs(loss, targetScaling, outputs.subarray(i * C, (i + 1) * C)));
  const figures = measureValues(loss, classes, values!, answers, losses);
  const T = classes.length;
  const said = Float64Array.from({ length: rows * T }, (_, k) => answers[Math.floor(k / T)]!.values[k % T]!);
  const far = farOff(said, values!, T, targetScaling);
  const worst = Array.from(numbersFrom(0, rows))
    .sort((a, b) => far[b]! - far[a]!)
    .slice(0, WORST)
    .map((row): EvaluatedRow => {
      const wanted = Float64Array.from(values!.subarray(row * T, (row + 1) * T));
      const of = { label: labels[row]!, predicted: predictions[row]!, loss: losses[row]! };
      return { part, row, ...of, values: { wanted, answered: answers[row]!.values } };
    });
  return { ...arrays, metrics: null, figures, answers, worst };
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
    .map((row) => ({
      part,
      row,
      label: labels[row]!,
      predicted: predictions[row]!,
      loss: losses[row]!,
      values: null,
    }));
}

/** The evaluation without the arrays of its rows, for the page. */
export const forPage = ({ part, metrics, figures, worst }: RowEvaluation): Evaluation => ({
  part,
  metrics,
  figures,
  worst,
});

/** Loss and one figure from 0, or below, to 1: of classes the accuracy, else the mean R² or F₁. */
export function testFigures({ metrics, figures }: Evaluation) {
  if (metrics) return { testLoss: metrics.loss, testAccuracy: metrics.accuracy, testScore: null };
  const { loss, targets, labels } = figures!;
  const scores = targets.length > 0 ? targets.map(({ r2 }) => r2) : labels.map(({ f1 }) => f1);
  return { testLoss: loss, testAccuracy: null, testScore: meanKnown(scores) };
}

/** Target `j` of at most `most` rows of the newest evaluation, spread evenly; null where classes are learned. */
export function targetAnswers(
  { evaluation, rows, modelInfo: { loss, classes } }: Evaluable & { readonly evaluation: RowEvaluation | null },
  j: number,
  most: number,
): TargetAnswers | null {
  if (!evaluation || !loss || lossTask(loss) === "classify") return null;
  const { answers, part } = evaluation;
  const [n, T] = [Math.min(most, answers.length), classes.length];
  const picked = Uint32Array.from({ length: n }, (_, k) => Math.floor((k * answers.length) / n));
  const of = (read: (answer: ReadOutputs, row: number) => number) =>
    Float64Array.from(picked, (row) => read(answers[row]!, row));
  const K = loss.name === "quantile" ? loss.levels!.length : 0;
  const band = (side: -1 | 1) => {
    if (loss.name === "gaussian") return of(({ values, deviations }) => values[j]! + side * deviations![j]!);
    const order = side < 0 ? Math.min : Math.max;
    return K > 1 ? of(({ quantiles }) => order(...quantiles!.subarray(j * K, (j + 1) * K))) : null;
  };
  return {
    wanted: of((_, row) => rows[part].values![row * T + j]!),
    answered: of(({ values }) => values[j]!),
    low: band(-1),
    high: band(1),
  };
}
