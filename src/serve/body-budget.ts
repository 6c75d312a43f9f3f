// The bytes of bodies that are being read or answered: a request that would bring them over the limit is refused
// before its body is read.
export class BodyBudget {
  readonly #most: number;
  readonly #unknown: number;
  #bytes = 0;

  /** `most` bytes at once; a body that does not say its length counts as `unknown`. */
  constructor(most: number, unknown: number) {
    this.#most = most;
    this.#unknown = unknown;
  }

  /** Room for a body of this content length: a function that gives it back; undefined where there is none. */
  take(contentLength: string | undefined): (() => void) | undefined {
    const declared = Number(contentLength ?? this.#unknown);
    const size = Math.min(declared, this.#unknown); // a longer one is refused for its length
    if (this.#bytes + size > this.#most) return undefined;
    this.#bytes += size;
    let held = size;
    return () => {
      this.#bytes -= held;
      held = 0;
    };
  }
}
