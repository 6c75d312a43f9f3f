// The gradient noise scale at the parameters that a session holds, with the standard error of its estimate.
import type { Session } from "../engines/engine.ts";
import { must } from "../errors.ts";
import { squaredNorm } from "../gradients/example-norms.ts";
import { type GradientNoise, gradientNoise } from "../gradients/noise-scale.ts";
import { packGradients } from "../network/memory.ts";
import type { EpochRecord } from "./training-result.ts";

/** An estimate of the noise, with its own uncertainty. */
export type MeasuredNoise = NonNullable<EpochRecord["noise"]>;

/** Rows of a measurement in a run: a sixtieth of an epoch of 60,000. */
export const NOISE_ROWS = 1024;
const GROUPS = 8; // of batches, left out one at a time

/**
 * tr Σ, ‖G‖² and their quotient from the gradients of the rows of `order` (2 or more) at the session's parameters,
 * which stay as they are. Of the loss that is minimized, without weight decay. No example's gradient is formed.
 */
export async function measureNoise(session: Session, order: Uint32Array): Promise<MeasuredNoise> {
  must(typeof session?.gradients === "function", "session", "a session of an engine", session);
  const of = "row numbers, 2 or more";
  must(order instanceof Uint32Array && order.length >= 2, "order", of, order);
  const { batchSize: B } = session;
  const count = Math.min(GROUPS, Math.ceil(order.length / B));
  const groups: Group[] = [];
  for (let at = 0; at < order.length; at += B) {
    const { layers, losses } = await session.gradients(order.subarray(at, Math.min(order.length, at + B)));
    const n = losses.length;
    const gradient = packGradients(layers);
    const g = (at / B) % count;
    groups[g] ??= { rows: 0, squares: 0, sum: new Float64Array(gradient.length) };
    const group = groups[g]!;
    group.rows += n;
    for (let i = 0; i < gradient.length; i++) group.sum[i]! += n * gradient[i]!;
    for (const { input, delta } of layers) {
      const [I, O] = [input.length / n, delta.length / n];
      for (let r = 0; r < n; r++) group.squares += (squaredNorm(input, r * I, I) + 1) * squaredNorm(delta, r * O, O);
    }
  }
  const whole = noiseOf(groups);
  return { ...whole, standardError: jackknife(groups) };
}

/** How often a run measures its noise: never, after every epoch, or "at times": in a tenth of its time at most. */
export type NoiseOften = boolean | "at times";

const TIMES = 10; // "at times": so many times as long as a measurement the run trains before the next

/** The noise after the epochs of a run. */
export class EpochNoise {
  readonly #session: Session;
  readonly #often: NoiseOften;
  #trained = Number.POSITIVE_INFINITY; // seconds since the last measurement
  #took = 0; //                           seconds of that

  constructor(session: Session, often: NoiseOften) {
    this.#session = session;
    this.#often = often;
  }

  /** After an epoch over `order` that took so many seconds, perhaps the last; undefined where it is not measured. */
  async after(order: Uint32Array, seconds: number, last: boolean): Promise<MeasuredNoise | undefined> {
    this.#trained += seconds;
    const due = this.#often === true || (this.#often && (last || this.#trained >= TIMES * this.#took));
    if (!due || order.length < 2) return undefined;
    const begun = performance.now();
    const measured = await measureNoise(this.#session, order.slice(0, NOISE_ROWS));
    this.#took = (performance.now() - begun) / 1000;
    this.#trained = 0;
    return measured;
  }
}

type Group = { rows: number; squares: number; readonly sum: Float64Array };

function noiseOf(groups: readonly Group[]): GradientNoise {
  const rows = groups.reduce((total, group) => total + group.rows, 0);
  const squares = groups.reduce((total, group) => total + group.squares, 0);
  let squaredSum = 0;
  for (let i = 0; i < groups[0]!.sum.length; i++) {
    let sum = 0;
    for (const group of groups) sum += group.sum[i]!;
    squaredSum += sum * sum;
  }
  return gradientNoise(rows, squares, squaredSum / rows ** 2);
}

/** √((K − 1)/K Σ(s_k − s̄)²) of the scales without group k. */
function jackknife(groups: readonly Group[]): number | null {
  const K = groups.length;
  if (K < 2) return null;
  const scales = groups.map((_, k) => noiseOf(groups.filter((_group, other) => other !== k)).scale);
  if (!scales.every((scale) => scale !== null)) return null;
  const mean = scales.reduce((sum, scale) => sum + scale / K, 0);
  return Math.sqrt(((K - 1) / K) * scales.reduce((sum, scale) => sum + (scale - mean) ** 2, 0));
}
