// The one door of training: options and data are checked here, once, and the result type says so. Everything behind it
// (trainer.ts, run.ts, the command line) takes a PlannedTraining and checks nothing again.
import type { Dataset } from "../data/dataset.ts";
import { fittingScaling, inputsOf, SCALINGS, type Scaling, type ScalingKind } from "../data/scaling.ts";
import { formOf, storeOf } from "../data/stored/row-store.ts";
import { atOnce, inTurns, type Steps } from "../engines/turns.ts";
import { must } from "../errors.ts";
import { lossTask, outputsPerTarget } from "../network/losses.ts";
import { type Network, parameterCount } from "../network/network.ts";
import { refuseOwnScalings, resolveAugmentation } from "./augmentation.ts";
import { resolveOptions, sizeOf } from "./defaults.ts";
import { lossOf, type TrainingOptions } from "./options.ts";
import type { RateOf } from "./schedule.ts";
import { settlePrivate } from "./settle-private.ts";
import { type CheckedSplits, checkSplits, holdOutValidation, refuseMisfit, type Splits } from "./splits.ts";
import type { TargetScaling } from "./value-targets.ts";

declare class Planned {
  private readonly planned: true;
}

/**
 * What decides a run's bits beside its options and data, for programs: no record of a run holds it, so resuming such a
 * run takes a plan with the same values.
 */
export type RunBasis = {
  /** A kind fitted on the training split, or a scaling as it is. Default: bytes divided, other numbers standardized. */
  readonly scaling?: ScalingKind | Scaling | undefined;
  /** Of numbers to learn: their scaling as it is. Default: fitted on the training split. */
  readonly targetScaling?: TargetScaling | undefined;
  /** [P], packed initial parameters instead of drawn ones. Default: drawn by `initialization`. */
  readonly parameters?: Float32Array | undefined;
  /**
   * η of each step instead of a named schedule: a pure function, because a resumed run calls it again. Default: none.
   */
  readonly rateOf?: RateOf | undefined;
  /**
   * A score of the validation split that early stopping compares instead of its loss; larger is better. Default: none.
   */
  readonly metric?: Metric | undefined;
};

/** What a metric sees of the validation split. */
export type MetricRows = {
  /** [n], class indices. */
  readonly labels: Int32Array;
  /** [n], predicted class indices. */
  readonly predictions: Int32Array;
  /** [n×C], each row S(z_L). */
  readonly probabilities: Float64Array;
  /** C names. */
  readonly classes: readonly string[];
};

/** A score of predictions, larger is better: a pure function of its argument. */
export type Metric = (rows: MetricRows) => number;

/** What decides every bit of a run, checked. Only planTraining makes one. */
export interface PlannedTraining extends Planned {
  /** Sizes and activation. */
  readonly network: Network;
  /** With a validation split where the options ask for one. */
  readonly splits: CheckedSplits;
  /** Defaults filled in. */
  readonly options: TrainingOptions;
  /** As it was given. */
  readonly basis: RunBasis;
}

/**
 * The network for rows of so many inputs and outputs, which are the classes: of a table with words they are found
 * with its transform.
 */
export type NetworkOf = (inputs: number, outputs: number) => Network;

/**
 * Plan the training of `network` on `data`: a training split, or several splits. Without a validation split, the share
 * `validation` of the training rows becomes one. Options left out get their defaults. Raises InvalidInput.
 */
export function planTraining(
  network: Network | NetworkOf,
  data: Dataset | Splits,
  options: Partial<TrainingOptions> = {},
  basis: RunBasis = {},
): PlannedTraining {
  return atOnce(planning(network, data, options, basis));
}

/** planTraining with turns of the event loop in between. Rejects with the signal's reason, too. */
export function planInTurns(
  network: Network | NetworkOf,
  data: Dataset | Splits,
  options: Partial<TrainingOptions>,
  basis: RunBasis,
  signal: AbortSignal | undefined,
): Promise<PlannedTraining> {
  return inTurns(planning(network, data, options, basis), signal);
}

