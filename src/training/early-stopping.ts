// Early stopping: the best parameters so far, and when to stop. It compares one number an epoch, the mean loss on the
// validation split, and not its accuracy: on a small split accuracy moves in steps and ties.

/** An epoch's loss and parameters; epoch 0 are the initial ones, with an infinite loss. */
export type Candidate<P> = { readonly epoch: number; readonly loss: number; readonly parameters: P };

/** The best parameters seen so far. Without a validation split the loss is that of training. */
export class EarlyStopping<P> {
  readonly #patience: number;
  #best: Candidate<P>;

  /** `first` is kept until a candidate has a lower loss. `patience` in epochs; Infinity never stops. */
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

  /** Whether `patience` epochs in a row, the last of them `epoch`, had no lower loss than the best. */
  exhausted(epoch: number): boolean {
    return epoch - this.#best.epoch >= this.#patience;
  }
}
