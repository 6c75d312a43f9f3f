// The state of a run between two steps: all that resuming it bit for bit takes. files/run/checkpoint.ts makes it a
// file. The random generator has no state: every draw is a function of the seed and its number (numerics/random.ts).
import { must } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import { type Network, parameterCount } from "../network/network.ts";
import { trainedCount } from "./model-parameters.ts";
import type { TrainingOptions } from "./options.ts";
import type { EpochRecord, StopReason } from "./training-result.ts";

/** Where a run stands between two steps, and all it has computed: what it goes on from, bit for bit. */
export type RunState = {
  /** The current epoch, from 1; one past the last when all are done. */
  readonly epoch: number;
  /** Steps done of the current epoch, 0 … stepsPerEpoch − 1. */
  readonly step: number;
  /** θ, packed, in the precision of the engine. */
  readonly parameters: Floats;
  /** The optimizer's arrays, packed. */
  readonly states: readonly Floats[];
  /** The parameters with the lowest loss so far; epoch 0 are the initial ones. */
  readonly best: {
    /** From 0. */
    readonly epoch: number;
    /** That loss, or the negated metric; Infinity for epoch 0. */
    readonly loss: number;
    /** [P], packed. */
    readonly parameters: Float32Array;
  };
  /** Of the current epoch's rows trained on so far; earlier versions kept the rows. */
  readonly tally: EpochSums | EpochRows;
  /** Seconds spent in the steps of the current epoch. */
  readonly seconds: number;
  /** Records of the epochs that ended, but for the `earlier` ones. */
  readonly epochs: readonly EpochRecord[];
  /** The first epochs, where their records are kept elsewhere. */
  readonly earlier?:
    | {
        /** How many, ≥ 0. */
        readonly count: number;
        /** Seconds spent in their steps. */
        readonly seconds: number;
      }
    | undefined;
};

/** Sums over rows of an epoch. */
export type EpochSums = {
  /** Of their losses, added up in the epoch's order. */
  readonly lossSum: number;
  /** Rows whose predicted class was their label. */
  readonly hits: number;
};

/** Rows of an epoch, by position in its order. */
export type EpochRows = {
  /** Loss of each. */
  readonly losses: Float64Array;
  /** Predicted class of each. */
  readonly predictions: Int32Array;
};

/** The position of a run. */
export type RunProgress = {
  /** The current epoch, from 1; one past the last when all are done. */
  readonly epoch: number;
  /** Steps done of the current epoch. */
  readonly step: number;
  /** Steps done of the run. */
  readonly steps: number;
  /** ⌈training rows / B⌉. */
  readonly stepsPerEpoch: number;
  /** Why it ended; null before the end. */
  readonly ended: Exclude<StopReason, "interrupted" | "onEpoch"> | null;
};

/** The state before the first step, with these initial parameters. */
export function firstState(parameters: Float32Array): RunState {
  return {
    epoch: 1,
    step: 0,
    parameters,
    states: [],
    best: { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters },
    tally: { lossSum: 0, hits: 0 },
    seconds: 0,
    epochs: [],
  };
}

/** Raises InvalidInput unless `state` is one of a run of `network` on `rows` training rows with `options`. */
export function checkState(state: RunState, network: Network, options: TrainingOptions, rows: number): void {
  const { epoch, step, parameters, best, tally, epochs, earlier } = state;
  const done = options.private ? 0 : step * options.batchSize; // a private run keeps no figure of a row
  const whole = (value: number, low: number, high: number, what: string) =>
    must(Number.isInteger(value) && value >= low && value <= high, what, `an integer in [${low}, ${high}]`, value);
  whole(epoch, 1, options.epochs + 1, "from.epoch");
  whole(step, 0, epoch > options.epochs ? 0 : Math.ceil(rows / options.batchSize) - 1, "from.step");
  const [count, trained] = [parameterCount(network), trainedCount(network, options)];
  for (const [what, { length }, expected] of [
    ["from.parameters", parameters, trained],
    ["from.best.parameters", best.parameters, count],
    ...("losses" in tally ? ([["from.losses", tally.losses, done]] as const) : []),
    ...("losses" in tally ? ([["from.predictions", tally.predictions, done]] as const) : []),
    ["from.epochs", epochs, epoch - 1 - (earlier?.count ?? 0)],
  ] as const)
    must(length === expected, what, `${expected} values`, length, "Is this the state of another run?");
  whole(best.epoch, 0, epoch - 1, "from.best.epoch");
  if ("losses" in tally) return;
  must(Number.isFinite(tally?.lossSum), "from.tally.lossSum", "a finite number", tally?.lossSum);
  whole(tally.hits, 0, done, "from.tally.hits");
}
