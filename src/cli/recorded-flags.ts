// How a run read its data, from its record, as the options of a command that reads the same data again.
import { dirname, resolve } from "node:path";
import { isNamed } from "../data/source.ts";
import { findRun, memberFolder } from "../files/run/run-folder.ts";
import type { RunData } from "../files/run/run-record.ts";
import type { DataFlags } from "./command-options.ts";

/** The flags that a record's choices came from, but for the place of the data. */
export function recordedFlags({ label, table, reading = {} }: RunData): DataFlags {
  const { pictures, arrays } = reading;
  const { skipBad, ...rest } = pictures ?? {};
  return { ...rest, onBad: skipBad ? "skip" : undefined, arrays, recorded: table, label: label ?? undefined };
}

/** `flags`, on top of the record's beside the model in `file` if `data` lie where that run took its own from. */
export async function flagsAsRecorded<F extends DataFlags>(file: string, data: string, flags: F): Promise<F> {
  const folder = dirname(file);
  const near = (place: string) => findRun(place).catch(() => undefined); // no record decides what a test reads
  const run = (await near(folder)) ?? (await near(memberFolder(folder, 0)));
  if (run === undefined) return flags;
  const { from, parts = {} } = run.data;
  const own = [from, parts.validation?.from, parts.test?.from].includes(isNamed(data) ? data : resolve(data));
  return own ? { ...recordedFlags(run.data), ...flags } : flags;
}

/** The words without which the data of a record, or others of their kind, cannot be read: of a test, of `predict`. */
export function readingWords({
  table,
  reading,
}: Pick<RunData, "table" | "reading">): Record<"test" | "predict", string[]> {
  const { arrays } = reading ?? {};
  const words = (names: readonly string[] | undefined) =>
    Object.entries({ "--encoding": table?.encoding, "--sheet": table?.sheet, "--arrays": names?.join(",") }).flatMap(
      ([flag, value]) => (value === undefined ? [] : [flag, value]),
    );
  return { test: words(arrays), predict: words(arrays?.slice(0, 1)) };
}
