// What must hold of data and options for a private run's promise to be one, and the noise that keeps it.
import type { Scaling, ScalingKind } from "../data/scaling.ts";
import { formOf } from "../data/stored/row-store.ts";
import { InvalidInput } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { noiseFor, PrivacyAccountant } from "../privacy/accountant.ts";
import type { SampledGaussian } from "../privacy/renyi.ts";
import { lossOf, type TrainingOptions } from "./options.ts";
import type { CheckedSplits } from "./splits.ts";

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
  scaling: ScalingKind | Scaling | undefined,
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
