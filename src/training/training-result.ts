// Events and results of a training run, as types; the error of a run that diverged.
import type { EngineName, RankExchange } from "../engines/engine.ts";
import { NumericalStop } from "../errors.ts";
import { sha256 } from "../numerics/sha256.ts";
import type { Metrics } from "./metrics.ts";
import type { Model } from "./model.ts";
import type { TrainingOptions } from "./options.ts";
import type { ValueMetrics } from "./value-metrics.ts";

/** The record of one epoch: a line of metrics.jsonl. Training figures are those before the update of each step. */
export type EpochRecord = {
  /** From 1. */
  readonly epoch: number;
  /** Steps of the run so far. */
  readonly steps: number;
  /** η of the epoch's last step. */
  readonly learningRate: number;
  /** Mean of the loss that is minimized, with its smoothing and class weights; null of a private run. */
  readonly trainLoss: number | null;
  /**
   * Share of the training rows whose prediction was their label, in [0, 1]; null where no classes are learned, and of a
   * private run.
   */
  readonly trainAccuracy: number | null;
  /** Mean loss without smoothing and weights; null without a validation split. */
  readonly validationLoss: number | null;
  /** In [0, 1]; null without a validation split, or where no classes are learned. */
  readonly validationAccuracy: number | null;
  /** Of numbers or labels on the validation split; absent without one, or where classes are learned. */
  readonly validationFigures?: Pick<ValueMetrics, "targets" | "labels"> | undefined;
  /** Whether this is the lowest loss so far: of the validation split, or of training; the latest of a private run. */
  readonly best: boolean;
  /** SHA-256 of the packed parameters, float32, little-endian. */
  readonly parametersSha256: string;
  /** Seconds spent in the steps. */
  readonly seconds: number;
  /** Training rows a second. */
  readonly examplesPerSecond: number;
  /** ε that a private run has spent so far, at its δ. */
  readonly epsilon?: number | undefined;
  /** The gradient noise at the epoch's end, where it was asked for. */
  readonly noise?:
    | {
        /** n ≥ 2, rows measured. */
        readonly rows: number;
        /** tr Σ ≥ 0, unbiased: the variance of a row's gradient, summed over all parameters. */
        readonly trace: number;
        /** ‖G‖² of the mean gradient, unbiased; it may be below 0 where n is too small. */
        readonly squaredGradient: number;
        /** tr Σ/‖G‖² in examples: the simple noise scale. Null where ‖G‖² is not above 0. */
        readonly scale: number | null;
        /** The jackknife's standard error of `scale`, in examples; null where it cannot be told. */
        readonly standardError: number | null;
      }
    | undefined;
};

/** An event of a run: its start, its progress about ten times a second, the end of an epoch. */
export type TrainEvent =
  | {
      /** Before the first step. */
      readonly event: "start";
      /** Defaults filled in. */
      readonly options: TrainingOptions;
      /** The engine that was chosen. */
      readonly engine: EngineName;
      /** Threads of a step, ≥ 1; in a job of several ranks those of rank 0. */
      readonly threads: number;
      /** Processes that share a step, in a job of several ranks; left out otherwise. */
      readonly ranks?: number | undefined;
      /** What they exchange in a step; left out where `ranks` is. */
      readonly exchange?: RankExchange | undefined;
      /** The first epoch to train; above 1 for a resumed run. */
      readonly epoch: number;
      /** Steps done of that epoch. */
      readonly step: number;
      /** Steps of an epoch. */
      readonly steps: number;
    }
  | {
      /** In an epoch. */
      readonly event: "progress";
      /** From 1. */
      readonly epoch: number;
      /** Steps done of the epoch. */
      readonly step: number;
      /** Steps of an epoch. */
      readonly steps: number;
      /** Mean of the latest steps; null of a private run. */
      readonly loss: number | null;
    }
  | ({
      /** After the last step of an epoch, with its record. */
      readonly event: "epoch";
    } & EpochRecord);

/**
 * `finished`: all epochs; `early`: patience ran out; `interrupted`: the signal; `stopped`: training diverged;
 * `onEpoch`: the caller's function said "stop".
 */
export type StopReason = "finished" | "early" | "interrupted" | "stopped" | "onEpoch";

/** What a run leaves. */
export type TrainingResult = {
  /** With the parameters of `keptEpoch`. */
  readonly model: Model;
  /** Defaults filled in. */
  readonly options: TrainingOptions;
  /** Why it ended. */
  readonly stopReason: StopReason;
  /** The epoch whose parameters the model holds; 0: the initial ones. */
  readonly keptEpoch: number;
  /** A record for each epoch that ended. */
  readonly epochs: readonly EpochRecord[];
  /** SHA-256 of the model's parameters. */
  readonly parametersSha256: string;
  /** Null without a test split, or for a run that was interrupted or stopped. */
  readonly test: Metrics | null;
  /** The same of a model that answers with numbers or labels; absent for one of classes. */
  readonly testValues?: ValueMetrics | null | undefined;
  /** The engine that computed it. */
  readonly engine: EngineName;
  /** Threads of a step, ≥ 1. */
  readonly threads: number;
  /** Seconds spent training and testing, before a resume too. */
  readonly seconds: number;
};

/** Training diverged: a loss or a parameter is not finite. */
export class Diverged extends NumericalStop {
  /** The result with the best parameters before that. */
  readonly kept: TrainingResult;

  /** Made by a run. */
  constructor(reason: string, kept: TrainingResult) {
    super("NOT_FINITE", reason);
    this.kept = kept;
  }
}

/** SHA-256 of packed parameters, float32, little-endian as on every platform that JavaScript runs on today. */
export function hashOf(parameters: Float32Array): Promise<string> {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}
