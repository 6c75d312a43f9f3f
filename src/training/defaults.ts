// The defaults of a training run: one rule from the size of the data, for the command line and the library.
import type { Dataset } from "../data/dataset.ts";
import { formOf } from "../data/stored/row-store.ts";
import { must } from "../errors.ts";
import { knownOptions } from "./known-options.ts";
import { currentOptions } from "./old-spellings.ts";
import { OPTIMIZER_DEFAULTS } from "./optimizer.ts";
import { checkOptions, lossOf, type TrainingOptions } from "./options.ts";
import { STEP_OPTIONS } from "./step-options.ts";

/** The note's setting, for 10,000 images or more: plain mini-batch descent, B = 64, ten epochs; η falls from 0.2. */
export const DEFAULTS: TrainingOptions = {
  ...OPTIMIZER_DEFAULTS,
  seed: 1,
  epochs: 10,
  batchSize: 64,
  learningRate: 0.2,
  initialization: "he",
  schedule: "cosine",
  warmupEpochs: 0,
  labelSmoothing: 0,
  classWeights: "none",
  validation: 0,
  patience: null,
};

/** What the defaults depend on: N, C, and whether the features are bytes, as of images. */
export type DataSize = { readonly rows: number; readonly classes: number; readonly bytes: boolean };

export function sizeOf(data: Dataset): DataSize {
  return { rows: data.rows, classes: data.classes.length, bytes: formOf(data) === "bytes" };
}

const MANY_IMAGES = 10_000;
const FEW_CLASSES = 10; // of more the network must tell more apart, and λ = 1 keeps its weights too small
const TABLE_EPOCHS = 100;
const LEAST_STEPS = 600;
const MOST_STEPS = 5000;

/**
 * η of each optimizer on a constant schedule; one that falls begins at twice. With μ = 0.9 momentum moves ten times as
 * far in the end, Adam's steps have the size of η.
 */
const RATES = { sgd: 0.1, momentum: 0.01, nesterov: 0.01, adam: 0.001, adamw: 0.0015 } as const;

/** L-BFGS takes all rows a step, finds its own length, and is done where the gradient is flat. */
const FULL_BATCH = { batchSize: 0, learningRate: 1, schedule: "constant", warmupEpochs: 0 } as const;
const FULL_BATCH_ROWS = 65_536; // as of any batch

/**
 * What `given` leaves out. Tables, and fewer than 10,000 images, get AdamW with λ = 1 (10/C above ten classes) and
 * batches of 32; docs/results.md has the comparison that chose them. More images get the note's setting. A learning
 * rate without an optimizer is one of plain descent: AdamW would diverge at its usual 0.1. With patience, a tenth of
 * the rows validates.
 */
function defaultsFor(given: Partial<TrainingOptions>, { rows, classes, bytes }: DataSize): TrainingOptions {
  const table = !bytes || rows < MANY_IMAGES;
  const optimizer = given.optimizer ?? (table && given.learningRate === undefined ? "adamw" : DEFAULTS.optimizer);
  const validation = (given.patience ?? null) === null ? DEFAULTS.validation : 0.1;
  if (optimizer === "lbfgs") {
    const fixed = { ...FULL_BATCH, batchSize: rows, epochs: 200, weightDecay: 1e-4 };
    return { ...DEFAULTS, ...fixed, optimizer, validation };
  }
  const batchSize = given.batchSize ?? (table ? 32 : DEFAULTS.batchSize);
  return {
    ...DEFAULTS,
    optimizer,
    learningRate: RATES[optimizer] * (given.schedule === "constant" ? 1 : 2),
    weightDecay: table && optimizer === "adamw" ? Math.min(1, FEW_CLASSES / classes) : 0,
    batchSize,
    epochs: table ? tableEpochs(Math.ceil(rows / batchSize)) : DEFAULTS.epochs,
    validation,
  };
}

/** 100 epochs where they make 600 to 5,000 steps, else as many as make the nearer of the two; at least ten. */
function tableEpochs(stepsPerEpoch: number): number {
  const steps = Math.min(MOST_STEPS, Math.max(LEAST_STEPS, TABLE_EPOCHS * stepsPerEpoch));
  return Math.max(DEFAULTS.epochs, Math.ceil(steps / stepsPerEpoch));
}

/**
 * `asked` with the defaults for data of that size, its rows counted before a validation split is held out. Raises
 * InvalidInput naming the option that is out of range.
 */
export function resolveOptions(asked: Partial<TrainingOptions>, size: DataSize): TrainingOptions {
  const {
    loss: askedLoss,
    augment,
    ...given
  } = knownOptions(
    currentOptions(asked),
    [...Object.keys(DEFAULTS), ...STEP_OPTIONS, "loss", "augment", "private", "calibrate"],
    "training",
  );
  checkTypes(given);
  if (given.optimizer === "lbfgs") refuseWithFullBatch({ ...given, augment }, size.rows);
  const loss = lossOf({ loss: askedLoss });
  const other = loss.name === "softmax-cross-entropy" ? {} : { loss };
  const options: TrainingOptions = {
    ...defaultsFor(given, size),
    ...given,
    ...other,
    ...(augment !== undefined && { augment }),
  };
  checkOptions(options);
  return options;
}

/** What a step on all rows has no place for; what a record of such a run has is passed. */
function refuseWithFullBatch(given: Partial<TrainingOptions>, rows: number): void {
  must(rows <= FULL_BATCH_ROWS, "optimizer", `another than lbfgs for more than ${FULL_BATCH_ROWS} rows`, "lbfgs");
  for (const [name, fixed] of Object.entries({ ...FULL_BATCH, batchSize: rows })) {
    const value = given[name as keyof typeof FULL_BATCH];
    const free = value === undefined || value === fixed;
    must(free, name, "left out with lbfgs, which takes all rows a step and finds the step's length", value);
  }
  for (const name of [...STEP_OPTIONS, "augment", "private"] as const)
    if (name !== "member")
      must(given[name] === undefined, name, "left out with lbfgs, whose loss must be the same each time", given[name]);
}

/** run.json and callers in JavaScript can hold values of any type. */
function checkTypes(given: Partial<TrainingOptions>): void {
  const numbers = STEP_OPTIONS.map((key) => [key, 0] as const);
  for (const [key, usual] of [...Object.entries(DEFAULTS), ...numbers]) {
    const value = given[key as keyof TrainingOptions];
    const type = key === "patience" ? "number" : typeof usual;
    const free = value === undefined || key === "classWeights" || (key === "patience" && value === null);
    must(free || typeof value === type, key, `a ${type}`, value);
  }
}

const FEW_ROWS = 450; //   that cannot tell the shape of many columns: one narrow layer learns less by heart
const MANY_COLUMNS = 10;

/**
 * Units of the hidden layers: the note's H₁, H₂, H₃ for images, two layers for a table, one for few rows of many
 * columns.
 */
export function defaultHidden(data: Pick<Dataset, "features" | "rows" | "cols">): readonly number[] {
  if (formOf(data) === "bytes") return [256, 256, 256];
  return data.rows <= FEW_ROWS && data.cols >= MANY_COLUMNS ? [64] : [128, 128];
}
