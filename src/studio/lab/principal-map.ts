// A map of a layer: its outputs for rows of the test part, on the two axes along which they differ most (principal
// components, by power iteration on the covariance, which is never built).
import { numbersFrom } from "../../data/stored/row-store.ts";
import { must } from "../../errors.ts";
import { PURPOSE, Random } from "../../numerics/random.ts";
import { lossTargets } from "./loss-targets.ts";
import type { LayerMap } from "./network-api.ts";
import type { OpenRun } from "./open-run.ts";

const MOST = 400; //  rows
const ROUNDS = 60; // of the power iteration

/** Of layer l, from 1; of the last one the logits. */
export async function layerMap({ run, rows, network, modelInfo }: OpenRun, l: number): Promise<LayerMap> {
  const { layers: sizes } = network;
  must(Number.isInteger(l) && l >= 1 && l < sizes.length, "layer", `an integer in [1, ${sizes.length - 1}]`, l);
  const { session, options } = run;
  const n = Math.min(rows.test.rows, MOST);
  const O = sizes[l]!;
  const values = new Float64Array(n * O);
  for (let row = 0; row < n; row += options.batchSize) {
    const length = Math.min(options.batchSize, n - row);
    const { layers } = await session.gradients(numbersFrom(rows.train.rows + row, length));
    values.set(layers[l - 1]!.output.subarray(0, length * O), row * O);
  }
  const T = modelInfo.classes.length;
  const t = modelInfo.loss && lossTargets(modelInfo, 0, rows.test, numbersFrom(0, n)).filter((_, k) => k % T === 0);
  const labels = Int32Array.from(rows.test.labels.subarray(0, n));
  return { layer: l, labels, values: t ?? null, ...principalPlane(values, n, O) };
}

/** Rows [n×O] on their two principal axes [n×2], and the share of all variance along each. */
export function principalPlane(values: Float64Array, n: number, O: number): Pick<LayerMap, "points" | "shares"> {
  const rest = centered(values, n, O);
  const total = rest.reduce((sum, x) => sum + x * x, 0);
  const points = new Float64Array(2 * n);
  const shares: number[] = [];
  for (const axis of [0, 1]) {
    const direction = principalAxis(rest, n, O, axis);
    let along = 0;
    for (let i = 0; i < n; i++) {
      let score = 0;
      for (let o = 0; o < O; o++) score += rest[i * O + o]! * direction[o]!;
      for (let o = 0; o < O; o++) rest[i * O + o]! -= score * direction[o]!;
      points[2 * i + axis] = score;
      along += score * score;
    }
    shares.push(total > 0 ? along / total : 0);
  }
  return { points, shares: [shares[0]!, shares[1]!] };
}

function centered(values: Float64Array, n: number, O: number): Float64Array {
  const out = values.slice();
  for (let o = 0; o < O; o++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += values[i * O + o]! / n;
    for (let i = 0; i < n; i++) out[i * O + o]! -= mean;
  }
  return out;
}

/** The unit vector along which centered rows differ most; its largest entry is positive. */
function principalAxis(rows: Float64Array, n: number, O: number, axis: number): Float64Array {
  const random = new Random(1, PURPOSE.sample, axis);
  let direction = unit(Float64Array.from({ length: O }, () => random.normal()));
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(O);
    for (let i = 0; i < n; i++) {
      let score = 0;
      for (let o = 0; o < O; o++) score += rows[i * O + o]! * direction[o]!;
      for (let o = 0; o < O; o++) next[o]! += score * rows[i * O + o]!;
    }
    if (next.every((x) => x === 0)) break; // no variance is left
    direction = unit(next);
  }
  const largest = direction.reduce((high, x) => (Math.abs(x) > Math.abs(high) ? x : high), 0);
  return largest < 0 ? direction.map((x) => -x) : direction;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / length);
}
