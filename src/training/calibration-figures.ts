// How well a model's probabilities mean what they say on labelled rows, without its temperature and with it.
import type { Dataset } from "../data/dataset.ts";
import { SOFTMAX } from "../network/losses.ts";
import { type CalibrationRows, calibrationError, lossAt } from "./calibration.ts";
import { type Machine, outputsOf } from "./evaluate.ts";
import { alignDataset, type Model } from "./model.ts";
import { calibratedTargets } from "./split-figures.ts";

/** Figures before and after the division of the outputs by the temperature. */
export type CalibrationFigures = {
  /** T > 0. */
  readonly temperature: number;
  /** Expected calibration error in 15 bins, in [0, 1]. */
  readonly calibrationError: { readonly before: number; readonly after: number };
  /** Mean cross-entropy. */
  readonly crossEntropy: { readonly before: number; readonly after: number };
};

/** Of a calibrated model; undefined for any other. */
export async function calibrationFigures(
  model: Model,
  data: Dataset,
  machine: Machine,
): Promise<CalibrationFigures | undefined> {
  const { temperature, loss = SOFTMAX, network } = model;
  if (temperature === undefined) return undefined;
  const { features, labels, values } = alignDataset(model, data);
  const logits = await outputsOf(model, features, machine);
  const rows: CalibrationRows = { logits, outputs: network.layers.at(-1)!, ...calibratedTargets(loss, labels, values) };
  const both = (of: (rows: CalibrationRows, temperature?: number) => number) => ({
    before: of(rows),
    after: of(rows, temperature),
  });
  return { temperature, calibrationError: both(calibrationError), crossEntropy: both(lossAt) };
}
