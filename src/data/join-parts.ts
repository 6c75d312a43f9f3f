// Parts of one data set that came from files of their own: one list of classes, and no group or time on both sides.
import { InvalidInput, show } from "../errors.ts";
import { relabeled } from "./class-indices.ts";
import type { Dataset } from "./dataset.ts";
import { sortClasses } from "./formats/class-order.ts";
import { withFacts } from "./stored/row-store.ts";

/** Parts that a run trains on, watches and tests on. */
export type DataParts = {
  readonly train: Dataset;
  readonly validation?: Dataset | undefined;
  readonly test?: Dataset | undefined;
};

/** The parts with one list of classes, as one file of all rows would have it: those of training where no more occur. */
export function withSameClasses<P extends DataParts>(parts: P): P {
  const { train, validation, test } = parts;
  const others = [validation, test].filter((part) => part !== undefined);
  if (train.values || others.some(({ values }) => values)) return parts; // their classes are names of columns
  const known = new Set(train.classes);
  const more = others.flatMap(({ classes }) => classes.filter((name) => !known.has(name)));
  const classes = more.length === 0 ? train.classes : sortClasses([...new Set([...train.classes, ...more])]);
  const place = new Map(classes.map((name, c) => [name, c]));
  const align = (part: Dataset): Dataset => {
    if (part.classes.length === classes.length && part.classes.every((name, c) => name === classes[c])) return part;
    if (part.targets)
      throw new InvalidInput("UNKNOWN_CLASS", `${part.name}: soft targets need the classes of training.`);
    const own = Int32Array.from(part.classes, (name) => place.get(name)!);
    return withFacts(part, { classes, labels: relabeled(part.labels, classes.length, (label) => own[label]!) });
  };
  return { ...parts, train: align(train), validation: validation && align(validation), test: test && align(test) };
}

/** Raises InvalidInput BAD_SPLIT where a group is in two parts, or a later part does not begin after an earlier one. */
export function refuseShared({ train, validation, test }: DataParts): void {
  const parts = [train, validation, test].filter((part) => part !== undefined);
  parts.forEach((later, k) => {
    for (const earlier of parts.slice(0, k)) {
      refuseSharedGroup(earlier, later);
      refuseOverlap(earlier, later);
    }
  });
}

/** A group's name, by which it is the same in every part. */
const nameOf = ({ groupNames }: Dataset, g: number): string => groupNames?.[g] ?? String(g);

/** The groups of several parts one after another, numbered anew by their names; undefined unless each part has some. */
export function joinGroups(parts: readonly Dataset[]): Pick<Dataset, "groups" | "groupNames"> {
  const numbers = new Map<string, number>();
  const numberOf = (name: string) => numbers.get(name) ?? numbers.set(name, numbers.size).size - 1;
  if (parts.some(({ groups }) => groups === undefined)) return { groups: undefined, groupNames: undefined };
  const groups = Int32Array.from(parts.flatMap((part) => Array.from(part.groups!, (g) => numberOf(nameOf(part, g)))));
  return { groups, groupNames: [...numbers.keys()] };
}

function refuseSharedGroup(a: Dataset, b: Dataset): void {
  if (!a.groups || !b.groups) return;
  const seen = new Set(Array.from(new Set(a.groups), (g) => nameOf(a, g)));
  const shared = Array.from(new Set(b.groups), (g) => nameOf(b, g)).filter((name) => seen.has(name));
  if (shared.length === 0) return;
  const more = shared.length > 1 ? ` and ${shared.length - 1} more are` : " is";
  const reason = `the group ${show(shared[0])}${more} in ${a.name} and in ${b.name}, so one tells of the other.`;
  throw new InvalidInput("BAD_SPLIT", `${reason} Move the rows of a group to one part.`);
}

function refuseOverlap(a: Dataset, b: Dataset): void {
  if (!a.times || !b.times) return;
  let [last, first] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const time of a.times) if (time > last) last = time;
  for (const time of b.times) if (time < first) first = time;
  if (first > last) return;
  const reason = `${b.name} must begin after ${a.name} has ended: some of its rows are not later.`;
  throw new InvalidInput("BAD_SPLIT", reason);
}
