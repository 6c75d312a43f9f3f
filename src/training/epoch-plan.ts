// The plan of one epoch: a pure function of options, rows and epoch, so a resumed run makes the same one again.
import { optimizerCoefficients } from "./optimizer.ts";
import type { TrainingOptions } from "./options.ts";
import { epochOrder } from "./order.ts";
import { learningRates, type RateOf, ratesBy } from "./schedule.ts";

export type EpochPlan = {
  readonly epoch: number; //             from 1
  readonly order: Uint32Array; //        [N] training rows, shuffled; none of a private run
  readonly rates: Float64Array; //       [steps] η
  readonly coefficients: Float64Array; // [steps × COEFFICIENTS] of the optimizer
};

/** `epoch`, from 1, of a run on `rows` training rows. */
export function planEpoch(options: TrainingOptions, rows: number, epoch: number, rateOf?: RateOf): EpochPlan {
  const stepsPerEpoch = Math.ceil(rows / options.batchSize);
  const rates = rateOf ? ratesBy(rateOf, epoch, stepsPerEpoch) : learningRates({ ...options, stepsPerEpoch }, epoch);
  const coefficients = optimizerCoefficients(options, rates, (epoch - 1) * stepsPerEpoch + 1);
  const order = options.private ? new Uint32Array(0) : epochOrder(rows, options.seed, epoch);
  return { epoch, order, rates, coefficients };
}
