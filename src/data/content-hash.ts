// What a data set holds, as one number: equal for the same table in CSV, Parquet, a workbook, JSON or Arrow.
import { inTurns, type Steps } from "../engines/turns.ts";
import type { Dataset } from "./dataset.ts";
import type { Hasher } from "./file-set.ts";
import { eachRows, factsOf, type Piece } from "./stored/row-store.ts";

/**
 * SHA-256, 64 lower-case hexadecimal digits, of a data set's names, classes, shapes and values, whatever file and type
 * of array they came in: features, labels, targets, values, weights, groups and times as float64, −0 as 0. Its own
 * name is left out.
 */
export async function contentHash(data: Dataset, hasher: Hasher): Promise<string> {
  await inTurns(hashing(data, hasher));
  return hasher.digest();
}

function* hashing(data: Dataset, hasher: Hasher): Steps<void> {
  const { name: _, labels, targets, values, weights, groups, times, ...rest } = factsOf(data);
  const facts = Object.entries(rest).filter(([, value]) => value !== undefined);
  hasher.update(`${JSON.stringify(facts.sort(([a], [b]) => (a < b ? -1 : 1)))}\n`);
  yield* eachRows(data, ({ features }: Piece) => hasher.update(littleEndian(features)));
  for (const [what, numbers] of Object.entries({ labels, targets, values, weights, groups, times })) {
    if (numbers === undefined) continue;
    hasher.update(`${what}\n`);
    hasher.update(littleEndian(numbers));
    yield;
  }
}

/** As float64, the same on every machine. */
function littleEndian(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < values.length; k++) view.setFloat64(8 * k, values[k]! + 0, true);
  return bytes;
}
