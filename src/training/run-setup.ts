// What a run is made of, and how far one call of it goes.
import type { Session } from "../engines/engine.ts";
import type { Distorted } from "./distortions.ts";
import type { NoiseOften } from "./measure-noise.ts";
import type { Model } from "./model.ts";
import type { TrainingOptions } from "./options.ts";
import type { RunBasis } from "./plan-training.ts";
import type { SplitLabels } from "./splits.ts";
import type { TrainEvent } from "./training-result.ts";

export type RunSetup = {
  readonly session: Session; //                       holds the rows: training, validation, test
  readonly modelInfo: Omit<Model, "parameters">; //   of the model in training
  readonly splits: SplitLabels;
  readonly options: TrainingOptions;
  readonly onEvent: (event: TrainEvent) => void;
  readonly basis?: RunBasis | undefined;
  readonly images?: Distorted | undefined; //         where the training rows are distorted
  readonly noiseScale?: NoiseOften | undefined;
};

/** How far one call of `train` goes. */
export type TrainLimits = {
  /** At most this many steps; ≥ 1. Default: to the end of the run. */
  readonly steps?: number | undefined;
  /** An abort ends the call after the current step. Default: none. */
  readonly signal?: Pick<AbortSignal, "aborted"> | undefined;
};
