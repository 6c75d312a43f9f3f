// The weight pass of a step with bounds: the gradient is clipped before the update, weights shrink and units are held
// after it. Each bound that needs numbers of every thread waits for them.
import { scaleGradients, weightGradients } from "../gradients/backprop.ts";
import type { Kernels, LimitKernels, Optimizer, PrivateKernels } from "../gradients/kernels.ts";
import { clipFactor, limitsOver } from "../gradients/limits.ts";
import type { Memory } from "../network/memory.ts";
import { COEFFICIENT, type Layer, type Plan } from "../network/plan.ts";
import { colsOf, columnShare, type WeightSlice } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import type { NotedPasses } from "./noted-passes.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What a thread has for it. */
export type Team = {
  readonly queue: WorkQueue;
  readonly rank: Rank;
  /** Called when the weights of a slice are updated. */
  readonly done: (slice: WeightSlice) => void;
  /** Returns once all threads, and those of other ranks, have their sums of squares. */
  readonly measured: () => void;
  /** The same with their weights. */
  readonly updated: () => void;
  /** Returns once all threads have held their columns. */
  readonly held: () => void;
};

export class BoundedWeights {
  readonly #k: Kernels;
  readonly #passes: NotedPasses;
  readonly #limits: LimitKernels;
  readonly #plan: Plan;
  readonly #memory: Memory;

  constructor(kernels: Kernels, passes: NotedPasses, plan: Plan, memory: Memory) {
    this.#k = kernels;
    this.#passes = passes;
    this.#limits = { ...limitsOver(memory), ...kernels.limits };
    this.#plan = plan;
    this.#memory = memory;
  }

  /**
   * The weight pass with the coefficients at `at`; `slices[t]` are thread t's. `formed`: ∇θ is in its place already.
   */
  pass(
    slices: readonly (readonly WeightSlice[])[],
    optimizer: Optimizer,
    at: number,
    team: Team,
    formed = false,
  ): void {
    const { clipNorm, maxNorm, batch } = this.#plan;
    const { front } = batch;
    const [shrink, share] = [COEFFICIENT.shrink, COEFFICIENT.average].map((place) => this.#memory.floats[at + place]!);
    const updated = (slice: WeightSlice) => {
      this.#shrink(slice, shrink!);
      if (maxNorm === undefined) this.#average(slice, share!);
      team.done(slice);
    };
    if (clipNorm === undefined && !formed)
      team.queue.each(slices, (slice) => {
        this.#passes.weightPass(slice, optimizer, at);
        scaleGradients(this.#k, slice);
        this.#scale(slice, optimizer, at, 1);
        updated(slice);
      });
    else {
      let factor = 1;
      if (clipNorm !== undefined) {
        team.queue.each(slices, (slice) => this.#measured(slice, formed));
        team.measured();
        factor = clipFactor(
          this.#memory,
          [...batch.layers.flatMap(measuredOf), ...(front ? [{ biasSquares: front.squares }] : [])],
          clipNorm,
        ); // the same in every thread
      }
      for (const slice of slices[team.rank.thread]!) {
        this.#clipped(slice, optimizer, at, factor);
        this.#scale(slice, optimizer, at, factor);
        updated(slice);
      }
    }
    if (maxNorm === undefined) return;
    team.updated(); // a column has rows of every thread
    for (const { W } of batch.layers) {
      const [from, to] = columnShare(W.cols, team.rank.thread, team.rank.threads); // in each rank all columns
      if (from < to) this.#limits.holdUnits(colsOf(W, from, to), maxNorm);
    }
    if (this.#plan.average === undefined) return;
    team.held();
    for (const slice of slices[team.rank.thread]!) this.#average(slice, share!);
  }

  /**
   * That of a private step: noise joins the gradient, `drawn` of the key where that is given, and the mean of θ, which
   * reads no row, follows.
   */
  noisyPass(
    slices: readonly (readonly WeightSlice[])[],
    optimizer: Optimizer,
    { queue }: Team,
    drawn: PrivateKernels | undefined,
  ): void {
    const { coefficients, clipping } = this.#plan;
    const share = this.#memory.floats[coefficients.offset + COEFFICIENT.average]!;
    queue.each(slices, (slice) => {
      this.#passes.noisyPass(slice, optimizer, coefficients.offset, clipping!, drawn);
      this.#average(slice, share);
    });
  }

  #average({ weights, biases, gains, scale }: WeightSlice, share: number): void {
    for (const { spans } of [...weights, ...biases, ...gains, ...(scale ? [scale] : [])])
      if (spans.average) this.#limits.average(spans.average, spans.parameters, share);
  }

  /** Gradients, and the sums of squares that ‖∇θ‖ is made of. */
  #measured(slice: WeightSlice, formed: boolean): void {
    if (!formed) {
      weightGradients(this.#k, slice);
      scaleGradients(this.#k, slice);
    }
    for (const { squares, gradient } of [...slice.gains, ...(slice.scale ? [slice.scale] : [])])
      this.#limits.squares(squares!, { ...gradient, rows: gradient.cols, cols: 1, stride: 1 });
    for (const { squares, dW } of slice.weights) this.#limits.squares(squares!, dW);
    for (const { squares, db } of slice.biases)
      this.#limits.squares(squares!, { ...db, rows: db.cols, cols: 1, stride: 1 });
  }

  /** The optimizer on factor·∇θ. */
  #clipped({ weights, biases, gains }: WeightSlice, optimizer: Optimizer, at: number, factor: number): void {
    for (const { spans } of [...weights, ...biases, ...gains]) {
      if (factor < 1) this.#limits.clip(spans.gradients, factor);
      this.#k.update(optimizer, spans, at);
    }
  }

  /** The optimizer on a learned scale of the inputs, at its own rate. */
  #scale({ scale }: WeightSlice, optimizer: Optimizer, at: number, factor: number): void {
    if (!scale) return;
    const { offset, length } = scale.spans.parameters;
    const before = this.#memory.floats.slice(offset, offset + length);
    if (factor < 1) this.#limits.clip(scale.spans.gradients, factor);
    this.#k.update(optimizer, scale.spans, at);
    this.#k.front!.extend!(scale.spans.parameters, before, this.#plan.frontScale!);
  }

  #shrink({ weights }: WeightSlice, by: number): void {
    if (by > 0) for (const { spans } of weights) this.#limits.shrink(spans.parameters, by);
  }
}

/** Where the sums of squares of a layer lie: those of ∇W and ∇b, then of ∇γ and ∇β. */
const measuredOf = ({ squares, biasSquares, norm }: Layer) => [
  { squares, biasSquares },
  ...(norm ? [{ squares: norm.step?.squares?.gain, biasSquares: norm.step?.squares?.offset }] : []),
];
