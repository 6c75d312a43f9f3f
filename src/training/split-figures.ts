// Figures of the validation and test splits that lie in a run's session, with the session's parameters and the plain
// cross-entropy.
import { numbersFrom } from "../data/stored/row-store.ts";
import type { Session } from "../engines/engine.ts";
import { must } from "../errors.ts";
import { type Loss, lossTask, SOFTMAX } from "../network/losses.ts";
import type { ClassIndices } from "../network/targets.ts";
import { fitTemperature } from "./calibration.ts";
import { softmaxRows } from "./evaluate.ts";
import { accuracyOf, type Metrics, meanOf, metricsOf, RowCounts } from "./metrics.ts";
import type { Model } from "./model.ts";
import type { Metric } from "./plan-training.ts";
import type { SplitLabels } from "./splits.ts";
import type { TrainingResult } from "./training-result.ts";
import { measureValues, type ValueMetrics } from "./value-metrics.ts";
import { readOutputs, type TargetScaling } from "./value-targets.ts";

export async function validationFigures(
  session: Session,
  { train, validation }: SplitLabels,
  loss: Loss,
  scaling: TargetScaling | undefined,
  metric?: Metric,
): Promise<ValidationFigures | undefined> {
  if (!validation) return undefined;
  const { labels, classes } = validation;
  if (!validation.values && !metric) {
    const { lossSum, hits, rows } = await countRows(session, validation, train.rows);
    return { loss: lossSum / rows, accuracy: hits / rows, compared: lossSum / rows };
  }
  const order = numbersFrom(train.rows, validation.rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  if (validation.values) {
    const { targets, labels: each, ...rest } = await figuresOf(session, order, validation, losses, loss, scaling);
    return { loss: rest.loss, accuracy: null, compared: rest.loss, figures: { targets, labels: each } };
  }
  const figures = { loss: meanOf(losses), accuracy: accuracyOf(labels, predictions) };
  const { probabilities } = softmaxRows(await session.logits(order), classes.length);
  const score = metric!({ labels: Int32Array.from(labels), predictions, probabilities, classes });
  must(Number.isFinite(score), "the metric's value", "a finite number", score);
  return { ...figures, compared: -score };
}

/**
 * Of the validation split; `compared` is what early stopping minimizes: the loss, or a metric with its sign changed.
 */
export type ValidationFigures = {
  readonly loss: number;
  readonly accuracy: number | null;
  readonly compared: number;
  readonly figures?: Pick<ValueMetrics, "targets" | "labels">;
};

/** The temperature of the session's parameters on the validation split. */
async function validationTemperature(
  session: Session,
  { train, validation }: SplitLabels,
  loss: Loss = SOFTMAX,
): Promise<number> {
  const { rows, labels, values } = validation!;
  const logits = Float64Array.from(await session.logits(numbersFrom(train.rows, rows)));
  return fitTemperature({ logits, outputs: logits.length / rows, ...calibratedTargets(loss, labels, values) });
}

/** What calibration compares outputs with: class indices, or which labels are there. */
export const calibratedTargets = (loss: Loss, labels: ClassIndices, values: ArrayLike<number> | undefined) =>
  lossTask(loss) === "multilabel" ? { wanted: values!, labels: true } : { wanted: labels, labels: false };

/** Of a model that answers with numbers or labels. */
async function testValueFigures(
  session: Session,
  { train, validation, test }: SplitLabels,
  loss: Loss,
  scaling: TargetScaling | undefined,
): Promise<ValueMetrics | null> {
  if (!test) return null;
  const order = numbersFrom(train.rows + (validation?.rows ?? 0), test.rows);
  const { losses } = await session.evaluate(order, { plain: true });
  return figuresOf(session, order, test, losses, loss, scaling);
}

async function figuresOf(
  session: Session,
  order: Uint32Array,
  { classes, values }: SplitRows,
  losses: Float64Array,
  loss: Loss,
  scaling: TargetScaling | undefined,
): Promise<ValueMetrics> {
  const outputs = await session.logits(order);
  const C = outputs.length / order.length;
  const answers = Array.from(losses, (_, i) => readOutputs(loss, scaling, outputs.subarray(i * C, (i + 1) * C)));
  return measureValues(loss, classes, values!, answers, losses);
}

async function testFigures(session: Session, { train, validation, test }: SplitLabels): Promise<Metrics | null> {
  if (!test) return null;
  return metricsOf(await countRows(session, test, train.rows + (validation?.rows ?? 0)));
}

/** The rows of a split, which are those of the session from `first` on, as many at a time as the session likes. */
async function countRows(session: Session, { rows, labels, classes }: SplitRows, first: number): Promise<RowCounts> {
  const counts = new RowCounts(classes.length);
  const most = session.rowsACall ?? rows;
  for (let at = 0; at < rows; at += most) {
    const order = numbersFrom(first + at, Math.min(most, rows - at));
    const { losses, predictions } = await session.evaluate(order, { plain: true });
    counts.add(labels, predictions, losses, at);
  }
  return counts;
}

type SplitRows = NonNullable<SplitLabels["test"]>;

/** Figures of the test split: of classes, or with a `loss` of numbers or labels. */
export async function endFigures(
  session: Session,
  splits: SplitLabels,
  { loss, targetScaling }: Pick<Model, "loss" | "targetScaling">,
  calibrate: true | undefined,
): Promise<EndFigures> {
  const calibrated = calibrate ? { temperature: await validationTemperature(session, splits, loss) } : {};
  if (loss === undefined) return { tested: { test: await testFigures(session, splits) }, calibrated };
  const testValues = await testValueFigures(session, splits, loss, targetScaling);
  return { tested: { test: null, testValues }, calibrated };
}

/** What is known of a whole run's parameters. */
export type EndFigures = {
  readonly tested: Pick<TrainingResult, "test" | "testValues">;
  readonly calibrated: Pick<Model, "temperature">;
};

/** Of a run that has not ended. */
export const UNTESTED: EndFigures = { tested: { test: null }, calibrated: {} };
