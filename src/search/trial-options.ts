// What a trial trains, from the options that every trial has and the values of its own.
import { type Dataset, mustBeData } from "../data/dataset.ts";
import { formOf } from "../data/stored/row-store.ts";
import { must } from "../errors.ts";
import { type Activation, defineNetwork, type Network } from "../network/network.ts";
import { type Augmentation, namedLimits, refuseOwnScalings, resolveAugmentation } from "../training/augmentation.ts";
import { readAugmentationWord } from "../training/augmentation-text.ts";
import { defaultHidden, resolveOptions, sizeOf } from "../training/defaults.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { SearchSpace, SpaceValues } from "./search-space.ts";
import { isOff, limitOf } from "./space-options.ts";

/** Options of training and of the network that hold in every trial. */
export type FixedOptions = Partial<TrainingOptions> & {
  /** Units of each hidden layer, integers ≥ 1. Default: as training. */
  readonly hidden?: readonly number[] | undefined;
  /** Of all hidden layers. Default "relu". */
  readonly activation?: Activation | undefined;
  /** Whether hidden layers are normalized. Default false. */
  readonly layerNorm?: boolean | undefined;
  /** Whether hidden layers of equal width are joined. Default false. */
  readonly residual?: boolean | undefined;
};

/** A trial's options of training, and the network that they train. */
export type TrialOptions = {
  /** Those that are not left at their defaults. */
  readonly options: Partial<TrainingOptions>;
  /** Of so many inputs and outputs. */
  readonly network: (inputs: number, outputs: number) => Network;
};

/**
 * `values` in place of `fixed`: what 0 leaves out is left out, and limits of the distortions replace those of
 * `augment`, unless that is "none".
 */
export function trialOptions(fixed: FixedOptions, values: SpaceValues, train: Dataset): TrialOptions {
  const given: FixedOptions = { ...fixed, ...plainValues(values) };
  const { hidden = defaultHidden(train), activation = "relu", layerNorm, residual, augment, ...others } = given;
  const distorted = distortionsOf(augment, values, train);
  const options = distorted === undefined ? others : { ...others, augment: distorted };
  const between = { layerNorm, residual };
  return { options, network: (inputs, outputs) => defineNetwork([inputs, ...hidden, outputs], activation, between) };
}

/** Those of training and the network as they are named there, without what 0 leaves out and without limits. */
export const plainValues = (values: SpaceValues): SpaceValues =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => !isOff(name, value) && !limitOf(name)));

/** A name, limits in a word or as an object, with the limits among `values` in their place. */
export function distortionsOf(
  augment: FixedOptions["augment"],
  values: SpaceValues,
  train: Dataset,
): FixedOptions["augment"] {
  const own = Object.entries(values).flatMap(([name, value]) => {
    const limit = limitOf(name);
    return limit === undefined ? [] : [[limit, value] as const];
  });
  const base = typeof augment === "string" ? (readAugmentationWord(augment) ?? augment) : augment;
  if (own.length === 0 || base === "none") return base;
  const limits: Partial<Augmentation> = typeof base === "string" ? namedLimits(base, train.classes) : (base ?? {});
  return { ...limits, ...Object.fromEntries(own) };
}

/**
 * Raises InvalidInput where training would refuse a trial of this space on these rows: each value that can come up, or
 * an end of its numbers, is asked alone and beside each of every other option.
 */
export function refuseImpossible(space: SearchSpace, fixed: FixedOptions, epochs: number | null, train: Dataset): void {
  mustBeData(train, "train");
  const whole = epochs === null ? {} : { epochs };
  const ask = (values: SpaceValues) => {
    const { options, network } = trialOptions(fixed, values, train);
    const { augment, ...others } = resolveOptions({ ...options, ...whole }, sizeOf(train));
    if (resolveAugmentation(augment, train)) {
      must(!others.private, "augment", "left out with private", augment);
      refuseOwnScalings(formOf(train) === "bytes" ? "divide" : "standardize");
    }
    network(1, 1);
  };
  const extremes = Object.entries(space).map(([name, dimension]) =>
    ("choices" in dimension ? dimension.choices : [dimension.from, dimension.to]).map((value) => ({ [name]: value })),
  );
  ask({});
  extremes.forEach((values, at) => {
    for (const one of values) {
      ask(one);
      for (const other of extremes.slice(at + 1).flat()) ask({ ...one, ...other });
    }
  });
}
