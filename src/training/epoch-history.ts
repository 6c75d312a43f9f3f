// A run's epochs in a memory that never grows: how many, the latest and the best record, and the curve of the loss in
// at most 2,048 points. A point is the mean loss of `span` epochs; `span` doubles when the points are used up.
import type { EpochRecord } from "./training-result.ts";

const MOST = 2048;

/** The epochs of a run in short: their number, the latest and the best record, the curve of the loss. */
export class EpochHistory {
  /** Epochs so far. */
  count = 0;
  /** Seconds spent in their steps. */
  seconds = 0;
  /** The latest record. */
  last: EpochRecord | undefined;
  /** The record with the lowest loss. */
  best: EpochRecord | undefined;
  #points: number[] = [];
  #span = 1;
  #sum = 0; //  of the losses of the unfinished point
  #part = 0; // epochs in it

  constructor(records: Iterable<EpochRecord> = []) {
    for (const record of records) this.add(record);
  }

  /** The record of the next epoch. */
  add(record: EpochRecord): void {
    this.count++;
    this.seconds += record.seconds;
    this.last = record;
    if (record.best) this.best = record;
    if (record.trainLoss === null) return; // of a private run: no curve
    this.#sum += record.trainLoss;
    this.#part++;
    if (this.#part < this.#span) return;
    this.#points.push(this.#sum / this.#part);
    this.#sum = 0;
    this.#part = 0;
    if (this.#points.length === MOST) this.#halve();
  }

  #halve(): void {
    const points = this.#points;
    this.#points = Array.from({ length: MOST / 2 }, (_, k) => (points[2 * k]! + points[2 * k + 1]!) / 2);
    this.#span *= 2;
  }

  /** Mean training losses of `span` epochs each, in their order. */
  get losses(): readonly number[] {
    return this.#points;
  }

  /** The record of `epoch`, where it is still here: the latest or the best. */
  record(epoch: number): EpochRecord | undefined {
    return [this.last, this.best].find((record) => record?.epoch === epoch);
  }
}
