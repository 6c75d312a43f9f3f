// Rows of a test part that the training part has too: a network may have learned them by heart, so they test nothing.
import type { Dataset } from "./dataset.ts";

/** How many rows of `test` have exactly the features of some row of `train`, as float32. */
export function countSharedRows(train: Dataset, test: Dataset): number {
  const { cols } = train;
  const hashed = new Map<number, number[]>();
  const seen = rowHashes(train);
  for (let i = 0; i < train.rows; i++) {
    const same = hashed.get(seen[i] as number);
    if (same) same.push(i);
    else hashed.set(seen[i] as number, [i]);
  }
  const equal = (i: number, t: number) => {
    for (let j = 0; j < cols; j++)
      if (Math.fround(train.features[i * cols + j] as number) !== Math.fround(test.features[t * cols + j] as number))
        return false;
    return true;
  };
  let shared = 0;
  rowHashes(test).forEach((hash, t) => {
    if (
      hashed
        .get(hash)
        ?.slice(0, 16)
        .some((i) => equal(i, t))
    )
      shared++; // 16: a file made of collisions must not cost N²
  });
  return shared;
}

/** The sentence about them, if there are any. */
export function sharedRowsWarning(train: Dataset, test: Dataset): string[] {
  const shared = countSharedRows(train, test);
  if (shared === 0) return [];
  const many = shared === 1 ? "1 test row is" : `${shared} test rows are`;
  return [`${many} also among the training rows, of ${test.rows}: the test is easier than it looks.`];
}

/** FNV-1a over the float32 words of each row. */
function rowHashes({ features, rows, cols }: Dataset): Int32Array {
  const row = new Float32Array(cols);
  const words = new Int32Array(row.buffer);
  return Int32Array.from({ length: rows }, (_, i) => {
    row.set(features.subarray(i * cols, (i + 1) * cols));
    let hash = 0x811c9dc5 | 0;
    for (let j = 0; j < cols; j++) hash = Math.imul(hash ^ (words[j] as number), 0x01000193);
    return hash;
  });
}
