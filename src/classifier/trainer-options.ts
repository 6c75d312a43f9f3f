// The options of a trainer of batches.
import type { Dataset } from "../data/dataset.ts";
import type { Scaling, ScalingKind } from "../data/scaling.ts";
import type { Model } from "../training/model.ts";
import { STEP_OPTIONS } from "../training/step-options.ts";
import type { TargetScaling } from "../training/value-targets.ts";
import type { Classifier } from "./classifier.ts";
import type { FitOptions } from "./fit-options.ts";
import type { ValueModel } from "./value-model.ts";

/** Options of `openTrainer`. Those it shares with `fit` mean the same; their defaults are those of 10,000 rows. */
export type TrainerOptions = Pick<
  FitOptions,
  | "hidden"
  | "layers"
  | "activation"
  | "activations"
  | "layerNorm"
  | "residual"
  | "loss"
  | "optimizer"
  | "learningRate"
  | "batchSize"
  | "weightDecay"
  | "momentum"
  | "beta1"
  | "beta2"
  | "epsilon"
  | "labelSmoothing"
  | Exclude<(typeof STEP_OPTIONS)[number], "member">
  | "initialization"
  | "seed"
  | "engine"
  | "threads"
> & {
  /**
   * D names of the columns; batches with names are matched by them. This or `features` is needed, unless `from` is
   * given.
   */
  readonly columns?: readonly string[] | undefined;
  /** D ≥ 1, the number of columns, where they have no names. Default: as many as `columns`. */
  readonly features?: number | undefined;
  /**
   * C names, at least two, of all classes that will ever come; with a `loss` of numbers or labels the T names of these.
   * Needed unless `from` is given.
   */
  readonly classes?: readonly string[] | undefined;
  /**
   * "none", "divide" (by 255), or a scaling fitted elsewhere, e.g. `fitScaling(sample)`: a stream is never seen whole,
   * so "standardize" needs `sample`. Needed unless `from` is given.
   */
  readonly scaling?: ScalingKind | Scaling | undefined;
  /**
   * η of each step instead of `learningRate`: a function of its number, from 0, that gives a finite number ≥ 0. The
   * length of a stream is not known, so there are no named schedules. Default: none.
   */
  readonly schedule?: ((step: number) => number) | undefined;
  /**
   * How numbers to learn are scaled; those of "poisson" are not. Default: by mean and deviation of the targets of
   * `sample`, else as they are.
   */
  readonly targetScaling?: TargetScaling | undefined;
  /** Rows that "standardize" is fitted on. Default: none. */
  readonly sample?: Dataset | undefined;
  /** A classifier or model to go on from, with its network, scaling, columns, classes and loss. Default: none. */
  readonly from?: Classifier | ValueModel | Model | undefined;
};

/** Every name of TrainerOptions. */
export const TRAINER_OPTIONS = [
  "hidden",
  "layers",
  "activation",
  "activations",
  "layerNorm",
  "residual",
  "loss",
  "targetScaling",
  "optimizer",
  "learningRate",
  "batchSize",
  "weightDecay",
  "momentum",
  "beta1",
  "beta2",
  "epsilon",
  "labelSmoothing",
  ...STEP_OPTIONS.filter((name) => name !== "member"), // of an ensemble, whose data are there at once
  "initialization",
  "seed",
  "engine",
  "threads",
  "columns",
  "features",
  "classes",
  "scaling",
  "schedule",
  "sample",
  "from",
] as const satisfies readonly (keyof TrainerOptions)[];
