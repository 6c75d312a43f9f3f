// The options of a training run and their ranges; defaults.ts has the defaults. Options and data decide every bit of
// the result.
import { must } from "../errors.ts";
import { checkLoss, type Loss, type LossName, lossTask, SOFTMAX } from "../network/losses.ts";
import { checkSeed, INITIALIZATIONS, type Initialization } from "../network/parameters.ts";
import type { Augmentation, AugmentationName } from "./augmentation.ts";
import { checkOptimizer } from "./optimizer.ts";
import { checkPrivate, type PrivateOptions } from "./private-options.ts";
import { SCHEDULES, type Schedule } from "./schedule.ts";
import { checkStepOptions, type StepOptions } from "./step-options.ts";

/** Every option that changes a run's numbers. `run.json` records exactly these. */
export type TrainingOptions = StepOptions & {
  /** Integer in [0, 2⁵³): initialization, shuffles, validation split. Default 1. */
  readonly seed: number;
  /**
   * Passes over the training rows, an integer ≥ 1. Default 100, but as many as make at least 600 and at most 5,000
   * steps, and never fewer than 10; from 10,000 images 10.
   */
  readonly epochs: number;
  /** B, rows of a step, an integer in [1, 65536]. Default 32; from 10,000 images 64. */
  readonly batchSize: number;
  /**
   * η₀ > 0. Default 0.2 for sgd, 0.02 for momentum and nesterov, 0.002 for adam, 0.003 for adamw; half of it with a
   * constant schedule.
   */
  readonly learningRate: number;
  /** "he", "glorot" or "zero". Default "he". */
  readonly initialization: Initialization;
  /** "constant", "step", "cosine", "one-cycle" or "coslog4". Default "cosine": from η₀ to 0 over all epochs. */
  readonly schedule: Schedule;
  /** Epochs of linear warm-up, an integer in [0, epochs]. Default 0. */
  readonly warmupEpochs: number;
  /**
   * The loss: a name, or an object with its constants. Present only where it is not softmax cross-entropy, the default.
   * Numbers and labels need data with a `task`.
   */
  readonly loss?: LossName | Loss | undefined;
  /**
   * Whether a temperature is fitted on the validation split at the end: probabilities then mean what they say, and no
   * class or label changes. Needs a validation split. Default: none.
   */
  readonly calibrate?: true | undefined;
  /**
   * How training images are distorted, anew in every epoch: "digits", "image", or limits; validation and test see every
   * image as it is. Present only where they are. Default: none.
   */
  readonly augment?: AugmentationName | Partial<Augmentation> | undefined;
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
  /**
   * Private training: ε, δ and the clipping norm. Rows are drawn by coins, so B is the expected size of a batch; draws
   * come from the system's generator, so the run cannot be repeated. Default: none.
   */
  readonly private?: PrivateOptions | undefined;
};

/** The loss of a run, its constants filled in. */
export const lossOf = ({ loss }: Pick<TrainingOptions, "loss">): Loss =>
  loss === undefined ? SOFTMAX : checkLoss(loss);

/** Raises InvalidInput naming the first option that is out of range. */
export function checkOptions(options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, schedule, warmupEpochs, validation, patience, classWeights } = options;
  const whole = (value: number, low: number, high: number, what: string) =>
    must(Number.isInteger(value) && value >= low && value <= high, what, `an integer in [${low}, ${high}]`, value);
  checkOptimizer(options);
  checkStepOptions(options);
  const loss = lossOf(options);
  if (lossTask(loss) !== "classify") {
    const { labelSmoothing } = options;
    must(
      classWeights === "none",
      "classWeights",
      `left out with ${loss.name}; labels have loss.labelWeights`,
      classWeights,
    );
    const smooth = lossTask(loss) === "multilabel" || labelSmoothing === 0;
    must(smooth, "labelSmoothing", `0 with ${loss.name}, whose targets are numbers`, labelSmoothing);
  }
  checkPrivate(options);
  const { calibrate } = options;
  must(calibrate === undefined || calibrate === true, "calibrate", "true or left out", calibrate);
  const learned = calibrate === undefined || lossTask(loss) !== "regress";
  must(learned, "calibrate", `left out with ${loss.name}, which gives no probabilities`, calibrate);
  const open = calibrate === undefined || options.private === undefined;
  must(open, "calibrate", "left out in private training, as it would tell of the validation rows", calibrate);
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
