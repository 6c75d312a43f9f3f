// Where the threads of a crew meet, over the control words of a plan. Spins briefly, then sleeps; never waits without a time-out and
// never past a failure. Not a lock: nobody owns anything here.

/** Places in the plan's control words. */
export const CONTROL = {
  arrived: 0, //    threads at the barrier
  round: 1, //      counts up at every release
  sleepers: 2, //   threads that may be asleep on `round`
  failed: 3, //     1 once a thread has failed or died: every wait ends with CrewBroken
  notFinite: 4, //  1 once a thread has met a loss that is not finite
  stopWanted: 5, // 1 once the caller wants the walk to end; may be set at any time
  stopping: 6, //   the step's answer to `stopWanted`, the same for every thread
  steps: 7, //      steps walked, for progress
  begun: 8, //      positions of an evaluation that a thread has begun
  taken: 16, //     what shares.ts counts, a cache line for each thread
} as const;

const SLEEP_MS = 100; // longest sleep between two looks at `failed`

/** Another thread failed; this one stops too. The thread that failed reports the reason. */
export class TeamBroken extends Error {}

export class Barrier {
  readonly #control: Int32Array;
  readonly #threads: number;
  readonly #spins: number;

  /** `control`: the plan's control words in shared memory. `spins`: looks before sleeping; few where threads outnumber processors. */
  constructor(control: Int32Array, threads: number, spins: number) {
    this.#control = control;
    this.#threads = threads;
    this.#spins = spins;
  }

  /** Return once all threads have called `meet`. Raises CrewBroken if one of them cannot come any more. */
  meet(): void {
    const c = this.#control;
    const round = Atomics.load(c, CONTROL.round);
    if (Atomics.add(c, CONTROL.arrived, 1) === this.#threads - 1) {
      Atomics.store(c, CONTROL.arrived, 0); // before the release: nobody else touches it until then
      Atomics.add(c, CONTROL.round, 1);
      if (Atomics.load(c, CONTROL.sleepers) > 0) Atomics.notify(c, CONTROL.round);
      return;
    }
    for (let spin = 0; spin < this.#spins; spin++) if (Atomics.load(c, CONTROL.round) !== round) return;
    // `sleepers` goes up before the sleep compares `round`, so a release either sees the sleeper or is seen by it
    Atomics.add(c, CONTROL.sleepers, 1);
    while (Atomics.load(c, CONTROL.round) === round) {
      if (Atomics.load(c, CONTROL.failed) !== 0) throw new TeamBroken("another thread failed");
      Atomics.wait(c, CONTROL.round, round, SLEEP_MS);
    }
    Atomics.sub(c, CONTROL.sleepers, 1);
  }
}

/** Mark the crew as failed and wake every sleeper. Any thread may call it, the one that only watches too. */
export function breakTeam(control: Int32Array): void {
  Atomics.store(control, CONTROL.failed, 1);
  Atomics.notify(control, CONTROL.round);
}
