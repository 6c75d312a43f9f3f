// Walking an order of examples on one thread: the loops around rowPass and weightPass. The pool runs the same functions on its
// slices with a real barrier; alone, the barrier is nothing.
import { errors, forward, rowPass, weightGradients, weightPass } from "../gradients/backprop.ts";
import type { Kernels, Rule } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import { type Batch, COEFFICIENTS, type Plan } from "../network/plan.ts";
import { byLayer, rowShare, rowSlice, type WeightSlice, weightSlice } from "../network/slices.ts";
import { CONTROL } from "./barrier.ts";
import { Shares } from "./shares.ts";

/** One thread's rows of a mini-batch of a given size, and what all threads do in the weight pass: pieces[t] are thread t's own. */
type Part = {
  readonly first: number;
  readonly batch: Batch;
  readonly pieces: readonly (readonly WeightSlice[])[];
};

/** One thread's place in a crew. Parts are made once for the full batch and once for each other size that comes. */
export class Walker {
  readonly #k: Kernels;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #thread: number;
  readonly #threads: number;
  readonly #parts = new Map<number, Part>();
  readonly #evaluated = new Map<string, Batch>();
  readonly #firstRow: number;
  readonly #shares: Shares;

  constructor(kernels: Kernels, plan: Plan, memory: Memory, thread = 0, threads = 1) {
    this.#k = kernels;
    this.#plan = plan;
    this.#memory = memory;
    this.#thread = thread;
    this.#threads = threads;
    this.#shares = new Shares(memory.integers.subarray(plan.control.offset + CONTROL.taken), thread, threads);
    this.#firstRow = rowShare(plan.evaluated.input.rows, thread, threads)[0];
  }

  /** This thread's slices of a batch of `rows` examples. */
  part(rows: number): Part {
    const known = this.#parts.get(rows);
    if (known) return known;
    const [from, to] = rowShare(rows, this.#thread, this.#threads);
    const batch = rowSlice(this.#plan.batch, from, to);
    const pieces = Array.from({ length: this.#threads }, (_, thread) => {
      const slice = weightSlice(this.#plan, rows, thread, this.#threads);
      return this.#threads === 1 ? [slice] : byLayer(slice);
    });
    const made = { first: from, batch, pieces };
    this.#parts.set(rows, made);
    return made;
  }

  /** The row pass of step `step` of an order of `length`. Returns whether every loss of this slice is finite. */
  rows(step: number, length: number): boolean {
    const { batchSize: B, examples } = this.#plan;
    const { first, batch } = this.part(Math.min(B, length - step * B));
    this.#shares.renew(); // here, so that a step that ends with this pass leaves nothing to the next
    if (batch.input.rows === 0) return true;
    rowPass(this.#k, batch, examples, step * B + first);
    return this.#record(batch, step * B + first);
  }

  /** The weight pass of step `step`: gradients, then the update. This thread's weights first, then what the others have not begun. */
  weights(step: number, length: number, optimizer: Rule): void {
    const { batchSize: B, coefficients } = this.#plan;
    const { pieces } = this.part(Math.min(B, length - step * B));
    const at = coefficients.offset + step * COEFFICIENTS;
    this.#shares.each(pieces, (piece) => weightPass(this.#k, piece, optimizer, at));
  }

  /** The gradients of one batch of `rows` examples, after its row pass and without an update. */
  gradients(rows: number): void {
    this.#shares.each(this.part(rows).pieces, (piece) => weightGradients(this.#k, piece));
  }

  /** Forward and loss of this thread's share of positions [at, at + rows) of the order, each in its place of `evaluated`. */
  score(at: number, rows: number): void {
    const [from, to] = rowShare(rows, this.#thread, this.#threads);
    this.#score(from, to, at + from);
  }

  /** Forward and loss of positions [at, at + rows) of the order, through this thread's own rows of `evaluated` (enough for `rows`). */
  evaluate(at: number, rows: number): void {
    this.#score(this.#firstRow, this.#firstRow + rows, at);
  }

  /** Rows [from, to) of `evaluated`; their views are made once for each range that comes. */
  #score(from: number, to: number, at: number): void {
    if (from === to) return;
    const range = `${from} ${to}`;
    const batch = this.#evaluated.get(range) ?? rowSlice(this.#plan.evaluated, from, to);
    this.#evaluated.set(range, batch);
    forward(this.#k, batch, this.#plan.examples, at);
    errors(this.#k, batch);
    this.#record(batch, at);
  }

  /** Copy a slice's losses and predictions to their positions in the order. */
  #record({ losses, predictions }: Batch, at: number): boolean {
    const { doubles, integers } = this.#memory;
    const plan = this.#plan;
    let sum = 0;
    for (let r = 0; r < losses.rows; r++) {
      const loss = doubles[losses.offset + r]!;
      doubles[plan.losses.offset + at + r] = loss;
      integers[plan.predictions.offset + at + r] = integers[predictions.offset + r]!;
      sum += loss;
    }
    return Number.isFinite(sum);
  }
}
