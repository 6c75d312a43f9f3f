// Who does which piece of a pass: each thread its own pieces first, in order, then what is left of the others', so that a processor
// slowed from outside holds up nobody by more than a piece. The pieces are the same in every step; only who does them is not.
import { PAD } from "../network/plan.ts";

const LINE = PAD; // each counter has a cache line of its own

export class Shares {
  readonly #taken: Int32Array;
  readonly #thread: number;
  readonly #threads: number;

  /** `taken`: memory of all threads, a line for each. Its word says how many of that thread's pieces are begun. */
  constructor(taken: Int32Array, thread: number, threads: number) {
    this.#taken = taken;
    this.#thread = thread;
    this.#threads = threads;
  }

  /** Put this thread's pieces up again: while no thread is in `each`, with a barrier before the next one is. */
  renew(): void {
    Atomics.store(this.#taken, this.#thread * LINE, 0);
  }

  /** Do pieces that nobody has begun until there are none. `pieces[t]` are thread t's own. */
  each<P>(pieces: readonly (readonly P[])[], work: (piece: P) => void): void {
    for (let i = 0; i < this.#threads; i++) {
      const owner = (this.#thread + i) % this.#threads;
      const theirs = pieces[owner]!;
      const next = () => Atomics.add(this.#taken, owner * LINE, 1);
      for (let n = next(); n < theirs.length; n = next()) work(theirs[n]!);
    }
  }
}
