// Counting one comparison: how many numbers, the worst error and where, the bound it was held to. A NaN or an infinite bound fails.

/** An error and where it was. */
export type Worst = { readonly error: number; readonly place: string };

/** One array, or set of numbers, held against an oracle. */
export type Comparison = {
  readonly what: string; //        "∇W_4 against dual numbers"
  readonly source: string; //      where the bound comes from
  readonly numbers: number; //     how many were compared
  readonly skipped: number; //     points too near a kink for a difference quotient
  readonly absolute: Worst;
  readonly relative: Worst; //     |error| / |expected|, where that is not 0
  readonly bound: number; //       on the absolute error, at the place where error/bound is largest; the largest bound if nothing erred
  readonly ratio: number; //       that error/bound; at most 1 if all is well
  readonly pass: boolean;
};

export class Tally {
  readonly #what: string;
  readonly #source: string;
  #numbers = 0;
  #skipped = 0;
  #absolute: Worst = { error: 0, place: "" };
  #relative: Worst = { error: 0, place: "" };
  #bound = 0;
  #ratio = -1;

  constructor(what: string, source: string) {
    this.#what = what;
    this.#source = source;
  }

  add(place: string, got: number, expected: number, bound: number): void {
    this.#numbers++;
    const error = got === expected ? 0 : Math.abs(got - expected);
    const relative = error === 0 ? 0 : error / Math.abs(expected);
    if (worse(error, this.#absolute.error)) this.#absolute = { error, place };
    if (expected !== 0 && worse(relative, this.#relative.error)) this.#relative = { error: relative, place };
    const held = error <= bound && bound < Number.POSITIVE_INFINITY; // false for NaN
    const ratio = held
      ? error === 0
        ? 0
        : error / bound
      : error / bound > 1
        ? error / bound
        : Number.POSITIVE_INFINITY;
    if (ratio > this.#ratio || (ratio === 0 && this.#ratio === 0 && bound > this.#bound)) {
      this.#ratio = ratio;
      this.#bound = bound;
    }
  }

  skip(): void {
    this.#skipped++;
  }

  done(): Comparison {
    const ratio = Math.max(0, this.#ratio);
    return {
      ...{ what: this.#what, source: this.#source, numbers: this.#numbers, skipped: this.#skipped },
      ...{ absolute: this.#absolute, relative: this.#relative, bound: this.#bound, ratio, pass: ratio <= 1 },
    };
  }
}

/** Whether `error` is the new worst; NaN is the worst of all. */
const worse = (error: number, than: number): boolean => error > than || (Number.isNaN(error) && !Number.isNaN(than));
