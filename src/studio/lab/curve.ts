// The loss curve of a run of any length in a few hundred points: a point is the mean loss of `width` steps, and `width`
// doubles whenever there are 512 points.
import { meanOf } from "../../training/metrics.ts";
import type { CurvePoint } from "./protocol.ts";

const MOST = 512; //  points
const RECENT = 32; // steps of recentLoss, as many as in a run's progress events (training/run.ts)

/** The curve as a value, to save and to continue from. */
export type CurveState = {
  readonly width: number; //                       steps a point
  readonly points: readonly CurvePoint[];
  readonly sum: number; //                         of the losses of the unfinished point
  readonly count: number; //                       of its steps
  readonly low?: number; //                        the least of its losses
  readonly high?: number;
  readonly step: number; //                        steps in all
  readonly recent: readonly number[]; //           losses of the last steps, at most RECENT
};

export class LossCurve {
  #width: number;
  #points: CurvePoint[];
  #sum: number;
  #count: number;
  #low: number;
  #high: number;
  #step: number;
  #recent: number[]; // losses of the last steps

  constructor(from: CurveState = { width: 1, points: [], sum: 0, count: 0, step: 0, recent: [] }) {
    this.#width = from.width;
    this.#points = [...from.points];
    this.#sum = from.sum;
    this.#count = from.count;
    this.#low = from.low ?? Number.POSITIVE_INFINITY;
    this.#high = from.high ?? Number.NEGATIVE_INFINITY;
    this.#step = from.step;
    this.#recent = [...from.recent];
  }

  /** Append the mean training loss of the next step; `epoch`: epochs done after it, with fractions. */
  add(loss: number, epoch: number): void {
    this.#recent.push(loss);
    if (this.#recent.length > RECENT) this.#recent.shift();
    this.#sum += loss;
    this.#low = Math.min(this.#low, loss);
    this.#high = Math.max(this.#high, loss);
    this.#count++;
    this.#step++;
    if (this.#count < this.#width) return;
    this.#points.push({ step: this.#step, epoch, loss: this.#sum / this.#count, low: this.#low, high: this.#high });
    this.#sum = 0;
    this.#count = 0;
    this.#low = Number.POSITIVE_INFINITY;
    this.#high = Number.NEGATIVE_INFINITY;
    if (this.#points.length === MOST) this.#halve();
  }

  #halve(): void {
    const pairs = this.#points;
    this.#points = [];
    for (let k = 0; k < MOST; k += 2) {
      const [first, second] = [pairs[k]!, pairs[k + 1]!];
      this.#points.push({
        ...second,
        loss: (first.loss + second.loss) / 2,
        low: Math.min(first.low ?? first.loss, second.low ?? second.loss),
        high: Math.max(first.high ?? first.loss, second.high ?? second.loss),
      });
    }
    this.#width *= 2;
  }

  get points(): readonly CurvePoint[] {
    return this.#points.slice();
  }

  /** Mean loss of the last steps; null before the first. */
  get recentLoss(): number | null {
    return this.#recent.length === 0 ? null : meanOf(this.#recent);
  }

  state(): CurveState {
    return {
      width: this.#width,
      points: this.points,
      sum: this.#sum,
      count: this.#count,
      low: this.#low,
      high: this.#high,
      step: this.#step,
      recent: [...this.#recent],
    };
  }
}
