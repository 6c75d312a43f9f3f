// Turns of the event loop between slices of work on the calling thread.

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
