// Options of private training, their ranges, and what must hold of data and options for the promise to be one.
import { formOf } from "../data/stored/row-store.ts";
import { InvalidInput, must } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { checkSeed } from "../network/parameters.ts";
import { noiseFor, PrivacyAccountant } from "../privacy/accountant.ts";
import type { SampledGaussian } from "../privacy/renyi.ts";
import { lossOf, type TrainingOptions } from "./options.ts";
import type { RunBasis } from "./plan-training.ts";
import type { CheckedSplits } from "./splits.ts";

/** What a private run promises, and how it clips. */
export type PrivateOptions = {
  /** ε > 0 of the whole run, for data sets that differ in one training row. */
  readonly epsilon: number;
  /** δ > 0, below 1/(training rows). */
  readonly delta: number;
  /** C > 0: the norm to which each row's gradient is clipped. Default 1. */
  readonly clip?: number | undefined;
  /** σ as a multiple of C. Default: the least that keeps ε and δ; a smaller one is refused. */
  readonly noise?: number | undefined;
  /** For tests alone: draws that anyone with this number can repeat, which hides nothing. Default: the system's. */
  readonly insecureSeed?: number | undefined;
};

/** What a model says of its training. */
export type ModelPrivacy = {
  /** ε that its training spent at δ. */
  readonly epsilon: number;
  /** δ. */
  readonly delta: number;
  /** Whether its draws came from a seed: then nothing is private. */
  readonly insecure?: true | undefined;
};

/** Raises InvalidInput naming the first member that is out of range. */
export function checkPrivate({ private: given }: TrainingOptions): void {
  if (given === undefined) return;
  must(typeof given === "object" && given !== null, "private", "an object with epsilon and delta", given);
  const { epsilon, delta, clip = 1, noise, insecureSeed } = given;
  must(epsilon > 0 && Number.isFinite(epsilon), "private.epsilon", "a finite number > 0", epsilon);
  must(delta > 0 && delta < 1, "private.delta", "a number in (0, 1)", delta);
  must(clip > 0 && Number.isFinite(clip), "private.clip", "a finite number > 0", clip);
  must(noise === undefined || (noise > 0 && Number.isFinite(noise)), "private.noise", "a finite number > 0", noise);
  if (insecureSeed !== undefined) checkSeed(insecureSeed);
}

/** The mechanism of a run of so many training rows. */
export function mechanismOf({ batchSize, epochs, private: given }: TrainingOptions, rows: number): SampledGaussian {
  const steps = epochs * Math.ceil(rows / batchSize);
  return { noise: given!.noise!, rate: Math.min(1, batchSize / rows), steps };
}

/**
 * `options` with the noise of a private run. Raises InvalidInput NOT_PRIVATE where data or options would tell of rows
 * beside the promise, PRIVACY_OUT_OF_REACH where no noise keeps it.
 */
export function settlePrivate(
  options: TrainingOptions,
  { train }: CheckedSplits,
  { scaling }: RunBasis,
): TrainingOptions {
  const { private: given } = options;
  if (given === undefined) return options;
  const refuse = (reason: string) => {
    throw new InvalidInput("NOT_PRIVATE", reason);
  };
  const { epsilon, delta, clip = 1 } = given;
  if (!(delta < 1 / train.rows))
    refuse(
      `δ = ${delta} lets a run give away one of its ${train.rows} training rows whole. Ask for a δ well below 1/${train.rows} = ${(1 / train.rows).toPrecision(2)}.`,
    );
  const fitted = train.columns !== undefined || formOf(train) !== "bytes";
  if (fitted && typeof scaling !== "object" && scaling !== "none" && scaling !== "divide")
    refuse(
      'a scaling fitted on the training rows (means, deviations, categories) tells of them beside ε and δ. Bring pictures or other bytes, which are divided by 255; go on from a model of public rows, whose scaling is kept; or in the library say scaling: "none" for numbers that lie within about ±1.',
    );
  if (options.classWeights === "balanced")
    refuse(
      "balanced class weights count the training rows, which tells of them beside ε and δ. Give the weights as numbers.",
    );
  const loss = lossOf(options);
  if (lossTask(loss) === "regress" && loss.name !== "poisson")
    refuse(`the loss ${loss.name} scales its targets by their mean and deviation, which tell of rows beside ε and δ.`);
  const { rate, steps } = mechanismOf(options, train.rows);
  const noise = given.noise ?? noiseFor({ rate, steps }, epsilon, delta);
  if (given.noise !== undefined) {
    const spent = new PrivacyAccountant({ noise, rate, steps }, delta).epsilon();
    if (!(spent <= epsilon)) refuse(`noise ${noise} spends ε = ${spent.toPrecision(4)}, more than ${epsilon}.`);
  }
  return { ...options, private: { ...given, clip, noise } };
}
