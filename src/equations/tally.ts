// The tally of one comparison: numbers compared, the worst errors with their places and bounds. NaN and an infinite
// bound fail.

/** The worst error of a comparison. */
export type Worst = {
  /** ≥ 0. */
  readonly error: number;
  /** "∇W_4[3,1] of example 0". */
  readonly place: string;
  /** The bound on it there, ≥ 0. */
  readonly bound: number;
};

/** The result of comparing one array, or set of numbers, with an oracle. */
export type Comparison = {
  /** "∇W_4 of single examples against dual numbers". */
  readonly what: string;
  /** The theorem behind the bounds. */
  readonly source: string;
  /** Numbers compared. */
  readonly numbers: number;
  /** Numbers not compared: a kink of σ lies within the step of the difference quotient. */
  readonly skipped: number;
  /** The largest |error|; among equal errors the one with the largest bound. */
  readonly absolute: Worst;
  /** The largest |error| / |expected|, for expected ≠ 0. Its bound is relative, too. */
  readonly relative: Worst;
  /** The largest |error| / bound. */
  readonly nearest: Worst;
  /** That quotient: at most 1 if every number is within its bound. */
  readonly ratio: number;
  /** Whether every number is within its bound. */
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
      what: this.#what,
      source: this.#source,
      numbers: this.#numbers,
      skipped: this.#skipped,
      absolute: this.#absolute,
      relative: this.#relative,
      nearest: this.#nearest,
      ratio: this.#ratio,
      pass: this.#ratio <= 1,
    };
  }
}

/** Whether `x` is worse than the worst so far. Nothing is worse than NaN. */
function worse(x: Worst, than: Worst): boolean {
  if (Number.isNaN(than.error)) return false;
  return Number.isNaN(x.error) || x.error > than.error || (x.error === than.error && x.bound > than.bound);
}
