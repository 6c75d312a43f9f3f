// Counting one comparison: how many numbers, the worst error and where, the bound it was held to. A NaN or an infinite bound fails.

/** An error, where it was, and the bound on it there. */
export type Worst = { readonly error: number; readonly place: string; readonly bound: number };

/** One array, or set of numbers, held against an oracle. */
export type Comparison = {
  readonly what: string; //     "∇W_4 of single examples against dual numbers"
  readonly source: string; //   where the bound comes from
  readonly numbers: number; //  how many were compared
  readonly skipped: number; //  points too near a kink for a difference quotient
  readonly absolute: Worst; //  the largest |error|; the largest bound if nothing erred
  readonly relative: Worst; //  the largest |error| / |expected|, where that is not 0; its bound is relative too
  readonly nearest: Worst; //   the largest |error| / bound
  readonly ratio: number; //    that quotient; at most 1 if all is well
  readonly pass: boolean;
};

const NOTHING: Worst = { error: 0, place: "", bound: 0 };

export class Tally {
  readonly #what: string;
  readonly #source: string;
  #numbers = 0;
  #skipped = 0;
  #absolute = NOTHING;
  #relative = NOTHING;
  #nearest = NOTHING;
  #ratio = 0;

  constructor(what: string, source: string) {
    this.#what = what;
    this.#source = source;
  }

  add(place: string, got: number, expected: number, bound: number): void {
    this.#numbers++;
    const error = got === expected ? 0 : Math.abs(got - expected);
    const here = { error, place, bound };
    if (worse(here, this.#absolute)) this.#absolute = here;
    if (expected !== 0) {
      const relative = { error: error / Math.abs(expected), place, bound: bound / Math.abs(expected) };
      if (worse(relative, this.#relative)) this.#relative = relative;
    }
    const held = error <= bound && bound < Number.POSITIVE_INFINITY; // false for NaN
    const ratio = error === 0 && held ? 0 : error / bound;
    const strain = held ? ratio : ratio > 1 ? ratio : Number.POSITIVE_INFINITY;
    if (strain > this.#ratio || this.#nearest === NOTHING) [this.#ratio, this.#nearest] = [strain, here];
  }

  skip(): void {
    this.#skipped++;
  }

  done(): Comparison {
    return {
      ...{ what: this.#what, source: this.#source, numbers: this.#numbers, skipped: this.#skipped },
      ...{ absolute: this.#absolute, relative: this.#relative, nearest: this.#nearest },
      ...{ ratio: this.#ratio, pass: this.#ratio <= 1 },
    };
  }
}

/** Whether `x` is worse than the worst so far; NaN is the worst of all. */
function worse(x: Worst, than: Worst): boolean {
  if (Number.isNaN(than.error)) return false;
  return Number.isNaN(x.error) || x.error > than.error || (x.error === than.error && x.bound > than.bound);
}
