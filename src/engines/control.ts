// The integers that the threads of a team share besides the arrays: barrier, progress, stop and failure, in the plan's
// control span.
import type { Memory } from "../network/memory.ts";
import { MOST_THREADS, PAD, type Plan } from "../network/plan.ts";

/**
 * Places of the words, for tests that break things too. Each thread's queue counter follows from QUEUES on, a cache
 * line (PAD integers) apart, with the stages of the row pass that it has done beside it; then the parts of W.
 */
export const WORD = {
  arrived: 0, //    threads at the barrier
  round: 1, //      counts up at every release
  sleepers: 2, //   threads that may be asleep on `round`
  failed: 3, //     1 once a thread has failed or died: every wait ends with TeamBroken
  notFinite: 4, //  1 once a thread has met a loss that is not finite
  stopWanted: 5, // 1 once the caller wants the training to end; may be set at any time
  stopping: 6, //   this step's copy of the wish to stop, the same for every thread
  steps: 7, //      steps done, for progress
  begun: 8, //      positions of an evaluation that a thread has begun
} as const;
const QUEUES = PAD;
const STAGES = QUEUES + 1;
const PARTS = QUEUES + MOST_THREADS * PAD;

const LOOKS = 64; //     half a microsecond of looks, as long as giving way takes
const SLEEP_MS = 100; // longest sleep between two looks at `failed`

/** How a thread waits for its team. */
export type Waiting = {
  /** Looks at a barrier before sleeping; few where threads outnumber processors. */
  readonly spins: number;
  /** Called between them, so that a thread that shares this one's processor gets there. */
  readonly giveWay?: (() => void) | undefined;
};

/** Another thread failed; this one stops too. The thread that failed reports the reason. */
export class TeamBroken extends Error {}

export class Control {
  readonly #words: Int32Array;

  constructor({ control }: Plan, { integers }: Memory) {
    this.#words = integers.subarray(control.offset, control.offset + control.length);
  }

  /** Before a job, while no thread works. */
  reset(): void {
    for (const word of [WORD.notFinite, WORD.stopWanted, WORD.stopping, WORD.steps, WORD.begun]) this.#set(word, 0);
  }

  /** Forget a failure, once every thread that met it has ended. */
  mend(): void {
    for (const word of [WORD.failed, WORD.arrived, WORD.sleepers]) this.#set(word, 0);
  }

  get steps(): number {
    return this.#get(WORD.steps);
  }

  set steps(steps: number) {
    this.#set(WORD.steps, steps);
  }

  get notFinite(): boolean {
    return this.#get(WORD.notFinite) !== 0;
  }

  set notFinite(met: boolean) {
    this.#set(WORD.notFinite, Number(met));
  }

  get stopWanted(): boolean {
    return this.#get(WORD.stopWanted) !== 0;
  }

  set stopWanted(wanted: boolean) {
    this.#set(WORD.stopWanted, Number(wanted));
  }

  get stopping(): boolean {
    return this.#get(WORD.stopping) !== 0;
  }

  set stopping(stopping: boolean) {
    this.#set(WORD.stopping, Number(stopping));
  }

  /** The first of `count` positions of an evaluation that no thread has begun. */
  beginPositions(count: number): number {
    return Atomics.add(this.#words, WORD.begun, count);
  }

  /** The first slice in `thread`'s queue that no thread has begun; past the queue's end there is none left. */
  beginSlice(thread: number): number {
    return Atomics.add(this.#words, QUEUES + thread * PAD, 1);
  }

  /** Put every slice back into `thread`'s queue. Only between two barriers in which no thread takes slices. */
  refillQueue(thread: number): void {
    this.#set(QUEUES + thread * PAD, 0);
  }

  /** Count stages of the row pass as done by `thread`; the counts run on from step to step, and around. */
  addStages(thread: number, count: number): void {
    Atomics.add(this.#words, STAGES + thread * PAD, count);
  }

  stagesOf(thread: number): number {
    return this.#get(STAGES + thread * PAD);
  }

  /** Count a slice of a part of W as done. */
  addToPart(part: number): void {
    Atomics.add(this.#words, PARTS + part, 1);
  }

  slicesOfPart(part: number): number {
    return this.#get(PARTS + part);
  }

  /** Mark the team as failed and wake every sleeper. Any thread may call it, also one that is not in the team. */
  breakTeam(): void {
    this.#set(WORD.failed, 1);
    Atomics.notify(this.#words, WORD.round);
  }

  /**
   * Return once all of `threads` have called `meet`. Spins `spins` times and gives way now and then, then sleeps, never
   * without a time-out. Raises TeamBroken after a failure.
   */
  meet(threads: number, { spins, giveWay }: Waiting): void {
    const round = this.#get(WORD.round);
    if (Atomics.add(this.#words, WORD.arrived, 1) === threads - 1) {
      this.#set(WORD.arrived, 0); // before the release: no thread touches it until then
      Atomics.add(this.#words, WORD.round, 1);
      if (this.#get(WORD.sleepers) > 0) Atomics.notify(this.#words, WORD.round);
      return;
    }
    for (let spin = 1; spin <= spins; spin++) {
      if (this.#get(WORD.round) !== round) return;
      if (spin % LOOKS === 0) giveWay?.();
    }
    // `sleepers` goes up before the sleep compares `round`, so a release either sees the sleeper or is seen by it
    Atomics.add(this.#words, WORD.sleepers, 1);
    while (this.#get(WORD.round) === round) {
      if (this.#get(WORD.failed) !== 0) throw new TeamBroken("another thread failed");
      Atomics.wait(this.#words, WORD.round, round, SLEEP_MS);
    }
    Atomics.sub(this.#words, WORD.sleepers, 1);
  }

  #get(word: number): number {
    return Atomics.load(this.#words, word);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, word, value);
  }
}
