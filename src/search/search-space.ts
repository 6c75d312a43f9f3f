// The space of a search: a range or a list of choices for each option, read from JSON, and the map from the unit cube
// to options.
import { nearest } from "../data/nearest.ts";
import { must } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../network/network.ts";
import { exp, log } from "../numerics/exp-log.ts";
import type { Random } from "../numerics/random.ts";
import { DEFAULTS } from "../training/defaults.ts";
import { lossOf, type TrainingOptions } from "../training/options.ts";

/** A value of one option: a number, a name, whether, or the sizes of the hidden layers. */
export type SpaceValue = number | string | boolean | readonly number[];

/** One option of a space: numbers from … to, or choices. */
export type Dimension =
  | {
      /** The least value. */
      readonly from: number;
      /** The greatest value, > from. */
      readonly to: number;
      /** "log": equal factors are equally likely; from > 0. Default "linear". */
      readonly scale?: "linear" | "log" | undefined;
      /** Whether only integers are meant. Default false. */
      readonly whole?: boolean | undefined;
    }
  | {
      /** At least two, each different. */
      readonly choices: readonly SpaceValue[];
    };

/** Names of training options or of the network's, such as "hidden", each with where to look. */
export type SearchSpace = Readonly<Record<string, Dimension>>;

/** Values of a space's options; none of one that is left at its default. */
export type SpaceValues = Readonly<Record<string, SpaceValue>>;

/** Options of a network and its training that can be searched: those that the command line can repeat. */
const NAMES = [
  "hidden",
  "activation",
  "layerNorm",
  "residual",
  "initialization",
  "batchSize",
  "learningRate",
  "optimizer",
  "schedule",
  "warmupEpochs",
  "weightDecay",
  "labelSmoothing",
];
const DIGITS = 3; // of a number that is proposed: a command can repeat it

/** A space of JSON. Raises InvalidInput naming the option that is unknown or out of range. */
export function readSpace(json: unknown): SearchSpace {
  const plain = typeof json === "object" && json !== null && !Array.isArray(json) && Object.keys(json).length > 0;
  must(plain, "the space", "an object with an option or more", json);
  for (const [name, dimension] of Object.entries(json as SearchSpace)) {
    const near = nearest(name, NAMES);
    const hint = near === undefined ? `Options: ${NAMES.toSorted().join(", ")}.` : `Did you mean ${near}?`;
    must(NAMES.includes(name), "an option of the space", "one that can be searched", name, hint, {}, "UNKNOWN_OPTION");
    checkDimension(name, dimension);
  }
  return json as SearchSpace;
}

function checkDimension(name: string, dimension: Dimension): void {
  const known = typeof dimension === "object" && dimension !== null;
  must(known, name, `{ "from": …, "to": … } or { "choices": [ … ] }`, dimension);
  if ("choices" in dimension) {
    const { choices } = dimension;
    const ok = Array.isArray(choices) && new Set(choices.map((one) => JSON.stringify(one))).size === choices.length;
    must(ok && choices.length > 1, `${name}.choices`, "two values or more, each different", choices);
    for (const choice of choices) checkValue(name, choice);
    return;
  }
  const { from, to, scale = "linear", whole = false } = dimension;
  must(scale === "linear" || scale === "log", `${name}.scale`, "linear or log", scale);
  must(typeof whole === "boolean", `${name}.whole`, "true or false", whole);
  must(Number.isFinite(from) && (scale === "linear" || from > 0), `${name}.from`, "a number, > 0 on a log scale", from);
  must(Number.isFinite(to) && to > from, `${name}.to`, `a number > ${from}`, to);
  const only = typeof DEFAULTS[name as keyof TrainingOptions] === "number";
  must(only, name, "choices, as it is no number", dimension);
  for (const value of [from, to]) checkValue(name, value);
}

