// Whether a column of the tables can be believed. A column is one configuration on one thread count; the loops that
// show the machine's limits do the same in each, so a column in which they stand low was disturbed.
import { type Result, speedOf } from "./rounds.ts";
import { type Configuration, nameOf } from "./work.ts";

/** Below this share of a limit's best median in the run, a column was disturbed. */
export const CALM = 0.95;

/** How a column was measured. */
export type Column = {
  readonly threads: number;
  readonly configuration: Configuration;
  /** The least share of its best median in the run at which a limit stood; 1 where no limit was measured. */
  readonly calm: number;
  readonly tries: number;
};

/** `calm` of each configuration in `results`, which are of one thread count; `all` are those of every try. */
export function calmness(results: readonly Result[], all: readonly Result[] = results): Map<string, number> {
  const limits = (of: readonly Result[]) => of.filter(({ launch }) => launch.kind === "limit");
  const best = new Map<string, number>();
  for (const limit of limits(all))
    best.set(limit.launch.name, Math.max(speedOf(limit), best.get(limit.launch.name) ?? 0));
  const calm = new Map(results.map(({ configuration }) => [nameOf(configuration), 1]));
  for (const limit of limits(results)) {
    const name = nameOf(limit.configuration);
    calm.set(name, Math.min(calm.get(name)!, speedOf(limit) / best.get(limit.launch.name)!));
  }
  return calm;
}

/** What a reader of the tables must know of the columns: one line each that was measured again or stayed disturbed. */
export function describeColumns(columns: readonly Column[]): string[] {
  return columns.flatMap(({ threads, configuration: { H, B }, calm, tries }) => {
    const where = `(${H}, ${B}), ${threads} thread(s): the limits stood at ${Math.round(100 * calm)} % of their best in this run`;
    const after = tries === 1 ? "" : ` after ${tries} tries; the calmest is shown`;
    if (calm < CALM) return [`DISTURBED ${where}${after}. Its ratios say little.`];
    return tries === 1 ? [] : [`measured again ${where}${after}.`];
  });
}
