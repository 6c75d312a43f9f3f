// The loss curve of a run of any length in a few hundred points: every point is the mean of as many steps, twice as many when it gets long.
import type { CurvePoint } from "./protocol.ts";

const MOST = 512; // points

/** A value, so that it can be kept and gone on with. */
export type CurveState = {
  readonly width: number; //                       steps a point
  readonly points: readonly CurvePoint[];
  readonly sum: number; //                         of the losses of the point at hand
  readonly count: number; //                       steps in it
  readonly step: number; //                        steps in all
};

export class Curve {
  #width: number;
  #points: CurvePoint[];
  #sum: number;
  #count: number;
  #step: number;

  constructor(from: CurveState = { width: 1, points: [], sum: 0, count: 0, step: 0 }) {
    this.#width = from.width;
    this.#points = [...from.points];
    this.#sum = from.sum;
    this.#count = from.count;
    this.#step = from.step;
  }

  /** The mean training loss of the next step. */
  add(loss: number): void {
    this.#sum += loss;
    this.#count++;
    this.#step++;
    if (this.#count < this.#width) return;
    this.#points.push({ step: this.#step, loss: this.#sum / this.#count });
    this.#sum = 0;
    this.#count = 0;
    if (this.#points.length === MOST) this.#halve();
  }

  #halve(): void {
    const pairs = this.#points;
    this.#points = [];
    for (let k = 0; k < MOST; k += 2)
      this.#points.push({ step: pairs[k + 1]!.step, loss: (pairs[k]!.loss + pairs[k + 1]!.loss) / 2 });
    this.#width *= 2;
  }

  get points(): readonly CurvePoint[] {
    return this.#points.slice();
  }

  state(): CurveState {
    return { width: this.#width, points: this.points, sum: this.#sum, count: this.#count, step: this.#step };
  }
}
