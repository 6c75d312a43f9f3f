// The two passes of a step as one call each, of an engine that can note calls: backprop.ts makes the calls once, for
// each batch and slice, and every later step runs the list, at its own place in the order or of its coefficients. A
// call from JavaScript costs a small step more than its products of small layers do.
import { type RowDraws, rowPass, weightPass } from "../gradients/backprop.ts";
import type { Kernels, Optimizer } from "../gradients/kernels.ts";
import type { Batch, Examples } from "../network/plan.ts";
import type { WeightSlice } from "../network/slices.ts";

/** Runs the noted calls, their places counted from `at`. */
type Play = (at: number) => void;

export class NotedPasses {
  readonly #k: Kernels;
  readonly #rows = new WeakMap<Batch, Map<Examples, Play>>();
  readonly #weights = new WeakMap<WeightSlice, Map<Optimizer, Play>>();

  constructor(kernels: Kernels) {
    this.#k = kernels;
  }

  /**
   * `rowPass`. No list can hold what changes from step to step, the epoch of draws, nor what JavaScript has to do in
   * it: a learned scale, mixed rows, and `done` after every stage.
   */
  rowPass(batch: Batch, examples: Examples, at: number, drawn?: RowDraws, done?: () => void): void {
    const k = this.#k;
    if (!k.note || drawn || done || batch.front || examples.mix) rowPass(k, batch, examples, at, drawn, done);
    else noted(this.#rows, batch, examples, () => k.note!(() => rowPass(k, batch, examples, 0)))(at);
  }

  /** `weightPass`. */
  weightPass(slice: WeightSlice, optimizer: Optimizer, coefficients: number): void {
    const k = this.#k;
    if (!k.note) weightPass(k, slice, optimizer, coefficients);
    else noted(this.#weights, slice, optimizer, () => k.note!(() => weightPass(k, slice, optimizer, 0)))(coefficients);
  }
}

function noted<A extends object, B>(lists: WeakMap<A, Map<B, Play>>, of: A, and: B, make: () => Play): Play {
  const known = lists.get(of)?.get(and);
  if (known) return known;
  const made = make();
  lists.set(of, new Map(lists.get(of)).set(and, made));
  return made;
}
