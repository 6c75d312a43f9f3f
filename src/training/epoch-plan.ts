// The plan of one epoch: a pure function of options, rows and epoch, so a resumed run makes the same one again.
import type { DrawnRows, Warps } from "../engines/engine.ts";
import { WARP_NUMBERS } from "../network/warp.ts";
import { type Distorted, epochWarps } from "./distortions.ts";
import { everyRow } from "./full-batch.ts";
import { mixesOf } from "./mixup.ts";
import { optimizerCoefficients } from "./optimizer.ts";
import type { TrainingOptions } from "./options.ts";
import { epochOrder } from "./order.ts";
import { learningRates, type RateOf, ratesBy } from "./schedule.ts";
import { drawSeed, drawsOf } from "./step-options.ts";

export type EpochPlan = {
  readonly epoch: number; //             from 1
  readonly order: Uint32Array; //        [N] training rows, shuffled; none of a private run
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
  const seed = drawSeed(options);
  const order = options.private
    ? new Uint32Array(0)
    : options.optimizer === "lbfgs"
      ? everyRow(rows)
      : epochOrder(rows, seed, epoch);
  return { epoch, order, rates, coefficients, warps: images && epochWarps(images, seed, epoch, order) };
}

/** The draws of a plan's steps [from, until), where the options or the images ask for some. */
export function drawsOfSteps(
  { epoch, order, warps }: EpochPlan,
  options: TrainingOptions,
  from: number,
  until: number,
): DrawnRows | undefined {
  const { batchSize: B, mixup } = options;
  if (warps === undefined && mixup === undefined) return drawsOf(options) && { epoch };
  const [first, end] = [from * B, Math.min(until * B, order.length)];
  const numbers = warps?.numbers.subarray(first * WARP_NUMBERS, end * WARP_NUMBERS);
  const mixes =
    mixup === undefined ? undefined : mixesOf({ mixup, batchSize: B }, drawSeed(options), epoch, first, end);
  return { epoch, warps: warps && { ...warps, numbers: numbers! }, mixes };
}
