// The space of a search: a range or a list of choices for each option, read from JSON, and the map from the unit cube
// to options.
import { must } from "../errors.ts";
import { exp, log } from "../numerics/exp-log.ts";
import type { Random } from "../numerics/random.ts";
import { meantOption } from "../training/known-options.ts";
import { checkSpaceValue, SPACE_OPTIONS } from "./space-options.ts";

/**
 * A value of one option: a number, a name, whether, or the sizes of the hidden layers. 0 leaves out what training has
 * no 0 of: dropout, clipNorm, mixup, ….
 */
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
      /** Whether only integers are meant. Default: of options that are integers. */
      readonly whole?: boolean | undefined;
    }
  | {
      /** At least two, each different. */
      readonly choices: readonly SpaceValue[];
    };

/**
 * Names of training options or of the network's, such as "hidden", each with where to look; "augment.rotation" and the
 * like are limits of the distortions, in place of those of `augment`.
 */
export type SearchSpace = Readonly<Record<string, Dimension>>;

/** Values of a space's options; none of one that is left at its default. */
export type SpaceValues = Readonly<Record<string, SpaceValue>>;

const MEMBERS = ["from", "to", "scale", "whole", "choices"];
const DIGITS = 3; // of a number that is proposed: a command can repeat it

/**
 * A space of JSON; integers are `whole` in it. Raises InvalidInput naming the option that is unknown or out of range.
 */
export function readSpace(json: unknown): SearchSpace {
  const plain = typeof json === "object" && json !== null && !Array.isArray(json) && Object.keys(json).length > 0;
  must(plain, "the space", "an object with an option or more", json);
  const known = Object.keys(SPACE_OPTIONS);
  const checked = Object.entries(json as SearchSpace).map(([name, dimension]) => {
    const near = meantOption(name, known);
    const hint = `${near === undefined ? "" : `Did you mean ${near}? `}Options: ${known.join(", ")}.`;
    must(known.includes(name), "an option of the space", "one that can be searched", name, hint, {}, "UNKNOWN_OPTION");
    return [name, checkDimension(name, dimension)] as const;
  });
  return Object.fromEntries(checked);
}

function checkDimension(name: string, dimension: Dimension): Dimension {
  const expected = `{ "from": …, "to": … } or { "choices": [ … ] }`;
  must(typeof dimension === "object" && dimension !== null, name, expected, dimension);
  const unknown = Object.keys(dimension).find((key) => !MEMBERS.includes(key));
  must(unknown === undefined, `a member of ${name}`, `one of ${MEMBERS.join(", ")}`, unknown);
  if ("choices" in dimension) {
    const { choices, ...others } = dimension;
    must(Object.keys(others).length === 0, name, `${expected}, not both`, dimension);
    const ok = Array.isArray(choices) && new Set(choices.map((one) => JSON.stringify(one))).size === choices.length;
    must(ok && choices.length > 1, `${name}.choices`, "two values or more, each different", choices);
    for (const choice of choices) checkSpaceValue(name, choice);
    return dimension;
  }
  const { from, to, scale = "linear", whole } = dimension;
  must(SPACE_OPTIONS[name]!.number !== undefined, name, "choices, as it is no number", dimension);
  must(scale === "linear" || scale === "log", `${name}.scale`, "linear or log", scale);
  must(whole === undefined || typeof whole === "boolean", `${name}.whole`, "true or false", whole);
  must(Number.isFinite(from) && (scale === "linear" || from > 0), `${name}.from`, "a number, > 0 on a log scale", from);
  must(Number.isFinite(to) && to > from, `${name}.to`, `a number > ${from}`, to);
  for (const value of [from, to]) checkSpaceValue(name, value, true);
  const ends = !whole || (Number.isInteger(from) && Number.isInteger(to));
  must(ends, `${name}.whole`, "left out unless both ends are integers", whole);
  if (SPACE_OPTIONS[name]!.number !== "whole") return dimension;
  must(whole !== false, `${name}.whole`, "true or left out, as it is an integer", whole);
  return { ...dimension, whole: true };
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
