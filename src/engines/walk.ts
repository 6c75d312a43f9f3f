// Walking an order of examples on one thread: the loops around rowPass and weightPass. The pool runs the same functions on its
// slices with a real barrier; alone, the barrier is nothing.
import { errors, forward, rowPass, weightGradients, weightPass } from "../gradients/backprop.ts";
import type { Kernels, Rule } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import { type Batch, COEFFICIENTS, type Plan } from "../network/plan.ts";
import { rowShare, rowSlice, type WeightSlice, weightSlice } from "../network/slices.ts";

/** One thread's part of a mini-batch of a given size. */
type Part = { readonly first: number; readonly batch: Batch; readonly weights: WeightSlice };

/** One thread's place in a crew. Parts are made once for the full batch and once for each other size that comes. */
export class Walker {
  readonly #k: Kernels;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #thread: number;
  readonly #threads: number;
  readonly #parts = new Map<number, Part>();
  readonly #batches = new Map<number, Batch>();
  readonly #firstRow: number;

  constructor(kernels: Kernels, plan: Plan, memory: Memory, thread = 0, threads = 1) {
    this.#k = kernels;
    this.#plan = plan;
    this.#memory = memory;
    this.#thread = thread;
    this.#threads = threads;
    this.#firstRow = rowShare(plan.batchSize, thread, threads)[0];
  }

  /** This thread's slices of a batch of `rows` examples. */
  part(rows: number): Part {
    const known = this.#parts.get(rows);
    if (known) return known;
    const [from, to] = rowShare(rows, this.#thread, this.#threads);
    const batch = rowSlice(this.#plan.batch, from, to);
    const made = { first: from, batch, weights: weightSlice(this.#plan, rows, this.#thread, this.#threads) };
    this.#parts.set(rows, made);
    return made;
  }

  /** The row pass of step `step` of an order of `length`. Returns whether every loss of this slice is finite. */
  rows(step: number, length: number): boolean {
    const { batchSize: B, examples } = this.#plan;
    const { first, batch } = this.part(Math.min(B, length - step * B));
    if (batch.input.rows === 0) return true;
    rowPass(this.#k, batch, examples, step * B + first);
    return this.#record(batch, step * B + first);
  }

  /** The weight pass of step `step`: gradients, then the update. */
  weights(step: number, length: number, rule: Rule): void {
    const { batchSize: B, coefficients } = this.#plan;
    const { weights } = this.part(Math.min(B, length - step * B));
    weightPass(this.#k, weights, rule, coefficients.offset + step * COEFFICIENTS);
  }

  /** The gradients of one batch of `rows` examples, without an update. */
  gradients(rows: number): void {
    weightGradients(this.#k, this.part(rows).weights);
  }

  /** Forward and loss of this thread's slice of the batch at positions [at, at + rows) of the order, rows ≤ B. */
  score(at: number, rows: number): void {
    const { first, batch } = this.part(rows);
    this.#score(batch, at + first);
  }

  /** Forward and loss of positions [at, at + rows) of the order, through this thread's own rows of the batch memory (enough for `rows`). */
  evaluate(at: number, rows: number): void {
    this.#score(this.#evaluated(rows), at);
  }

  #score(batch: Batch, at: number): void {
    if (batch.input.rows === 0) return;
    forward(this.#k, batch, this.#plan.examples, at);
    errors(this.#k, batch);
    this.#record(batch, at);
  }

  /** The views of an evaluation batch, made once for each size that comes. */
  #evaluated(rows: number): Batch {
    const known = this.#batches.get(rows);
    if (known) return known;
    const made = rowSlice(this.#plan.batch, this.#firstRow, this.#firstRow + rows);
    this.#batches.set(rows, made);
    return made;
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
