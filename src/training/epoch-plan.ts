// The plan of one epoch: a pure function of options, rows and epoch, so a resumed run makes the same one again.
import type { Warps } from "../engines/engine.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { WARP_NUMBERS } from "../network/warp.ts";
import { type Distorted, epochWarps } from "./distortions.ts";
import { optimizerCoefficients } from "./optimizer.ts";
import type { TrainingOptions } from "./options.ts";
import { epochOrder } from "./order.ts";
import { learningRates, type RateOf, ratesBy } from "./schedule.ts";

export type EpochPlan = {
  readonly epoch: number; //             from 1
  readonly order: Uint32Array; //        [N] training rows, shuffled
  readonly rates: Float64Array; //       [steps] η
  readonly coefficients: Float64Array; // [steps × COEFFICIENTS] of the optimizer
  readonly warps?: Warps | undefined; //  of images that are distorted, by position in the order
};

/** `epoch`, from 1, of a run on `rows` training rows, `images` if they are distorted. */
export function planEpoch(
  options: TrainingOptions,
  rows: number,
  epoch: number,
  rateOf?: RateOf,
  images?: Distorted,
): EpochPlan {
  const stepsPerEpoch = Math.ceil(rows / options.batchSize);
  const rates = rateOf ? ratesBy(rateOf, epoch, stepsPerEpoch) : learningRates({ ...options, stepsPerEpoch }, epoch);
  const coefficients = optimizerCoefficients(options, rates, (epoch - 1) * stepsPerEpoch + 1);
  const order = epochOrder(rows, options.seed, epoch);
  return { epoch, order, rates, coefficients, warps: images && epochWarps(images, options.seed, epoch, order) };
}

/** What a session is given of a plan's steps [from, until). */
export function stepsOf(
  { order, coefficients, warps }: EpochPlan,
  batchSize: number,
  from: number,
  until: number,
): Pick<EpochPlan, "order" | "coefficients" | "warps"> {
  const part = <A extends Uint32Array | Float64Array>(array: A, each: number) =>
    array.subarray(from * each, until * each) as A;
  return {
    order: part(order, batchSize),
    coefficients: part(coefficients, COEFFICIENTS),
    warps: warps && { ...warps, numbers: part(warps.numbers, batchSize * WARP_NUMBERS) },
  };
}
