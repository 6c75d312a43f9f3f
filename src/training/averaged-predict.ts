// Test-time averaging: an answer is the mean over an image as it is and over distorted copies of it. No label is looked
// at, so limits of single classes do not count here.
import { type Dataset, mustBeData } from "../data/dataset.ts";
import { numbersFrom, rowsOf } from "../data/stored/row-store.ts";
import { must } from "../errors.ts";
import { log } from "../numerics/exp-log.ts";
import { type Augmentation, type AugmentationName, resolveAugmentation } from "./augmentation.ts";
import { distortRows } from "./distort-rows.ts";
import { type Machine, type Prediction, predict } from "./evaluate.ts";
import { type Metrics, measure } from "./metrics.ts";
import { alignDataset, checkModel, type Model, mustClassify } from "./model.ts";

/** How images are distorted before their answers are averaged. */
export type Averaging = {
  /** "digits", "image" or limits, as of training; `classes` in it is left out, as a class is not known here. */
  readonly augment: AugmentationName | Partial<Augmentation>;
  /** Distorted copies of each image beside itself, an integer in [1, 1000]. Default 16. */
  readonly copies?: number | undefined;
  /** Of the distortions, an integer in [0, 2⁵³). Default 1. */
  readonly seed?: number | undefined;
};

/**
 * The class and mean probabilities of each image of `data`, over itself and `copies` distortions of it, so a forward
 * pass costs 1 + copies times as much. Columns are matched by name. Raises InvalidInput, e.g. NOT_IMAGES.
 */
export async function predictAveraged(
  model: Model,
  data: Dataset,
  averaging: Averaging,
  machine: Machine = {},
): Promise<Prediction> {
  checkModel(model);
  const { augment, copies = 16, seed = 1 } = averaging ?? {};
  mustClassify(model, "predictAveraged");
  mustBeData(data, "data");
  const whole = Number.isInteger(copies) && copies >= 1 && copies <= 1000;
  must(whole, "copies", "an integer in [1, 1000]", copies);
  const unlabelled = { ...alignDataset(model, data), classes: [], labels: new Int32Array(data.rows) };
  const limits = resolveAugmentation(typeof augment === "object" ? { ...augment, classes: {} } : augment, unlabelled);
  must(limits !== undefined, "augment", 'digits, image or limits, as "none" leaves nothing to average', augment);
  const rows = numbersFrom(0, data.rows);
  const { probabilities } = await predict(model, rowsOf(unlabelled, rows), machine);
  for (let copy = 1; copy <= copies; copy++) {
    const one = await predict(model, distortRows(unlabelled, limits, rows, seed, copy), machine);
    for (const [i, p] of one.probabilities.entries()) probabilities[i]! += p;
  }
  for (const [i, sum] of probabilities.entries()) probabilities[i] = sum / (copies + 1);
  return { classes: greatest(probabilities, model.classes.length), probabilities };
}

/** The figures of `predictAveraged` on labelled images. Raises InvalidInput for soft targets, too. */
export async function evaluateAveraged(
  model: Model,
  data: Dataset,
  averaging: Averaging,
  machine: Machine = {},
): Promise<Metrics> {
  const soft = data?.targets;
  must(soft === undefined, "data.targets", "left out: averaged answers are judged on classes", soft);
  const { classes, probabilities } = await predictAveraged(model, data, averaging, machine);
  const { labels } = alignDataset(model, data);
  const C = model.classes.length;
  const losses = Float64Array.from(labels, (label, i) => -log(probabilities[i * C + label]!));
  return measure(labels, classes, losses, C);
}

/** The index of the greatest of each row [n×C]; the first of equals. */
function greatest(values: Float64Array, C: number): Int32Array {
  return Int32Array.from({ length: values.length / C }, (_, i) => {
    let best = 0;
    for (let c = 1; c < C; c++) if (values[i * C + c]! > values[i * C + best]!) best = c;
    return best;
  });
}
