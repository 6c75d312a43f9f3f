// What a data set holds, as one number: equal for the same table in CSV, Parquet, a workbook, JSON or Arrow.
import { sha256 } from "../numerics/sha256.ts";
import type { Dataset } from "./dataset.ts";

/**
 * SHA-256, 64 lower-case hexadecimal digits, of a data set's names, classes, shapes and values, whatever file and type
 * of array they came in: features and weights as float64, −0 as 0. Its own name is left out.
 */
export async function contentHash(data: Dataset): Promise<string> {
  const { name: _, features, labels, targets, weights, ...rest } = data;
  const facts = Object.entries(rest).filter(([, value]) => value !== undefined);
  const head = JSON.stringify(facts.sort(([a], [b]) => (a < b ? -1 : 1)));
  return sha256(
    new TextEncoder().encode(`${head}\n`),
    littleEndian(features),
    littleEndian(labels),
    littleEndian(targets ?? []),
    littleEndian(weights ?? []),
  );
}

/** As float64, the same on every machine. */
function littleEndian(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < values.length; k++) view.setFloat64(8 * k, values[k]! + 0, true);
  return bytes;
}
