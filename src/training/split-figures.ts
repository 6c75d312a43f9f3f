// Figures of the validation and test splits that lie in a run's session, with the session's parameters and the plain
// cross-entropy.
import type { Session } from "../engines/engine.ts";
import { must } from "../errors.ts";
import { type Loss, lossTask, SOFTMAX } from "../network/losses.ts";
import { fitTemperature } from "./calibration.ts";
import { softmaxRows } from "./evaluate.ts";
import { accuracyOf, type Metrics, meanOf, measure } from "./metrics.ts";
import type { Model } from "./model.ts";
import { consecutive } from "./order.ts";
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
  const order = consecutive(train.rows, validation.rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  const { labels, classes } = validation;
  if (validation.values) {
    const { targets, labels: each, ...rest } = await figuresOf(session, order, validation, losses, loss, scaling);
    return { loss: rest.loss, accuracy: null, compared: rest.loss, figures: { targets, labels: each } };
  }
  const figures = { loss: meanOf(losses), accuracy: accuracyOf(labels, predictions) };
  if (!metric) return { ...figures, compared: figures.loss };
  const { probabilities } = softmaxRows(await session.logits(order), classes.length);
  const score = metric({ labels, predictions, probabilities, classes });
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
  const logits = Float64Array.from(await session.logits(consecutive(train.rows, rows)));
  return fitTemperature({ logits, outputs: logits.length / rows, ...calibratedTargets(loss, labels, values) });
}

/** What calibration compares outputs with: class indices, or which labels are there. */
export const calibratedTargets = (loss: Loss, labels: Int32Array, values: ArrayLike<number> | undefined) =>
  lossTask(loss) === "multilabel" ? { wanted: values!, labels: true } : { wanted: labels, labels: false };

/** Of a model that answers with numbers or labels. */
async function testValueFigures(
  session: Session,
  { train, validation, test }: SplitLabels,
  loss: Loss,
  scaling: TargetScaling | undefined,
): Promise<ValueMetrics | null> {
  if (!test) return null;
  const order = consecutive(train.rows + (validation?.rows ?? 0), test.rows);
  const { losses } = await session.evaluate(order, { plain: true });
  return figuresOf(session, order, test, losses, loss, scaling);
}

async function figuresOf(
  session: Session,
  order: Uint32Array,
  { classes, values }: NonNullable<SplitLabels["test"]>,
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
  const order = consecutive(train.rows + (validation?.rows ?? 0), test.rows);
  const { losses, predictions } = await session.evaluate(order, { plain: true });
  return measure(test.labels, predictions, losses, test.classes.length);
}

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
