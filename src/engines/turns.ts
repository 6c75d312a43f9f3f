// Turns of the event loop between slices of work on the calling thread. Long work is written once, as a generator that
// yields now and then; it runs at once, or with turns in between.

const SLICE_MS = 20; // of work between two turns; affects pace, never results

/** `if (turns.due) await turns.take()` in a long loop keeps a program answering, and looks at its signal. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #begun = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether a slice's time is over. */
  get due(): boolean {
    return performance.now() - this.#begun > SLICE_MS;
  }

  /** Give the event loop a turn. Rejects with the signal's reason once it has aborted. */
  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#signal?.throwIfAborted();
    this.#begun = performance.now();
  }
}

/** Work that yields where it may pause. */
export type Steps<R> = Generator<undefined, R, undefined>;

/** Do all of it now. */
export function atOnce<R>(steps: Steps<R>): R {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Do it with turns of the event loop in between. Rejects with the signal's reason. */
export async function inTurns<R>(steps: Steps<R>, signal?: AbortSignal): Promise<R> {
  const turns = new Turns(signal);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (turns.due) await turns.take();
  }
}

const PIECE = 2 ** 17; // values: a millisecond or less

/** [from, to) of each piece of `length` values, with a pause after each. */
export function* eachPiece(length: number, work: (from: number, to: number) => void, piece = PIECE): Steps<void> {
  for (let from = 0; from < length; from += piece) {
    work(from, Math.min(length, from + piece));
    yield;
  }
}
