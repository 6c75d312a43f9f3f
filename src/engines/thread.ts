// What one thread of a team does in a step: its rows, a barrier, slices of weights from the queue, a barrier. A session
// on one thread is a team of one, whose barrier returns at once. worker.ts runs it in a pool; messages and events are
// not its business.
//
//   step   rows(step)      X → a₁ → … → z_L, δ^L, …, δ^1 of this thread's rows      E9, E2, E8, E17
//          barrier         all rows are there; every thread sees whether a loss was not finite
//          weights(step)   ∇W_l, ∇b_l and the update of slices from the queue       E37, E36, X10 … X14
//          barrier         all weights are there
import { forward, outputDelta, rowPass, weightGradients, weightPass } from "../gradients/backprop.ts";
import { exampleNormsOver } from "../gradients/example-norms.ts";
import type { Kernels, Optimizer } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import { type Batch, COEFFICIENTS, type Plan } from "../network/plan.ts";
import { byLayer, rowShare, rowSlice, type WeightSlice, weightSlice } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import { Control } from "./control.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a session has its team do. `length` is the number of rows in the order. */
export type TeamJob =
  | { readonly kind: "train"; readonly length: number; readonly optimizer: Optimizer; readonly from: number }
  | { readonly kind: "evaluate"; readonly length: number }
  | { readonly kind: "examples"; readonly length: number }
  | { readonly kind: "score"; readonly from: number; readonly length: number }
  | { readonly kind: "gradients"; readonly length: number };

/**
 * How far a job came: training steps whose row pass ran, those before `from` counted in; positions of an evaluation;
 * otherwise `length`. And the training step that was not applied (−1 if none).
 */
export type TeamResult = { readonly done: number; readonly stoppedAt: number };

/** How a thread waits for its team, and when the leader ends a job early. */
export type Pacing = {
  /** Looks at a barrier before sleeping; few where threads outnumber processors. */
  readonly spins: number;
  /** Called by thread 0 at the start of every training step and of every forward pass; true ends the job after it. */
  readonly pause: (control: Control) => boolean;
};

/**
 * One thread's rows of a mini-batch of a given size; and the slices of the weight pass, slices[t] in thread t's queue.
 */
type StepSlices = {
  readonly firstRow: number;
  readonly batch: Batch;
  readonly slices: readonly (readonly WeightSlice[])[];
};

export class TeamThread {
  readonly #k: Kernels;
  readonly #exampleNorms: NonNullable<Kernels["exampleNorms"]>;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #rank: Rank;
  readonly #pacing: Pacing;
  readonly #control: Control;
  readonly #queue: WorkQueue;
  readonly #steps = new Map<number, StepSlices>(); // by rows of the batch: B, and the size of a last batch
  readonly #evaluated = new Map<number, Batch>(); // views of `evaluated` by their range of rows
  readonly #ownRows: readonly [from: number, to: number]; // this thread's rows of `evaluated`

  constructor(kernels: Kernels, plan: Plan, memory: Memory, rank: Rank, pacing: Pacing) {
    this.#k = kernels;
    this.#exampleNorms = kernels.exampleNorms ?? exampleNormsOver(memory);
    this.#plan = plan;
    this.#memory = memory;
    this.#rank = rank;
    this.#pacing = pacing;
    this.#control = new Control(plan, memory);
    this.#queue = new WorkQueue(this.#control, rank);
    this.#ownRows = rowShare(plan.evaluated.input.rows, rank.thread, rank.threads);
  }

  do(job: TeamJob): TeamResult {
    switch (job.kind) {
      case "train":
        return this.#train(job.from, job.length, job.optimizer);
      case "gradients":
        return this.#gradients(job.length);
      case "examples":
        return this.#examples(job.length);
      case "evaluate":
        return this.#evaluate(job.length);
      case "score":
        return this.#score(job.from, job.length);
    }
  }

  /** The step loop. Every thread of the team leaves it at the same step. */
  #train(from: number, length: number, optimizer: Optimizer): TeamResult {
    const control = this.#control;
    const leads = this.#rank.thread === 0;
    const steps = Math.ceil(length / this.#plan.batchSize);
    for (let step = from; step < steps; step++) {
      if (leads) control.stopping = this.#pacing.pause(control);
      if (!this.rows(step, length)) control.notFinite = true;
      this.#meet();
      // both flags were written before the barrier and stay as they are until the next one: every thread decides the
      // same
      if (control.notFinite) return { done: step + 1, stoppedAt: step };
      const { stopping } = control;
      this.weights(step, length, optimizer);
      this.#meet();
      if (leads) control.steps = step + 1;
      if (stopping) return { done: step + 1, stoppedAt: -1 };
    }
    return { done: steps, stoppedAt: -1 };
  }

