// A product of matrices in plain loops: the definition beside an engine's.
import { emptyLike, type Floats } from "../network/memory.ts";

/** rows [n×K] · W [K×M]: [n×M], summed in index order in float64. */
export function plainProduct(rows: Floats, W: Floats, M: number): Floats {
  const K = W.length / M;
  const n = rows.length / K;
  const out = emptyLike(rows, n * M);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < M; j++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += rows[i * K + k]! * W[k * M + j]!;
      out[i * M + j] = sum;
    }
  return out;
}
