// The records of a run's epochs. A caller that keeps them elsewhere takes them away, so that a run of any length needs
// the same memory.
import type { RunState } from "./run-state.ts";
import type { EpochRecord } from "./training-result.ts";

export class EpochRecords {
  #held: EpochRecord[];
  #taken: number;
  #takenSeconds: number;

  constructor({ epochs, earlier }: Pick<RunState, "epochs" | "earlier">) {
    this.#held = [...epochs];
    this.#taken = earlier?.count ?? 0;
    this.#takenSeconds = earlier?.seconds ?? 0;
  }

  /** Epochs that ended. */
  get count(): number {
    return this.#taken + this.#held.length;
  }

  /** Spent in the steps of all of them. */
  get seconds(): number {
    return this.#held.reduce((sum, { seconds }) => sum + seconds, this.#takenSeconds);
  }

  add(record: EpochRecord): void {
    this.#held.push(record);
  }

  take(): readonly EpochRecord[] {
    const held = this.#held;
    this.#takenSeconds = this.seconds;
    this.#taken = this.count;
    this.#held = [];
    return held;
  }

  /** Those that were not taken. */
  get held(): readonly EpochRecord[] {
    return [...this.#held];
  }

  state(): Pick<RunState, "epochs" | "earlier"> {
    const earlier = this.#taken > 0 ? { count: this.#taken, seconds: this.#takenSeconds } : undefined;
    return { epochs: this.held, earlier };
  }
}
