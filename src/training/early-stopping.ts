// Early stopping: which parameters were best so far, and when to stop waiting for better ones. It judges one number an
// epoch, the mean loss on the validation part, and not its accuracy: on a small part accuracy moves in steps and ties.

/** An epoch's loss and parameters; epoch 0 are the initial ones, with an infinite loss. */
export type Candidate<P> = { readonly epoch: number; readonly loss: number; readonly parameters: P };

/** The best parameters seen so far. Without a validation part the run offers the training loss. */
export class EarlyStopping<P> {
  readonly #patience: number;
  #best: Candidate<P>;

  /** `first` is what is kept until something better comes. `patience` in epochs; Infinity never stops. */
  constructor(first: Candidate<P>, patience: number) {
    this.#patience = patience;
    this.#best = first;
  }

  get kept(): Candidate<P> {
    return this.#best;
  }

  /** Kept if its loss is strictly lower than any before. Returns whether it was. */
  offer(candidate: Candidate<P>): boolean {
    if (!(candidate.loss < this.#best.loss)) return false;
    this.#best = candidate;
    return true;
  }

  /** Whether `patience` epochs in a row, the last of them `epoch`, brought nothing better. */
  exhausted(epoch: number): boolean {
    return epoch - this.#best.epoch >= this.#patience;
  }
}
