// What a run can be told, its defaults, and the checks at the door. Everything that decides a result is here and in the data.
import { must } from "../errors.ts";
import { checkSeed, INITIALIZATIONS, type Initialization } from "../network/parameters.ts";
import { currentOptions } from "./old-spellings.ts";
import { checkOptimizer, OPTIMIZER_DEFAULTS, type OptimizerSettings } from "./optimizer.ts";
import { SCHEDULES, type Schedule } from "./schedule.ts";

/** Every choice of a run that has an influence on its numbers. `run.json` records exactly these. */
export type TrainingOptions = OptimizerSettings & {
  readonly seed: number; //                                  integer in [0, 2⁵³): initialization, shuffles, split
  readonly epochs: number; //                                integer ≥ 1
  readonly batchSize: number; //                             integer in [1, 65536]
  readonly learningRate: number; //                          > 0
  readonly initialization: Initialization;
  readonly schedule: Schedule;
  readonly warmupEpochs: number; //                          integer in [0, epochs]
  readonly labelSmoothing: number; //                        ε in [0, 1)
  readonly classWeights: "none" | "balanced" | readonly number[]; // balanced: w_c = N/(C·n_c)
  readonly validation: number; //                            share of the training rows held back, in [0, 1)
  readonly patience: number | null; //                       epochs without a better validation loss; null: never stop early
};

/** The note's setting: plain mini-batch descent, η = 0.1, B = 64, ten epochs. */
export const DEFAULTS: TrainingOptions = {
  ...OPTIMIZER_DEFAULTS,
  ...{ seed: 1, epochs: 10, batchSize: 64, learningRate: 0.1, initialization: "he", schedule: "constant" },
  ...{ warmupEpochs: 0, labelSmoothing: 0, classWeights: "none", validation: 0, patience: null },
};

/** η that suits a optimizer: momentum μ = 0.9 steps ten times as far in the end, Adam's steps have the size of η itself. */
const RATES = { sgd: 0.1, momentum: 0.01, nesterov: 0.01, adam: 0.001, adamw: 0.001 } as const;

const FEW_ROWS = 10_000;
const ENOUGH_STEPS = 1000;

/**
 * What fits a table of fewer than 10,000 rows better: batches of 16, as many epochs as make 1,000 steps (at least 10), Glorot's
 * narrower weights and, but for Adam's rules, a weight decay of 0.01. docs/results.md has the comparison that chose them.
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
 * Fill in what was left out, for `rows` examples before a validation part is taken; raises InvalidInput naming what is out of
 * range. With patience and no word on validation, a tenth of the rows validates.
 */
export function resolveOptions(asked: Partial<TrainingOptions>, rows: number): TrainingOptions {
  const given = currentOptions(asked);
  checkTypes(given);
  const options: TrainingOptions = {
    ...DEFAULTS,
    ...(given.optimizer !== undefined && { learningRate: RATES[given.optimizer] }),
    ...(rows < FEW_ROWS && smallDefaults(rows, given)),
    ...((given.patience ?? null) !== null && { validation: 0.1 }),
    ...given,
  };
  check(options);
  return options;
}

/** A record of a run, and a caller in JavaScript, may hand in anything. */
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
    "Early stopping watches the loss on a validation part.",
  );
  must(
    (Array.isArray(classWeights) && classWeights.every((w) => typeof w === "number")) ||
      classWeights === "none" ||
      classWeights === "balanced",
    "classWeights",
    '"none", "balanced" or a list of numbers',
    classWeights,
  );
}
