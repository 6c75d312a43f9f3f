// What a space can name: every option of a network and its training that is a number or a choice, but those that a
// search settles itself (seed, epochs, the rows that judge), those that change what is learned (loss, private), and
// `epsilon`, which the command line has for privacy. Ranges are those of training, asked one value at a time.
import { must } from "../errors.ts";
import { ACTIVATIONS, defineNetwork } from "../network/network.ts";
import { INITIALIZATIONS } from "../network/parameters.ts";
import { AUGMENTATIONS, checkLimits } from "../training/augmentation.ts";
import { KNOBS, readAugmentationWord } from "../training/augmentation-text.ts";
import { resolveOptions } from "../training/defaults.ts";
import { TRAINING_OPTIMIZERS } from "../training/optimizer.ts";
import { SCHEDULES } from "../training/schedule.ts";

/** What the values of an option are, and what 0 means where training has no 0. */
type SpaceOption = {
  /** All that a choice can be; absent for numbers, sizes and distortions. */
  readonly of?: readonly (string | boolean)[];
  /** A number: of any kind, or an integer. */
  readonly number?: "any" | "whole";
  /** What 0 means: "least": the end of the numbers, as good as without; "none": without, but no end of a range. */
  readonly off?: "least" | "none";
};

const choice = (...of: (string | boolean)[]): SpaceOption => ({ of });
const NUMBER: SpaceOption = { number: "any" };
const WHOLE: SpaceOption = { number: "whole" };
const AMOUNT: SpaceOption = { number: "any", off: "least" };
const LIMIT: SpaceOption = { number: "any", off: "none" };

const LIMITS_OF = "augment."; // a limit of the distortions is named "augment.rotation"

/** Every option of a space by name. */
export const SPACE_OPTIONS: Readonly<Record<string, SpaceOption>> = {
  hidden: {},
  activation: choice(...ACTIVATIONS),
  layerNorm: choice(false, true),
  residual: choice(false, true),
  initialization: choice(...INITIALIZATIONS),
  batchSize: WHOLE,
  learningRate: NUMBER,
  optimizer: choice(...TRAINING_OPTIMIZERS),
  momentum: NUMBER,
  beta1: NUMBER,
  beta2: NUMBER,
  schedule: choice(...SCHEDULES),
  warmupEpochs: WHOLE,
  weightDecay: NUMBER,
  l1: AMOUNT,
  clipNorm: LIMIT,
  maxNorm: LIMIT,
  averageDecay: AMOUNT,
  labelSmoothing: NUMBER,
  classWeights: choice("none", "balanced"),
  dropout: AMOUNT,
  inputDropout: AMOUNT,
  inputNoise: AMOUNT,
  mixup: AMOUNT,
  frontScale: AMOUNT,
  augment: {},
  ...Object.fromEntries(KNOBS.map((knob) => [`${LIMITS_OF}${knob}`, NUMBER])),
};

/** The limit of the distortions that an option of a space is; undefined of another option. */
export const limitOf = (name: string): string | undefined =>
  name.startsWith(LIMITS_OF) ? name.slice(LIMITS_OF.length) : undefined;

/** Whether `value` leaves the option out: 0 of one that training has no 0 of. */
export const isOff = (name: string, value: unknown): boolean => value === 0 && SPACE_OPTIONS[name]?.off !== undefined;

const MOST_EPOCHS = 1_000_000; // warm-up within those of a search is checked with its other options

/** Raises InvalidInput unless training can take the value of a known option; `end`: as an end of a range. */
export function checkSpaceValue(name: string, value: unknown, end = false): void {
  const { of, number, off } = SPACE_OPTIONS[name]!;
  if (name === "hidden") {
    must(Array.isArray(value) && value.length > 0, name, "lists of layer sizes such as [64, 64]", value);
    defineNetwork([1, ...(value as number[]), 2]);
    return;
  }
  if (name === "augment") {
    const known = typeof value === "string" && readAugmentationWord(value) !== undefined;
    const expected = `${AUGMENTATIONS.join(", ")}, or limits such as "rotation:10,elastic:1"`;
    must(known, `a value of ${name}`, expected, value);
    return;
  }
  if (of) {
    const expected = typeof of[0] === "boolean" ? "true or false" : `one of ${of.join(", ")}`;
    must(of.includes(value as string | boolean), `a value of ${name}`, expected, value);
    return;
  }
  must(typeof value === "number", `a value of ${name}`, "a number", value);
  if (number === "whole") must(Number.isInteger(value), `a value of ${name}`, "an integer", value);
  const limit = limitOf(name);
  if (isOff(name, value)) must(!end || off === "least", `${name}.from`, "a number > 0: 0 leaves it out", value);
  else if (limit !== undefined) checkLimits({ [limit]: value }, "augment");
  else resolveOptions({ epochs: MOST_EPOCHS, [name]: value }, { rows: 1000, classes: 2, bytes: false });
}