/** A value that no range of the options refuses later: the network's are checked here, the others by training. */
function checkValue(name: string, value: SpaceValue): void {
  if (name === "hidden") {
    must(Array.isArray(value) && value.length > 0, "hidden", "lists of layer sizes such as [64, 64]", value);
    defineNetwork([1, ...(value as readonly number[]), 2]);
  } else if (name === "activation")
    must((ACTIVATIONS as readonly unknown[]).includes(value), "activation", `one of ${ACTIVATIONS.join(", ")}`, value);
  else if (name === "layerNorm" || name === "residual")
    must(typeof value === "boolean", `a value of ${name}`, "true or false", value);
  else {
    const usual = typeof DEFAULTS[name as keyof TrainingOptions];
    must(typeof value === usual, `a value of ${name}`, `a ${usual}`, value);
  }
}

/** A point of the unit cube; of a choice the middle of its cell. */
export type Point = Float64Array;

/** A point drawn evenly. */
export const randomPoint = (space: SearchSpace, random: Random): Point =>
  snapped(
    space,
    Float64Array.from(Object.keys(space), () => random.uniform()),
  );

/** The point whose choices lie in the middle of their cells. */
export function snapped(space: SearchSpace, point: Point): Point {
  return Float64Array.from(Object.values(space), (dimension, d) => {
    if (!("choices" in dimension)) return point[d]!;
    const n = dimension.choices.length;
    return (Math.min(n - 1, Math.floor(point[d]! * n)) + 0.5) / n;
  });
}

/** The values at a point. Numbers have three significant digits. */
export function valuesAt(space: SearchSpace, point: Point): SpaceValues {
  return Object.fromEntries(Object.entries(space).map(([name, one], d) => [name, valueAt(one, point[d]!)]));
}

function valueAt(dimension: Dimension, u: number): SpaceValue {
  if ("choices" in dimension)
    return dimension.choices[Math.min(dimension.choices.length - 1, Math.floor(u * dimension.choices.length))]!;
  const { from, to, scale, whole } = dimension;
  const raw = scale === "log" ? exp(log(from) + u * (log(to) - log(from))) : from + u * (to - from);
  const value = whole ? Math.round(raw) : Number(raw.toPrecision(DIGITS));
  return Math.min(to, Math.max(from, value));
}

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

const TABLE = {
  learningRate: { from: 0.0003, to: 0.03, scale: "log" },
  batchSize: { choices: [16, 32, 64, 128] },
  hidden: { choices: [[32], [64], [128], [256], [64, 64], [128, 128], [256, 256], [128, 128, 128]] },
  activation: { choices: ["relu", "tanh", "gelu"] },
  weightDecay: { from: 0.01, to: 10, scale: "log" },
  labelSmoothing: { from: 0, to: 0.15 },
} satisfies SearchSpace;

const IMAGES = {
  learningRate: { from: 0.03, to: 0.6, scale: "log" },
  batchSize: { choices: [32, 64, 128] },
  hidden: { choices: [[256], [256, 256], [256, 256, 256], [512, 256], [512, 512], [800, 400]] },
  weightDecay: { from: 0.000001, to: 0.0003, scale: "log" },
  labelSmoothing: { from: 0, to: 0.1 },
} satisfies SearchSpace;

/** Whether hidden layers of equal width follow each other. */
const isJoined = (hidden: readonly number[]): boolean => hidden.some((size, l) => size === hidden[l - 1]);

/**
 * The space of a search that names none, by the optimizer that training would take, without the options in
 * `given`; numbers to learn have no smoothing. With `residual` it has no hidden layers but those that can be joined.
 */
export function defaultSpace(
  options: Pick<TrainingOptions, "optimizer" | "loss"> & Pick<FixedOptions, "residual">,
  given: readonly string[] = [],
): SearchSpace {
  must(typeof options === "object" && options !== null, "options", "an object with an optimizer", options);
  const { optimizer, loss, residual } = options;
  const space = optimizer === "adam" || optimizer === "adamw" ? TABLE : IMAGES;
  const joined = residual ? { hidden: { choices: space.hidden.choices.filter(isJoined) } } : {};
  return Object.fromEntries(
    Object.entries({ ...space, ...joined }).filter(
      ([name]) => !given.includes(name) && (name !== "labelSmoothing" || lossTask(lossOf({ loss })) !== "regress"),
    ),
  );
}