function* planning(
  network: Network | NetworkOf,
  data: Dataset | Splits,
  options: Partial<TrainingOptions>,
  basis: RunBasis,
): Steps<PlannedTraining> {
  const given = splitsOf(data);
  const defined = typeof network === "function" ? undefined : network;
  must(
    typeof network === "function" || Array.isArray(network?.layers),
    "network",
    "a network from defineNetwork",
    network,
  );
  const { augment: asked, ...others } = resolveOptions(options, sizeOf(given.train));
  const augment = resolveAugmentation(asked, given.train);
  must(!augment || !others.private, "augment", "left out with private", asked);
  const resolved: TrainingOptions = augment ? { ...others, augment } : others;
  const plain = given.train.columns === undefined;
  const loss = lossOf(resolved);
  const splits = yield* holdOutValidation(yield* checkSplits(plain ? defined : undefined, given, loss), resolved);
  const { train, validation } = splits;
  const watched = resolved.calibrate === undefined || validation !== undefined;
  must(watched, "validation", "a number in (0, 1) with calibrate", resolved.validation, "It is fitted on those rows.");
  const { scaling: kind } = basis;
  const scaling = plain || typeof kind === "object" ? kind : yield* fittingScaling(train, kind);
  const usual = formOf(train) === "bytes" ? "divide" : "standardize";
  if (augment) refuseOwnScalings(typeof scaling === "object" ? scaling.kind : (scaling ?? usual));
  const inputs = typeof scaling === "object" ? inputsOf(scaling, train.cols) : train.cols;
  const whole = defined ?? (network as NetworkOf)(inputs, train.classes.length * outputsPerTarget(loss));
  if (!plain || defined === undefined) refuseMisfit(whole, train, inputs, loss);
  checkBasis(whole, basis, splits, resolved);
  const settled = settlePrivate(resolved, splits, basis.scaling);
  return { network: whole, splits, options: settled, basis: { ...basis, scaling } } as unknown as PlannedTraining;
}

/** Data in JavaScript can be anything. */
export function splitsOf(data: Dataset | Splits): Splits {
  const of = (value: unknown, what: string) =>
    storeOf(value as Dataset) ||
    must(ArrayBuffer.isView((value as Dataset | undefined)?.features), what, "a dataset, e.g. of fromArrays", value);
  if (typeof data !== "object" || data === null || !("train" in data)) {
    of(data, "data");
    return { train: data };
  }
  of(data.train, "data.train");
  if (data.validation !== undefined) of(data.validation, "data.validation");
  if (data.test !== undefined) of(data.test, "data.test");
  return data;
}

function checkBasis(
  network: Network,
  { scaling, parameters, rateOf, metric }: RunBasis,
  { validation }: CheckedSplits,
  options: TrainingOptions,
): void {
  const { patience } = options;
  const kind = typeof scaling === "object" ? scaling.kind : scaling;
  must(
    kind === undefined || kind === "columns" || SCALINGS.includes(kind),
    "scaling",
    `one of ${SCALINGS.join(", ")}`,
    kind,
  );
  const count = parameterCount(network);
  must(
    parameters === undefined || parameters.length === count,
    "parameters",
    `${count} numbers`,
    parameters?.length,
    "Do the layer sizes agree?",
  );
  must(rateOf === undefined || typeof rateOf === "function", "schedule", "a function", rateOf);
  const follows = rateOf === undefined || options.optimizer !== "lbfgs";
  must(follows, "schedule", "left out with lbfgs, which finds the length of a step", rateOf);
  must(metric === undefined || typeof metric === "function", "metric", "a function", metric);
  const classifies = lossTask(lossOf(options)) === "classify";
  must(metric === undefined || classifies, "metric", "left out unless classes are learned", metric);
  must(
    metric === undefined || (patience !== null && validation !== undefined),
    "metric",
    "left out unless patience is set: early stopping alone compares it",
    metric,
  );
}
