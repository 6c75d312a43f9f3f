// The tally of one epoch: loss and prediction of every training row so far, by position in the epoch's order, and the
// time its steps took. Positions, not threads, decide the order of the sums, so a mean loss has the same bits on any
// machine.
import type { Session, StepResults } from "../engines/engine.ts";
import { meanOf } from "./metrics.ts";
import type { RunState } from "./run-state.ts";

export class EpochTally {
  readonly #losses: Float64Array; //     [N] in the order of the epoch
  readonly #predictions: Uint8Array | Int32Array; // [N], bytes where outputs are so few
  #seconds: number;

  constructor(
    rows: number,
    outputs: number,
    { losses, predictions, seconds }: Pick<RunState, "losses" | "predictions" | "seconds">,
  ) {
    this.#losses = new Float64Array(rows);
    this.#predictions = new (outputs <= 256 ? Uint8Array : Int32Array)(rows);
    this.#losses.set(losses);
    this.#predictions.set(predictions);
    this.#seconds = seconds;
  }

  addSeconds(seconds: number): void {
    this.#seconds += seconds;
  }

  /** Results of the steps that begin at position `at` of the order. */
  add(at: number, { losses, predictions }: StepResults): void {
    this.#losses.set(losses, at);
    this.#predictions.set(predictions, at);
  }

  /** Mean loss of positions [begin, end); those of a call that began at position `at` are still in the session. */
  recentLoss(session: Pick<Session, "readLosses">, at: number, begin: number, end: number): number {
    const fresh = Math.max(begin, at);
    this.#losses.set(session.readLosses(fresh - at, end - at), fresh);
    return meanOf(this.#losses.subarray(begin, end));
  }

  /** Copies of the first `count` rows' results. */
  state(count: number): Pick<RunState, "losses" | "predictions" | "seconds"> {
    return {
      losses: this.#losses.slice(0, count),
      predictions: Int32Array.from(this.#predictions.subarray(0, count)),
      seconds: this.#seconds,
    };
  }

  /** Of a private run's epoch over about `rows` rows: its pace alone. */
  pace(rows: number): { loss: null; accuracy: null; seconds: number; examplesPerSecond: number } {
    const seconds = this.#seconds;
    return { loss: null, accuracy: null, seconds, examplesPerSecond: rows / Math.max(seconds, 1e-9) };
  }

  /** Figures of the whole epoch, in its `order` [N] of the rows with these `labels` [N]. */
  figures(order: Uint32Array, labels: Int32Array) {
    const seconds = this.#seconds;
    let hits = 0;
    for (let i = 0; i < order.length; i++) if (this.#predictions[i] === labels[order[i]!]) hits++;
    return {
      loss: meanOf(this.#losses),
      accuracy: hits / order.length,
      seconds,
      examplesPerSecond: order.length / Math.max(seconds, 1e-9), // finite where a clock stands still
    };
  }

  /** The next epoch begins; its results replace these one by one. */
  restart(): void {
    this.#seconds = 0;
  }
}
