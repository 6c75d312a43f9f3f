// How much each option decided of the figures, one at a time.
import { must } from "../errors.ts";
import type { Trial } from "./halving-search.ts";
import type { SpaceValue } from "./search-space.ts";

/** An option and what it decided. */
export type OptionImportance = {
  /** The option. */
  readonly name: string;
  /**
   * ω² in [0, 1]: of the variance of the score over the trials' first fits, the share between groups of its values
   * (choices, or quarters of the numbers), without what chance alone gives. Options that only matter together have
   * small ones. Null for fewer than eight trials.
   */
  readonly share: number | null;
};

const LEAST = 8; //   trials
const QUARTERS = 4; // groups of numbers

/** Of each option, the most important first. Fits that diverged are left out. */
export function importances(trials: readonly Trial[], names: readonly string[]): OptionImportance[] {
  must(Array.isArray(trials), "trials", "the trials of a search", trials);
  const first = trials.filter(({ values, fits }) => Object.keys(values).length > 0 && fits[0]!.loss !== null);
  const scores = first.map(({ fits }) => fits[0]!.score);
  const share = (name: string) => (first.length < LEAST ? null : omegaSquared(groupsOf(first, name), scores));
  return names.map((name) => ({ name, share: share(name) })).sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}

/** The group of each trial, from 0. */
function groupsOf(trials: readonly Trial[], name: string): readonly number[] {
  const values = trials.map(({ values: all }) => all[name]!);
  const numbers = values.every((value) => typeof value === "number");
  const keyOf = (value: SpaceValue) => JSON.stringify(value);
  const kinds = [...new Set(values.map(keyOf))];
  if (!numbers || kinds.length <= QUARTERS) return values.map((value) => kinds.indexOf(keyOf(value)));
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const groups = new Array<number>(values.length);
  order.forEach((at, rank) => {
    groups[at] = Math.floor((rank * QUARTERS) / values.length);
  });
  return groups;
}

/** (SS_between − (k − 1)·MS_within)/(SS_total + MS_within), at least 0 (Hays, Statistics, 1963). */
function omegaSquared(groups: readonly number[], values: readonly number[]): number {
  const meanOf = (some: readonly number[]) => some.reduce((sum, x) => sum + x, 0) / some.length;
  const mean = meanOf(values);
  const total = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const kinds = [...new Set(groups)];
  if (total === 0 || kinds.length >= values.length) return 0;
  let between = 0;
  for (const kind of kinds) {
    const own = values.filter((_, i) => groups[i] === kind);
    between += own.length * (meanOf(own) - mean) ** 2;
  }
  const within = (total - between) / (values.length - kinds.length);
  return Math.max(0, (between - (kinds.length - 1) * within) / (total + within));
}
