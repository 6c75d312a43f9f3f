// What a run tells while it goes on and leaves when it ends, as values.
import { NumericalStop } from "../errors.ts";
import { sha256 } from "../numerics/sha256.ts";
import type { Metrics } from "./metrics.ts";
import type { Model } from "./model.ts";
import type { TrainingOptions } from "./options.ts";

/** One epoch's record: a line of metrics.jsonl. Training figures are taken on the way, before each step's update. */
export type EpochRecord = {
  readonly epoch: number;
  readonly steps: number; //                     of the run so far
  readonly learningRate: number; //              of the epoch's last step
  readonly trainLoss: number; //                 what was minimised: smoothed and weighted, if so chosen
  readonly trainAccuracy: number;
  readonly validationLoss: number | null; //     plain cross-entropy; null without a validation part
  readonly validationAccuracy: number | null;
  readonly best: boolean; //                     the lowest loss so far: validation's, or without one training's
  readonly parametersSha256: string; //          of the packed parameters, float32, little-endian
  readonly seconds: number; //                   spent in the steps
  readonly examplesPerSecond: number;
};

export type TrainEvent =
  | {
      readonly event: "start";
      readonly options: TrainingOptions;
      readonly engine: string;
      readonly threads: number;
      readonly epoch: number; // the first to be walked; above 1 for a run that goes on
      readonly step: number; //  steps of it done
      readonly steps: number; // of an epoch
    }
  | {
      readonly event: "progress";
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
    }
  | ({ readonly event: "epoch" } & EpochRecord);

/** `finished`; `early`: patience ran out; `interrupted`: the signal; `stopped`: the numbers were no longer finite. */
export type StopReason = "finished" | "early" | "interrupted" | "stopped";

export type TrainingResult = {
  readonly model: Model;
  readonly options: TrainingOptions; //            every option, defaults filled in
  readonly stopReason: StopReason;
  readonly keptEpoch: number; //           whose parameters the model holds; 0 is the initial ones
  readonly epochs: readonly EpochRecord[];
  readonly parametersSha256: string; //    of the model's parameters
  readonly test: Metrics | null; //        null without a test part, or if the run did not end by itself
  readonly engine: string;
  readonly threads: number;
  readonly seconds: number; //             spent walking and testing, before a resumption too
};

/** A loss or parameter was not finite. `kept` holds the best parameters until then. */
export class Diverged extends NumericalStop {
  readonly kept: TrainingResult;

  constructor(reason: string, kept: TrainingResult) {
    super("NOT_FINITE", reason);
    this.kept = kept;
  }
}

/** SHA-256 of packed parameters as float32, little-endian: the bytes of every platform JavaScript runs on today. */
export function hashOf(parameters: Float32Array): Promise<string> {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}
