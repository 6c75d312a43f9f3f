// How the rows of a run were parted, in numbers for programs and in lines for people: groups, times, weights.
import { cellText } from "../../data/columns.ts";
import type { Dataset, SourceTable } from "../../data/dataset.ts";
import type { DataParts } from "../../data/join-parts.ts";
import { dividedWeights, meanWeight } from "../../data/mean-weights.ts";
import { InvalidInput, printable } from "../../errors.ts";
import { clip, count, plural } from "../tables.ts";

/** By part: how many groups it has, or its first and its last time. */
type ByPart<T> = { readonly train: T; readonly validation: T | null; readonly test: T | null };

/** What decided which part a row came to; null: its class and the seed. */
export type SplitFacts =
  | { readonly by: "group"; readonly column: string; readonly groups: ByPart<number> }
  | { readonly by: "time"; readonly column: string; readonly times: ByPart<readonly [string, string]> }
  | null;

export function splitFacts(parts: DataParts, table: SourceTable | undefined): SplitFacts {
  const of = (role: "group" | "time") => table?.columns.find((column) => column.role === role);
  const byPart = <T>(measure: (part: Dataset) => T): ByPart<T> => ({
    train: measure(parts.train),
    validation: parts.validation ? measure(parts.validation) : null,
    test: parts.test ? measure(parts.test) : null,
  });
  const [group, time] = [of("group"), of("time")];
  if (parts.train.groups && group)
    return { by: "group", column: group.name, groups: byPart(({ groups }) => new Set(groups).size) };
  if (!parts.train.times || !time) return null;
  const kind = time.kind === "date" ? ("date" as const) : ("number" as const);
  const text = (x: number) => cellText(x, { name: time.name, kind });
  return { by: "time", column: time.name, times: byPart(({ times }) => rangeOf(times!).map(text) as [string, string]) };
}

function rangeOf(values: Float64Array): readonly [number, number] {
  let [least, most] = [values[0]!, values[0]!];
  for (const x of values) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  return [least, most];
}

export function splitLines(facts: SplitFacts): string[] {
  if (facts === null) return [];
  const column = clip(facts.column, 30);
  const shown = <T>({ train, validation, test }: ByPart<T>, one: (value: T) => string) =>
    [
      `${one(train)} to train on`,
      ...(validation === null ? [] : [`${one(validation)} to judge each epoch`]),
      ...(test === null ? [] : [`${one(test)} to test on`]),
    ].join(", ");
  if (facts.by === "group") return [`  split    whole groups of ${column}: ${shown(facts.groups, count)}`];
  const range = ([first, last]: readonly [string, string]) => (first === last ? first : `${first} … ${last}`);
  return [`  split    by ${column}: ${shown(facts.times, range)}`];
}

/** Training rows with weights of mean 1, so that these keep the meaning of a learning rate; in words how. */
export function withMeanWeight(
  train: Dataset,
  table: SourceTable | undefined,
  file: string,
): { readonly train: Dataset; readonly lines: readonly string[] } {
  const { weights, rows } = train;
  if (!weights) return { train, lines: [] };
  const mean = meanWeight(train);
  const reason = `the ${plural(rows, "row")} to train on have the weight 0, so there is nothing to learn from.`;
  if (!(mean > 0)) throw new InvalidInput("BAD_SPLIT", reason, { file });
  const name = table?.columns.find(({ role }) => role === "weight")?.name ?? "weight";
  const lines = [
    `  weights  ${printable(clip(name, 30))}, divided by its mean, ${Number(mean.toPrecision(4))}; tests count each row once`,
  ];
  return { train: dividedWeights(train, mean), lines };
}
