// Rows and labels as a program holds them: number[][] and string[], from a seed.
import { blobs } from "../training/blobs.ts";

export const COLUMNS = ["sl", "sw", "pl", "pw"];

/** Three kinds, easy to tell apart. `stream` draws other rows of the same kinds. */
export function flowers(rows: number, stream = 0, spread = 0.7): { X: number[][]; y: string[] } {
  const { features, labels } = blobs(rows, { stream, spread });
  const names = ["setosa", "versicolor", "virginica"];
  return {
    X: Array.from({ length: rows }, (_, i) => [...features.subarray(4 * i, 4 * i + 4)]),
    y: Array.from(labels, (c) => names[c]!),
  };
}
