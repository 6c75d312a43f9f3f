// What one thread of a team does in a step: its rows, a barrier, slices of weights from the queue, a barrier. A session
// on one thread is a team of one, whose barrier returns at once. worker.ts runs it in a pool; messages and events are
// not its business.
//
//   step   rows(step)      X → a₁ → … → z_L, δ^L, …, δ^1 of this thread's rows      E9, E2, E8, E17
//          barrier         all rows are there; every thread sees whether a loss was not finite
//          weights(step)   ∇W_l, ∇b_l and the update of slices from the queue       E37, E36, X10 … X14
//          barrier         all weights are there
//
// In a job of several ranks a thread has its place among the threads of all of them, and thread 0 exchanges with the
// other ranks behind each barrier: rows of a and δ, then rows of W. The sums stay as they are.
import { forward, outputDelta, type RowDraws, scaleGradients, weightGradients } from "../gradients/backprop.ts";
import { clipRows } from "../gradients/clipping.ts";
import { completeKernels } from "../gradients/complete-kernels.ts";
import { addNormOfNorm, exampleNormsOver } from "../gradients/example-norms.ts";
import type { DrawKernels, Kernels, Optimizer, PrivateKernels } from "../gradients/kernels.ts";
import { drawsOver } from "../gradients/row-draws.ts";
import type { Memory } from "../network/memory.ts";
import { type Batch, COEFFICIENTS, type Plan } from "../network/plan.ts";
import type { PlannedClipping } from "../network/row-clipping.ts";
import { rowShare, rowSlice, rowsOf } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import { BoundedWeights, type Team } from "./bounded-weights.ts";
import { Control } from "./control.ts";
import { NotedPasses } from "./noted-passes.ts";
import { Overlap } from "./ranks/overlap.ts";
import { type Ranks, rowsOfRank } from "./ranks/shares.ts";
import { Slicing } from "./step-slices.ts";
import type { Exchange, Pacing, TeamJob, TeamResult } from "./team-job.ts";
import { WorkQueue } from "./work-queue.ts";

export type { Exchange, Fresh, TeamJob, TeamResult } from "./team-job.ts";

export class TeamThread {
  readonly #k: Kernels;
  readonly #exampleNorms: NonNullable<Kernels["exampleNorms"]>;
  readonly #draws: DrawKernels;
  readonly #private: PrivateKernels | undefined; // of a plan with clipping
  readonly #passes: NotedPasses;
  readonly #weights: BoundedWeights;
  readonly #team: Team;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #rank: Rank;
  readonly #pacing: Pacing;
  readonly #control: Control;
  readonly #queue: WorkQueue;
  readonly #slicing: Slicing;
  readonly #evaluated = new Map<number, Batch>(); // views of `evaluated` by their range of rows
  readonly #ownRows: readonly [from: number, to: number]; // this thread's rows of `evaluated`
  readonly #ranks: Ranks | undefined; //                     undefined in a session of one process
  readonly #exchange: Exchange | undefined; //               thread 0's
  readonly #overlap: Overlap | undefined;

