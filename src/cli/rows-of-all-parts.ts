// All labelled rows of a source as one data set, with the part and the number that each row has there.
import type { Dataset, Source } from "../data/dataset.ts";
import { joinGroups } from "../data/join-parts.ts";
import { must } from "../errors.ts";

export type AllParts = {
  readonly data: Dataset;
  /** "row 17", or "test row 17" of a source with parts: from 1. */
  place(row: number): string;
  /** The part's name, and the number from 0 in it. */
  at(row: number): { readonly part: "train" | "validation" | "test"; readonly index: number };
  /** The row's picture, of a folder of pictures. */
  file(row: number): string | undefined;
};

/** Training, validation and test rows, in this order. */
export function rowsOfAllParts({ train, validation, test, files }: Source, file: string): AllParts {
  const named = [
    ["train", train],
    ["validation", validation],
    ["test", test],
  ] as const;
  const parts = named.flatMap(([part, data]) => (data ? [{ part, data }] : []));
  const at = (row: number) => {
    let index = row;
    for (const { part, data } of parts) {
      if (index < data.rows) return { part, index };
      index -= data.rows;
    }
    throw new RangeError(`there is no row ${row}`);
  };
  const place = (row: number) => {
    const { part, index } = at(row);
    return parts.length === 1 ? `row ${index + 1}` : `${part} row ${index + 1}`;
  };
  const fileOf = (row: number) => {
    const { part, index } = at(row);
    return files?.[part]?.[index];
  };
  if (parts.length === 1) return { data: train, at, place, file: fileOf };
  const whole = (data: Dataset) => data.features instanceof Uint8Array === train.features instanceof Uint8Array;
  must(
    parts.every(({ data }) => whole(data)),
    "the parts",
    "bytes in each or numbers in each",
    "both",
    "",
    { file },
  );
  const every = parts.map(({ data }) => data);
  const optional = <K extends "targets" | "values" | "weights" | "times">(key: K) =>
    every.every((data) => data[key] !== undefined) ? concat(every.map((data) => data[key]!)) : undefined;
  const data: Dataset = {
    ...train,
    rows: every.reduce((sum, { rows }) => sum + rows, 0),
    features: concat(every.map(({ features }) => features)),
    labels: concat(every.map(({ labels }) => labels)),
    values: optional("values") as Dataset["values"],
    targets: optional("targets") as Dataset["targets"],
    weights: optional("weights") as Dataset["weights"],
    ...joinGroups(every),
    times: optional("times") as Dataset["times"],
  };
  return { data, at, place, file: fileOf };
}

/** The arrays one after another, in the type of the first, or float64 where they differ. */
function concat<T extends Dataset["features"] | Dataset["labels"]>(arrays: readonly T[]): T {
  const first = arrays[0]!;
  const same = arrays.every((array) => array.constructor === first.constructor);
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const out = same ? new (first.constructor as new (n: number) => T)(length) : (new Float64Array(length) as T);
  let at = 0;
  for (const array of arrays) {
    out.set(array as never, at);
    at += array.length;
  }
  return out;
}
