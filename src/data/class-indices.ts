// Class indices in as few bytes as their number of classes allows: a stored copy of very many rows keeps them so.
import type { ClassIndices } from "../network/targets.ts";

/** Room for `rows` indices of so many classes, at most 65,536. */
export function narrowIndices(rows: number, classes: number): Uint8Array | Uint16Array {
  return classes <= 256 ? new Uint8Array(rows) : new Uint16Array(rows);
}

/** Each label by its new index in `newOf`, of so many classes; narrow where the labels were. */
export function relabeled(
  labels: ClassIndices,
  classes: number,
  newOf: (label: number, row: number) => number,
): ClassIndices {
  const wide = labels instanceof Int32Array || classes > 2 ** 16;
  const out = wide ? new Int32Array(labels.length) : narrowIndices(labels.length, classes);
  for (let i = 0; i < labels.length; i++) out[i] = newOf(labels[i]!, i);
  return out;
}
