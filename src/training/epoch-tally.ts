// The tally of one epoch: the sum of its rows' losses and the number of its hits so far, added up by position in the
// epoch's order, and the time its steps took. Positions, not threads, decide the order of the sum, so a mean loss has
// the same bits on any machine, and a stop changes none.
import type { Session, StepResults } from "../engines/engine.ts";
import { countHits, meanOf } from "./metrics.ts";
import type { TrainingOptions } from "./options.ts";
import type { EpochRows, EpochSums, RunState } from "./run-state.ts";

const NONE = new Float64Array(0);

export class EpochTally {
  readonly #most: number; // losses that are kept for the mean of the newest
  #lossSum: number;
  #hits: number;
  #seconds: number;
  #recent: Float64Array = NONE; // of the last rows that were added
  #done: number; //                positions that were added

  /** Of the sums of a state; the mean of the newest losses is over at most `recent` steps. */
  constructor(
    { lossSum, hits }: EpochSums,
    { step, seconds }: Pick<RunState, "step" | "seconds">,
    { batchSize }: Pick<TrainingOptions, "batchSize">,
    recent: number,
  ) {
    this.#most = recent * batchSize;
    this.#lossSum = lossSum;
    this.#hits = hits;
    this.#seconds = seconds;
    this.#done = step * batchSize;
  }

  addSeconds(seconds: number): void {
    this.#seconds += seconds;
  }

  /** Results of the next steps, whose rows stand in `order`; `labels` [N] are those of all rows. */
  add({ losses, predictions }: StepResults, order: Uint32Array, labels: ArrayLike<number>): void {
    for (const loss of losses) this.#lossSum += loss;
    this.#hits += countHits(predictions, labels, order);
    const before = this.#recent.subarray(Math.min(this.#recent.length, losses.length));
    const newest = new Float64Array(Math.min(this.#most, before.length + losses.length));
    const kept = before.subarray(Math.max(0, before.length + losses.length - newest.length));
    newest.set(kept);
    newest.set(losses.subarray(losses.length - (newest.length - kept.length)), kept.length);
    this.#recent = newest;
    this.#done += losses.length;
  }

  /** Mean loss of positions [begin, end), as far as they are known: those not added yet are still in the session. */
  recentLoss(session: Pick<Session, "readLosses">, begin: number, end: number): number {
    const first = this.#done - this.#recent.length;
    const added = this.#recent.subarray(Math.max(0, begin - first));
    const fresh = session.readLosses(Math.max(0, begin - this.#done), end - this.#done);
    const both = new Float64Array(added.length + fresh.length);
    both.set(added);
    both.set(fresh, added.length);
    return meanOf(both);
  }

  state(): { readonly tally: EpochSums; readonly seconds: number } {
    return { tally: { lossSum: this.#lossSum, hits: this.#hits }, seconds: this.#seconds };
  }

  /** Of a private run's epoch over about `rows` rows: its pace alone. */
  pace(rows: number): { loss: null; accuracy: null; seconds: number; examplesPerSecond: number } {
    const seconds = this.#seconds;
    return { loss: null, accuracy: null, seconds, examplesPerSecond: rows / Math.max(seconds, 1e-9) };
  }

  /** Figures of the whole epoch of `rows` rows. */
  figures(rows: number) {
    const seconds = this.#seconds;
    return {
      loss: this.#lossSum / rows,
      accuracy: this.#hits / rows,
      seconds,
      examplesPerSecond: rows / Math.max(seconds, 1e-9), // finite where a clock stands still
    };
  }

  /** The next epoch begins. */
  restart(): void {
    [this.#lossSum, this.#hits, this.#seconds, this.#recent, this.#done] = [0, 0, 0, NONE, 0];
  }
}

/** The sums of rows that an earlier version kept, which stand in `order`; `labels` [N] are those of all rows. */
export function sumsOf(tally: EpochSums | EpochRows, order: () => Uint32Array, labels: ArrayLike<number>): EpochSums {
  if ("lossSum" in tally) return tally;
  const { losses, predictions } = tally;
  const lossSum = losses.reduce((sum, loss) => sum + loss, 0);
  return { lossSum, hits: losses.length === 0 ? 0 : countHits(predictions, labels, order()) };
}