  /** Both passes of the order's first batch, without an update. */
  #gradients(length: number): TeamResult {
    this.rows(0, length);
    this.#meet();
    this.#queue.each(this.#slicesOf(length).slices, (slice) => weightGradients(this.#k, slice));
    return { done: length, stoppedAt: -1 };
  }

  /** The row pass of every batch of the order. A smaller last one lies in rows of the batch before, of any thread. */
  #examples(length: number): TeamResult {
    const { batchSize: B } = this.#plan;
    for (let step = 0; step * B < length; step++) {
      if (step > 0 && (step + 1) * B > length) this.#meet();
      this.rows(step, length);
    }
    return { done: length, stoppedAt: -1 };
  }

  /**
   * The row pass of step `step` of an order of `length`. Returns whether every loss of this thread's rows is finite.
   */
  rows(step: number, length: number): boolean {
    const { batchSize: B, examples } = this.#plan;
    const { firstRow, batch } = this.#slicesOf(Math.min(B, length - step * B));
    this.#queue.refill(); // not after the weight pass: a step stopped by a loss that is not finite never gets there
    if (batch.input.rows === 0) return true;
    rowPass(this.#k, batch, examples, step * B + firstRow);
    this.#measure(batch, step * B + firstRow);
    return this.#record(batch, step * B + firstRow);
  }

  /** The weight pass of step `step`: gradients and updates of slices from the queue. */
  weights(step: number, length: number, optimizer: Optimizer): void {
    const { batchSize: B, coefficients } = this.#plan;
    const { slices } = this.#slicesOf(Math.min(B, length - step * B));
    const at = coefficients.offset + step * COEFFICIENTS;
    this.#queue.each(slices, (slice) => weightPass(this.#k, slice, optimizer, at));
  }

  /**
   * Forward and loss of the order, through this thread's own rows of `evaluated`. No barrier: a free thread takes the
   * next positions.
   */
  #evaluate(length: number): TeamResult {
    const [first, end] = this.#ownRows;
    const whole = { done: length, stoppedAt: -1 };
    if (first === end) return whole; // with fewer rows than threads some threads own none
    const { thread, threads } = this.#rank;
    const rounds = Math.ceil(length / ((end - first) * threads));
    const count = Math.ceil(length / (rounds * threads));
    const next = () => this.#control.beginPositions(count);
    for (let at = next(); at < length; at = next()) {
      const pause = thread === 0 && this.#pacing.pause(this.#control);
      this.#forward(first, first + Math.min(count, length - at), at);
      if (pause) return { done: Math.min(length, at + count), stoppedAt: -1 };
    }
    return whole;
  }

  /**
   * Forward and loss of this thread's share of positions [at, at + rows); their logits then lie in row order in
   * `evaluated`.
   */
  #score(at: number, rows: number): TeamResult {
    const [from, to] = rowShare(rows, this.#rank.thread, this.#rank.threads);
    this.#forward(from, to, at + from);
    return { done: rows, stoppedAt: -1 };
  }

  /** Forward and loss through rows [from, to) of `evaluated`, for positions from `at` on. */
  #forward(from: number, to: number, at: number): void {
    if (from === to) return;
    const { evaluated, examples } = this.#plan;
    const range = from * (evaluated.input.rows + 1) + to;
    const batch = this.#evaluated.get(range) ?? rowSlice(evaluated, from, to);
    this.#evaluated.set(range, batch);
    forward(this.#k, batch, examples, at);
    outputDelta(this.#k, batch);
    this.#record(batch, at);
  }

  #slicesOf(rows: number): StepSlices {
    const known = this.#steps.get(rows);
    if (known) return known;
    const { thread, threads } = this.#rank;
    const [from, to] = rowShare(rows, thread, threads);
    const slices = Array.from({ length: threads }, (_, owner) => {
      const slice = weightSlice(this.#plan, rows, owner, threads);
      return threads === 1 ? [slice] : byLayer(slice);
    });
    const made = { firstRow: from, batch: rowSlice(this.#plan.batch, from, to), slices };
    this.#steps.set(rows, made);
    return made;
  }

  /** ‖g_i‖² of each row and layer, where it is planned, also to the rows' positions in the order (X41). */
  #measure({ layers }: Batch, at: number): void {
    const { norms: all } = this.#plan;
    if (all === undefined) return;
    const { doubles } = this.#memory;
    const L = layers.length;
    for (const [l, { norms, input, delta }] of layers.entries()) {
      this.#exampleNorms(norms!, input, delta);
      for (let r = 0; r < delta.rows; r++) doubles[all.offset + (at + r) * L + l] = doubles[norms!.offset + r]!;
    }
  }

  #meet(): void {
    if (this.#rank.threads > 1) this.#control.meet(this.#rank.threads, this.#pacing.spins);
  }

  /** Copy a slice's losses and predictions to their positions in the order. Returns whether every loss is finite. */
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
