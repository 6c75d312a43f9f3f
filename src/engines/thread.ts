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
import { type RowDraws, rowStages, scaleGradients, takeRows, weightGradients } from "../gradients/backprop.ts";
import { clipRows } from "../gradients/clipping.ts";
import { completeKernels } from "../gradients/complete-kernels.ts";
import { addNormOfNorm, exampleNormsOver } from "../gradients/example-norms.ts";
import type { DrawKernels, Kernels, Optimizer, PrivateKernels } from "../gradients/kernels.ts";
import { limitsOver } from "../gradients/limits.ts";
import { drawsOver } from "../gradients/row-draws.ts";
import type { Memory } from "../network/memory.ts";
import { type Batch, COEFFICIENTS, type Examples, type Plan } from "../network/plan.ts";
import type { PlannedClipping } from "../network/row-clipping.ts";
import { rowSlice, rowsOf } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import { BoundedWeights, type Team } from "./bounded-weights.ts";
import { Control } from "./control.ts";
import { NotedPasses } from "./noted-passes.ts";
import { Overlap } from "./ranks/overlap.ts";
import { RankSums } from "./ranks/rank-sums.ts";
import type { Ranks } from "./ranks/shares.ts";
import { recordLosses, Scoring } from "./scoring.ts";
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
  readonly #updated: Slicing; //                             of the weights that this rank updates
  readonly #scoring: Scoring;
  readonly #ranks: Ranks | undefined; //                     undefined in a session of one process
  readonly #exchange: Exchange | undefined; //               thread 0's
  readonly #overlap: Overlap | undefined;
  readonly #stages: number; //                               of a row pass
  readonly #sums: RankSums | undefined; //                   where these go from rank to rank

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
      measured: () => this.#meet(this.#sums ? undefined : (ranks) => ranks.squares()),
      updated: () => this.#meetUpdated(),
      held: () => this.#meet(),
    };
    this.#ranks = ranks;
    this.#exchange = exchange;
    this.#slicing = new Slicing(plan, rank, ranks);
    this.#scoring = new Scoring(this.#k, plan, memory, rank, this.#control, pacing, ranks);
    const { sums, apart } = ranks ?? {};
    this.#stages = rowStages(plan.batch);
    this.#overlap = apart && !sums ? new Overlap(this.#control, plan, rank, ranks!, exchange) : undefined;
    const { clip } = { ...limitsOver(memory), ...kernels.limits };
    this.#sums = sums ? new RankSums(this.#k, clip, plan, memory, rank, ranks!) : undefined;
    this.#updated = sums ? new Slicing(plan, rank) : this.#slicing;
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
        return this.#scoring.evaluate(job.length);
      case "score":
        return this.#scoring.score(job.from, job.length);
    }
  }

  /** The step loop. Every thread of the team leaves it at the same step. */
  #train(from: number, length: number, optimizer: Optimizer, epoch: number): TeamResult {
    const control = this.#control;
    const leads = this.#rank.thread === 0;
    const steps = Math.ceil(length / this.#plan.batchSize);
    for (let step = from; step < steps; step++) {
      if (leads) control.stopping = this.#pacing.pause(control);
      if (!this.#ownRowsOf(step, length, epoch)) control.notFinite = true;
      if (!this.#sums) {
        // alone in its rank, this thread has done all of the rows: they travel while it reads those of the others
        if (this.#rank.threads === 1) this.#exchange?.rowsSoFar(this.#count(step, length), this.#stages);
        this.#othersRowsOf(step, length, epoch);
      }
      this.#meet((ranks) => this.#takeRows(ranks, step, length, this.#sums !== undefined));
      // both flags were written before the barrier and stay as they are until the next one: every thread decides the
      // same
      const { notFinite, stopping } = control;
      if (this.#sums && (notFinite || stopping || step === steps - 1)) this.#gatherArrays(step, length, epoch);
      if (notFinite) return { done: step + 1, stoppedAt: step };
      this.weights(step, length, optimizer);
      this.#meetUpdated();
      this.#overlap?.weightsEnded();
      if (leads) control.steps = step + 1;
      if (stopping) return { done: step + 1, stoppedAt: -1 };
    }
    return { done: steps, stoppedAt: -1 };
  }

  /** The arrays that the last step leaves, where sums go from rank to rank: other steps need them on no other rank. */
  #gatherArrays(step: number, length: number, epoch: number): void {
    this.#othersRowsOf(step, length, epoch);
    this.#meet((ranks) => ranks.rows(this.#count(step, length)));
  }

  /** Returns once all threads, and those of other ranks, have updated their weights. */
  #meetUpdated(): void {
    this.#meet(this.#sums ? undefined : (ranks) => ranks.weights());
  }

  /** Rows of a step. */
  #count(step: number, length: number): number {
    return Math.min(this.#plan.batchSize, length - step * this.#plan.batchSize);
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
    const finite = this.#ownRowsOf(step, length, epoch, empty);
    this.#othersRowsOf(step, length, epoch);
    return finite;
  }

  #ownRowsOf(step: number, length: number, epoch: number, empty = false): boolean {
    const { batchSize: B, clipping } = this.#plan;
    const examples = this.#examplesOf(epoch);
    const count = this.#count(step, length);
    const { firstRow, batch } = this.#slicing.of(count);
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
      finite = recordLosses(this.#memory, this.#plan, batch, at);
    }
    return finite;
  }

  #clip(batch: Batch, firstRow: number, { factors, norm }: PlannedClipping, scale: number): void {
    const own = rowsOf(factors, firstRow, firstRow + batch.losses.rows);
    clipRows(this.#private!, this.#memory, batch, own, norm, scale);
  }

  /** What the first layer is given of the rows of other ranks. */
  #othersRowsOf(step: number, length: number, epoch: number): void {
    for (const { batch, firstRow } of this.#slicing.of(this.#count(step, length)).others) {
      const at = step * this.#plan.batchSize + firstRow;
      takeRows(this.#k, batch, this.#examplesOf(epoch), at, this.#drawn(epoch, at));
    }
  }

  /** The examples of a step with draws of `epoch`. */
  #examplesOf(epoch: number): Examples {
    const { examples, trained = examples } = this.#plan;
    return epoch > 0 ? trained : examples;
  }

  #drawn(epoch: number, at: number): RowDraws | undefined {
    const { draws } = this.#plan;
    return draws && { k: this.#draws, draws, place: { epoch, at } };
  }

  /** The weight pass of step `step`: gradients and updates of slices from the queue. */
  weights(step: number, length: number, optimizer: Optimizer): void {
    const { offset } = this.#plan.coefficients;
    const count = this.#count(step, length);
    const { slices } = this.#updated.of(count);
    this.#sums?.pass(count, (exchange) => this.#meet(exchange));
    this.#weights.pass(slices, optimizer, offset + step * COEFFICIENTS, this.#team, this.#sums !== undefined);
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
    if (threads > 1) this.#control.meet(threads, this.#pacing);
    if (!exchange || !this.#ranks) return;
    if (this.#exchange) exchange(this.#exchange);
    if (threads > 1) this.#control.meet(threads, this.#pacing);
  }

  /** The rows of all ranks, and their losses, of which every rank then decides alike. */
  #takeRows(ranks: Exchange, step: number, length: number, lossesAlone = false): void {
    const { batchSize: B, batch } = this.#plan;
    const rows = this.#count(step, length);
    if (lossesAlone) ranks.losses(rows);
    else ranks.rows(rows);
    this.#overlap?.rowsEnded();
    this.#control.notFinite = !recordLosses(this.#memory, this.#plan, rowSlice(batch, 0, rows), step * B);
  }
}