  /** `ranks`, and for thread 0 its `exchange`: in a job of several ranks. */
  constructor(
    kernels: Kernels,
    plan: Plan,
    memory: Memory,
    rank: Rank,
    pacing: Pacing,
    ranks?: Ranks,
    exchange?: Exchange,
  ) {
    this.#k = completeKernels(kernels, memory, plan.batch);
    this.#exampleNorms = kernels.exampleNorms ?? exampleNormsOver(memory);
    this.#draws = { ...drawsOver(memory), ...kernels.draws };
    this.#private = kernels.private;
    this.#passes = new NotedPasses(this.#k);
    this.#weights = new BoundedWeights(this.#k, this.#passes, plan, memory);
    this.#plan = plan;
    this.#memory = memory;
    this.#rank = rank;
    this.#pacing = pacing;
    this.#control = new Control(plan, memory);
    this.#queue = new WorkQueue(this.#control, rank);
    this.#team = {
      queue: this.#queue,
      rank,
      done: (slice) => this.#overlap?.weights(slice),
      measured: () => this.#meet((ranks) => ranks.squares()),
      updated: () => this.#meet((ranks) => ranks.weights()),
      held: () => this.#meet(),
    };
    this.#ownRows = rowShare(plan.evaluated.input.rows, rank.thread, rank.threads);
    this.#ranks = ranks;
    this.#exchange = exchange;
    this.#slicing = new Slicing(plan, rank, ranks);
    this.#overlap = ranks?.apart ? new Overlap(this.#control, plan, rank, ranks, exchange) : undefined;
  }

  do(job: TeamJob): TeamResult {
    if (!this.#ranks) return this.#work(job);
    this.#meet((ranks) => ranks.begin(job));
    const result = this.#work(job);
    this.#meet((ranks) => ranks.end(job));
    return result;
  }

  #work(job: TeamJob): TeamResult {
    switch (job.kind) {
      case "train":
        return this.#train(job.from, job.length, job.optimizer, job.epoch);
      case "noisy":
        return this.#noisy(job.length, job.optimizer, job.empty, job.keyed);
      case "gradients":
        return this.#gradients(job.length, job.epoch);
      case "examples":
        return this.#examples(job.length);
      case "evaluate":
        return this.#evaluate(job.length);
      case "score":
        return this.#score(job.from, job.length);
    }
  }

  /** The step loop. Every thread of the team leaves it at the same step. */
  #train(from: number, length: number, optimizer: Optimizer, epoch: number): TeamResult {
    const control = this.#control;
    const leads = this.#rank.thread === 0;
    const steps = Math.ceil(length / this.#plan.batchSize);
    for (let step = from; step < steps; step++) {
      if (leads) control.stopping = this.#pacing.pause(control);
      if (!this.rows(step, length, epoch)) control.notFinite = true;
      this.#meet((ranks) => this.#takeRows(ranks, step, length));
      // both flags were written before the barrier and stay as they are until the next one: every thread decides the
      // same
      if (control.notFinite) return { done: step + 1, stoppedAt: step };
      const { stopping } = control;
      this.weights(step, length, optimizer);
      this.#meet((ranks) => ranks.weights());
      this.#overlap?.weightsEnded();
      if (leads) control.steps = step + 1;
      if (stopping) return { done: step + 1, stoppedAt: -1 };
    }
    return { done: steps, stoppedAt: -1 };
  }

  /**
   * A step whose gradient gets the noise that lies in memory, or that of the key there. Of an empty batch one row runs,
   * and counts nothing.
   */
  #noisy(length: number, optimizer: Optimizer, empty: boolean, keyed: boolean): TeamResult {
    if (!this.rows(0, length, 0, empty)) this.#control.notFinite = true;
    this.#meet();
    if (this.#control.notFinite) return { done: length, stoppedAt: 0 };
    this.#weights.noisyPass(this.#slicing.of(length).slices, optimizer, this.#team, keyed ? this.#private : undefined);
    this.#meet();
    return { done: length, stoppedAt: -1 };
  }

  /** Both passes of the order's first batch, without an update. */
  #gradients(length: number, epoch: number): TeamResult {
    this.rows(0, length, epoch);
    this.#meet((ranks) => this.#takeRows(ranks, 0, length));
    this.#queue.each(this.#slicing.of(length).slices, (slice) => {
      weightGradients(this.#k, slice);
      scaleGradients(this.#k, slice);
    });
    return { done: length, stoppedAt: -1 };
  }

  /** The row pass of every batch of the order. A smaller last one lies in rows of the batch before, of any thread. */
  #examples(length: number): TeamResult {
    const { batchSize: B } = this.#plan;
    for (let step = 0; step * B < length; step++) {
      if (step > 0 && (step + 1) * B > length) this.#meet();
      this.rows(step, length, 0);
      if (this.#ranks) this.#meet((ranks) => this.#takeRows(ranks, step, length));
    }
    return { done: length, stoppedAt: -1 };
  }

  /** The row pass of step `step` of an order of `length`. Returns whether every loss of its own rows is finite. */
  rows(step: number, length: number, epoch = 0, empty = false): boolean {
    const { batchSize: B, examples: stored, distorted = stored, clipping } = this.#plan;
    const examples = epoch > 0 ? distorted : stored;
    const count = Math.min(B, length - step * B);
    const { firstRow, batch, others } = this.#slicing.of(count);
    this.#queue.refill(); // not after the weight pass: a step stopped by a loss that is not finite never gets there
    let finite = true;
    if (batch.input.rows === 0) this.#overlap?.noRows(count);
    else {
      const at = step * B + firstRow;
      const done = this.#overlap && (() => this.#overlap!.rows(count));
      this.#passes.rowPass(batch, examples, at, this.#drawn(epoch, at), done);
      this.#measure(batch, at);
      // the products divide by the rows at hand, so the rows carry count/B
      if (clipping) this.#clip(batch, firstRow, clipping, empty ? 0 : count / clipping.expected);
      finite = this.#record(batch, at);
    }
    for (const { batch, firstRow } of others) {
      this.#k.gather(batch.input, batch.targets, examples, step * B + firstRow);
      const drawn = this.#drawn(epoch, step * B + firstRow);
      drawn?.k.addNoise(batch.input, drawn.draws, drawn.place);
    }
    return finite;
  }

  #clip(batch: Batch, firstRow: number, { factors, norm }: PlannedClipping, scale: number): void {
    const own = rowsOf(factors, firstRow, firstRow + batch.losses.rows);
    clipRows(this.#private!, this.#memory, batch, own, norm, scale);
  }

  #drawn(epoch: number, at: number): RowDraws | undefined {
    const { draws } = this.#plan;
    return draws && { k: this.#draws, draws, place: { epoch, at } };
  }

  /** The weight pass of step `step`: gradients and updates of slices from the queue. */
  weights(step: number, length: number, optimizer: Optimizer): void {
    const { batchSize: B, coefficients } = this.#plan;
    const { slices } = this.#slicing.of(Math.min(B, length - step * B));
    this.#weights.pass(slices, optimizer, coefficients.offset + step * COEFFICIENTS, this.#team);
  }

  /**
   * Forward and loss of the order, through this thread's own rows of `evaluated`. No barrier: a free thread takes the
   * next positions.
   */
  #evaluate(length: number): TeamResult {
    const [first, end] = this.#ownRows;
    const [from, to] = this.#ranks ? rowsOfRank(length, this.#ranks) : [0, length];
    const whole = { done: length, stoppedAt: -1 };
    if (first === end || from === to) return whole; // with fewer rows than threads some threads own none
    const { thread, threads } = this.#rank;
    const rounds = Math.ceil((to - from) / ((end - first) * threads));
    const count = Math.ceil((to - from) / (rounds * threads));
    const next = () => from + this.#control.beginPositions(count);
    for (let at = next(); at < to; at = next()) {
      const pause = thread === 0 && this.#pacing.pause(this.#control);
      this.#forward(first, first + Math.min(count, to - at), at);
      if (pause) return { done: Math.min(to, at + count), stoppedAt: -1 };
    }
    return whole;
  }

  /**
   * Forward and loss of this thread's share of positions [at, at + rows); their logits then lie in row order in
   * `evaluated`.
   */
  #score(at: number, rows: number): TeamResult {
    const [from, to] = rowShare(rows, this.#slicing.place.thread, this.#slicing.place.threads);
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

  /** ‖g_i‖² of each row and layer, where it is planned, also to the rows' positions in the order (X30). */
  #measure({ layers }: Batch, at: number): void {
    const { norms: all } = this.#plan;
    const { doubles } = this.#memory;
    const L = layers.length;
    for (const [l, { norms, input, delta, norm }] of layers.entries()) {
      if (norms) this.#exampleNorms(norms, input, delta);
      if (norms && norm) addNormOfNorm(this.#memory, norms, norm.step!);
      if (all)
        for (let r = 0; r < delta.rows; r++) doubles[all.offset + (at + r) * L + l] = doubles[norms!.offset + r]!;
    }
  }

  /** Return once all threads are here; `exchange` is thread 0's to do first, in a job of several ranks. */
  #meet(exchange?: (ranks: Exchange) => void): void {
    const { threads } = this.#rank;
    if (threads > 1) this.#control.meet(threads, this.#pacing.spins);
    if (!exchange || !this.#ranks) return;
    if (this.#exchange) exchange(this.#exchange);
    if (threads > 1) this.#control.meet(threads, this.#pacing.spins);
  }

  /** The rows of all ranks, and their losses, of which every rank then decides alike. */
  #takeRows(ranks: Exchange, step: number, length: number): void {
    const { batchSize: B, batch } = this.#plan;
    const rows = Math.min(B, length - step * B);
    ranks.rows(rows);
    this.#overlap?.rowsEnded();
    this.#control.notFinite = !this.#record(rowSlice(batch, 0, rows), step * B);
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
