// Early stopping: which parameters were best so far, and when to stop waiting for better ones. It judges one number an epoch,
// the mean loss on the validation part, and not its accuracy: on a small part accuracy moves in steps and ties.

/** The best parameters seen so far. Without a validation part the trainer offers the training loss. */
export class Best<P> {
  readonly #patience: number;
  epoch: number;
  loss = Number.POSITIVE_INFINITY;
  parameters: P;

  /** `initial` is what is kept if no epoch ends: epoch 0. `patience` in epochs; Infinity never stops. */
  constructor(initial: P, patience: number) {
    this.#patience = patience;
    this.epoch = 0;
    this.parameters = initial;
  }

  /** Offer the parameters after `epoch`; kept if their loss is strictly lower than any before. Returns whether it was. */
  offer(epoch: number, loss: number, parameters: P): boolean {
    if (!(loss < this.loss)) return false;
    this.epoch = epoch;
    this.loss = loss;
    this.parameters = parameters;
    return true;
  }

  /** Whether `patience` epochs in a row, the last of them `epoch`, brought nothing better. */
  exhausted(epoch: number): boolean {
    return epoch - this.epoch >= this.#patience;
  }
}
