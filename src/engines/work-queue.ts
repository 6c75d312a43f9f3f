// Work stealing for the weight pass. A thread runs its own slices, then slices that no other thread has begun, so a
// slow core delays a step by at most one slice. Which thread runs a slice never changes a bit.
import type { Rank } from "./backend.ts";
import type { Control } from "./control.ts";

export class WorkQueue {
  readonly #control: Control;
  readonly #rank: Rank;

  constructor(control: Control, rank: Rank) {
    this.#control = control;
    this.#rank = rank;
  }

  /** Put this thread's slices back. Only while no thread is inside `each`, with a barrier before the next `each`. */
  refill(): void {
    this.#control.refillQueue(this.#rank.thread);
  }

  /** Run `work` on slices that no thread has begun until none is left. `slices[t]` are thread t's own. */
  each<S>(slices: readonly (readonly S[])[], work: (slice: S) => void): void {
    const { thread, threads } = this.#rank;
    for (let i = 0; i < threads; i++) {
      const owner = (thread + i) % threads;
      const queue = slices[owner]!;
      const next = () => this.#control.beginSlice(owner);
      for (let n = next(); n < queue.length; n = next()) work(queue[n]!);
    }
  }
}
