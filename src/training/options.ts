// The options of a training run, their defaults and checks. These and the data decide every bit of the result.
import { must } from "../errors.ts";
import { checkSeed, INITIALIZATIONS, type Initialization } from "../network/parameters.ts";
import { knownOptions } from "./known-options.ts";
import { currentOptions } from "./old-spellings.ts";
import { checkOptimizer, OPTIMIZER_DEFAULTS, type OptimizerSettings } from "./optimizer.ts";
import { SCHEDULES, type Schedule } from "./schedule.ts";

/** Every option that changes a run's numbers. `run.json` records exactly these. */
export type TrainingOptions = OptimizerSettings & {
  /** Integer in [0, 2⁵³): initialization, shuffles, validation split. Default 1. */
  readonly seed: number;
  /** Passes over the training rows, an integer ≥ 1. Default 10; below 10,000 rows as many as make 1,000 steps. */
  readonly epochs: number;
  /** B, rows of a step, an integer in [1, 65536]. Default 64; below 10,000 rows 16. */
  readonly batchSize: number;
  /** η > 0. Default 0.1 for sgd, 0.01 for momentum and nesterov, 0.001 for adam and adamw. */
  readonly learningRate: number;
  /** "he", "glorot" or "zero". Default "he"; below 10,000 rows "glorot". */
  readonly initialization: Initialization;
  /** "constant", "step" or "cosine". Default "constant". */
  readonly schedule: Schedule;
  /** Epochs of linear warm-up, an integer in [0, epochs]. Default 0. */
  readonly warmupEpochs: number;
  /** ε in [0, 1). Default 0. */
  readonly labelSmoothing: number;
  /** w_c ≥ 0 by position; balanced: N/(C·n_c). Default "none": 1 each. */
  readonly classWeights: "none" | "balanced" | readonly number[];
  /** Share of the training rows held back to validate, in [0, 1). Default 0; with patience 0.1. */
  readonly validation: number;
  /**
   * Epochs without a lower validation loss before the run stops, an integer ≥ 1; the best epoch's parameters are then
   * kept. Default null: never stop early.
   */
  readonly patience: number | null;
};

/** The note's setting: plain mini-batch descent, η = 0.1, B = 64, ten epochs. */
export const DEFAULTS: TrainingOptions = {
  ...OPTIMIZER_DEFAULTS,
  seed: 1,
  epochs: 10,
  batchSize: 64,
  learningRate: 0.1,
  initialization: "he",
  schedule: "constant",
  warmupEpochs: 0,
  labelSmoothing: 0,
  classWeights: "none",
  validation: 0,
  patience: null,
};

/** η for each optimizer: with μ = 0.9 momentum moves ten times as far in the end, Adam's steps have the size of η. */
const RATES = { sgd: 0.1, momentum: 0.01, nesterov: 0.01, adam: 0.001, adamw: 0.001 } as const;

const FEW_ROWS = 10_000;
const ENOUGH_STEPS = 1000;

/**
 * Defaults for fewer than 10,000 rows: batches of 16, as many epochs as make 1,000 steps (at least 10), Glorot's
 * narrower weights and, except for adam and adamw, a weight decay of 0.01. docs/results.md has the comparison that
 * chose them.
 */
function smallDefaults(
  rows: number,
  { batchSize = 16, optimizer = "sgd" }: Partial<TrainingOptions>,
): Partial<TrainingOptions> {
  const epochs = Math.max(DEFAULTS.epochs, Math.ceil(ENOUGH_STEPS / Math.ceil(rows / batchSize)));
  const adaptive = optimizer === "adam" || optimizer === "adamw";
  return { batchSize, epochs, initialization: "glorot", weightDecay: adaptive ? 0 : 0.01 };
}

/**
 * `asked` with the defaults for `rows` examples, counted before a validation split is held out. With patience and
 * without `validation`, a tenth of the rows validates. Raises InvalidInput naming the option that is out of range.
 */
export function resolveOptions(asked: Partial<TrainingOptions>, rows: number): TrainingOptions {
  const given = knownOptions(currentOptions(asked), Object.keys(DEFAULTS), "training");
  checkTypes(given);
  const options: TrainingOptions = {
    ...DEFAULTS,
    ...(rows < FEW_ROWS ? smallDefaults(rows, given) : {}),
    learningRate: RATES[given.optimizer ?? DEFAULTS.optimizer],
    validation: (given.patience ?? null) === null ? DEFAULTS.validation : 0.1,
    ...given,
  };
  check(options);
  return options;
}

/** run.json and callers in JavaScript can hold values of any type. */
function checkTypes(given: Partial<TrainingOptions>): void {
  for (const [key, usual] of Object.entries(DEFAULTS)) {
    const value = given[key as keyof TrainingOptions];
    const type = key === "patience" ? "number" : typeof usual;
    const free = value === undefined || key === "classWeights" || (key === "patience" && value === null);
    must(free || typeof value === type, key, `a ${type}`, value);
  }
}

function check(options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, schedule, warmupEpochs, validation, patience, classWeights } = options;
  const whole = (value: number, low: number, high: number, what: string) =>
    must(Number.isInteger(value) && value >= low && value <= high, what, `an integer in [${low}, ${high}]`, value);
  checkOptimizer(options);
  checkSeed(options.seed);
  whole(epochs, 1, 1_000_000, "epochs");
  whole(batchSize, 1, 65_536, "batchSize");
  whole(warmupEpochs, 0, epochs, "warmupEpochs");
  if (patience !== null) whole(patience, 1, 1_000_000, "patience");
  const rate = Math.fround(learningRate);
  must(rate > 0 && Number.isFinite(rate), "learningRate", "a finite number > 0", learningRate);
  must(
    INITIALIZATIONS.includes(options.initialization),
    "initialization",
    `one of ${INITIALIZATIONS.join(", ")}`,
    options.initialization,
  );
  must(SCHEDULES.includes(schedule), "schedule", `one of ${SCHEDULES.join(", ")}`, schedule);
  must(validation >= 0 && validation < 1, "validation", "a number in [0, 1)", validation);
  must(
    patience === null || validation > 0,
    "validation",
    "a number in (0, 1) when patience is set",
    validation,
    "Early stopping watches the loss on a validation split.",
  );
  must(
    (Array.isArray(classWeights) && classWeights.every((w) => typeof w === "number")) ||
      classWeights === "none" ||
      classWeights === "balanced",
    "classWeights",
    '"none", "balanced" or a list of numbers',
    classWeights,
  );
  if (typeof classWeights === "string") return;
  for (const [c, weight] of classWeights.entries())
    must(weight >= 0 && Number.isFinite(Math.fround(weight)), `classWeights[${c}]`, "a finite number ≥ 0", weight);
  must(
    classWeights.some((weight) => weight > 0),
    "classWeights",
    "at least one number > 0",
    classWeights,
    "With all 0 nothing is learned.",
  );
}
