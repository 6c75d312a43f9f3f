// A run between two steps, as a value: everything needed to go on with it bit-exactly. files/run/checkpoint.ts makes it a file.
// The generator has no state of its own: every draw is a function of the seed and its number (numerics/random.ts).
import { must } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import { type Network, parameterCount } from "../network/network.ts";
import type { TrainingOptions } from "./options.ts";
import type { EpochRecord } from "./training-result.ts";

export type RunState = {
  readonly epoch: number; //                   the epoch at hand, from 1; one past the last when all are done
  readonly step: number; //                    steps of it done, 0 … stepsPerEpoch − 1
  readonly parameters: Floats; //              packed θ, in the precision of the engine
  readonly states: readonly Floats[]; //       the optimizer's arrays, packed
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: Float32Array };
  readonly losses: Float64Array; //            of the epoch's rows walked so far, by position in its order
  readonly predictions: Int32Array; //         likewise
  readonly seconds: number; //                 of the epoch so far
  readonly epochs: readonly EpochRecord[]; //  those that ended
};

/** Raises InvalidInput unless `state` is one of a run of `network` on `rows` training rows with `options`. */
export function checkState(state: RunState, network: Network, options: TrainingOptions, rows: number): void {
  const { epoch, step, parameters, best, losses, predictions, epochs } = state;
  const { batchSize } = options;
  const whole = (value: number, low: number, high: number, what: string) =>
    must(Number.isInteger(value) && value >= low && value <= high, what, `an integer in [${low}, ${high}]`, value);
  whole(epoch, 1, options.epochs + 1, "from.epoch");
  whole(step, 0, epoch > options.epochs ? 0 : Math.ceil(rows / batchSize) - 1, "from.step");
  const count = parameterCount(network);
  for (const [what, { length }, expected] of [
    ["from.parameters", parameters, count],
    ["from.best.parameters", best.parameters, count],
    ["from.losses", losses, step * batchSize],
    ["from.predictions", predictions, step * batchSize],
    ["from.epochs", epochs, epoch - 1],
  ] as const)
    must(length === expected, what, `${expected} values`, length, "Is this the state of another run?");
  whole(best.epoch, 0, epochs.length, "from.best.epoch");
}
