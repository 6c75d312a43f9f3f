// Observed softmax and loss at chosen logits, for E2 … E8: a one-layer network whose weights are the logits and whose
// inputs are unit rows, so that z is exactly the chosen row in every implementation.
import { defineNetwork } from "../network/network.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { type Ball, exact } from "./ball.ts";
import type { Case } from "./case.ts";
import { type Dual, seed as variable } from "./dual.ts";
import type { Implementation, Observation } from "./implementation.ts";
import { softmaxBounds } from "./loss-bounds.ts";
import { crossEntropy } from "./oracle-losses.ts";

/** Rows of C logits, exact in float32; the first `mild` of them are mild. */
export type Logits = { readonly rows: readonly (readonly number[])[]; readonly mild: number };

/** Random logits and those of the case, the mild ones first; then ties, ±10⁴, ±3·10³⁸ and the edges of exp. */
export function chooseLogits(c: Case, seed: number): Logits {
  const C = c.width(c.depth);
  const count = C <= 64 ? 8 : 2;
  const random = new Random(seed, PURPOSE.check, 2);
  const own = Array.from({ length: Math.min(count, c.rows) }, (_, i) =>
    Array.from(c.full.observation.outputs.at(-1)!.subarray(i * C, (i + 1) * C)),
  );
  const drawn = Array.from({ length: count }, () => Array.from({ length: C }, () => 3 * random.normal()));
  const each = (f: (k: number) => number) => Array.from({ length: C }, (_, k) => f(k));
  const extremes = [
    each(() => 0),
    each((k) => (k % 2 ? -1e4 : 1e4)),
    each(() => -1e4),
    each((k) => (k === 0 ? 1e4 : 0)),
    each((k) => (k === 0 ? -1e4 : k)),
    each((k) => (k === C - 1 ? 3e38 : -3e38)),
    each((k) => 88 + k),
    each((k) => 709 + k),
    each((k) => -745 - k),
    each((k) => k * 1e-6),
  ];
  const mild = [...own.filter(isMild), ...drawn];
  const wild = [...own.filter((row) => !isMild(row)), ...extremes];
  return { rows: [...mild, ...wild].map((row) => row.map(Math.fround)), mild: mild.length };
}

/** Logits whose exp needs no shift and whose softmax does not underflow, as the literal formulas of E2 and E6 need. */
const isMild = (row: readonly number[]): boolean => row.every((z) => Math.abs(z) <= 30);

/** The observation (δ and ℓ) at these logits, for labels or target rows. */
export async function observeLogits(
  implementation: Implementation,
  { rows }: Logits,
  labels: Int32Array,
  targets?: Float64Array,
): Promise<Observation> {
  const [K, C] = [rows.length, rows[0]!.length];
  const parameters = new Float64Array((K + 1) * C);
  rows.forEach((row, i) => {
    parameters.set(row, i * C);
  });
  const features = Float64Array.from({ length: K * K }, (_, at) => (Math.floor(at / K) === at % K ? 1 : 0));
  const network = defineNetwork([K, C]);
  const run = await implementation.open({
    network,
    parameters,
    batchSize: K,
    features,
    labels,
    targets,
  });
  const observation = await run.gradients(Uint32Array.from({ length: K }, (_, i) => i));
  await run.close();
  return observation;
}

/** The observed S(z), each entry with its bound: S_c = δ_c of a run whose label is not c. */
export async function observeSoftmax(implementation: Implementation, logits: Logits): Promise<Ball[][]> {
  const C = logits.rows[0]!.length;
  const labels = (y: number) => new Int32Array(logits.rows.length).fill(y % C);
  const [first, second] = [
    await observeLogits(implementation, logits, labels(0)),
    await observeLogits(implementation, logits, labels(1)),
  ];
  return logits.rows.map((row, i) =>
    row.map((_, c) => {
      const [observation, label] = c === 0 ? [second, 1 % C] : [first, 0];
      const t = oneHot(C, label);
      const { deltas } = softmaxBounds(row.map(exact), t, implementation.precision);
      return { v: observation.deltas[0]![i * C + c]! + t[c]!.v, e: deltas[c]!.e }; // with one class S = δ + 1
    }),
  );
}

/** S and ℓ over dual numbers whose variables are z. */
export function softmaxDuals(row: readonly number[], targets: readonly Ball[]): { S: readonly Dual[]; loss: Dual } {
  return crossEntropy(
    row.map((z, k) => variable(z, k, row.length)),
    targets,
  );
}

export const oneHot = (C: number, label: number): Ball[] =>
  Array.from({ length: C }, (_, c) => exact(c === label ? 1 : 0));

/** Random probability rows [K×C], exact in float32, each summing to 1 within rounding. */
export function probabilityRows(K: number, C: number, seed: number): Float64Array {
  const random = new Random(seed, PURPOSE.check, 3);
  const out = new Float64Array(K * C);
  for (let i = 0; i < K; i++) {
    const draws = Array.from({ length: C }, (_, c) => (c === i % C ? 1 + random.uniform() : random.uniform()));
    const total = draws.reduce((x, y) => x + y, 0);
    draws.forEach((draw, c) => {
      out[i * C + c] = Math.fround(draw / total);
    });
  }
  return out;
}
