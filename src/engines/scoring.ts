// Forward passes of a thread of a team: the losses of an order, and the logits of its positions.
import { forward, outputDelta } from "../gradients/backprop.ts";
import type { Kernels } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import type { Batch, Plan } from "../network/plan.ts";
import { rowShare, rowSlice } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import type { Control } from "./control.ts";
import { placeAmong, type Ranks, rowsOfRank } from "./ranks/shares.ts";
import type { Pacing, TeamResult } from "./team-job.ts";

export class Scoring {
  readonly #k: Kernels;
  readonly #plan: Plan;
  readonly #memory: Memory;
  readonly #rank: Rank;
  readonly #control: Control;
  readonly #pacing: Pacing;
  readonly #ranks: Ranks | undefined;
  readonly #evaluated = new Map<number, Batch>(); // views of `evaluated` by their range of rows
  readonly #ownRows: readonly [from: number, to: number]; // this thread's rows of `evaluated`

  constructor(
    kernels: Kernels,
    plan: Plan,
    memory: Memory,
    rank: Rank,
    control: Control,
    pacing: Pacing,
    ranks: Ranks | undefined,
  ) {
    this.#k = kernels;
    this.#plan = plan;
    this.#memory = memory;
    this.#rank = rank;
    this.#control = control;
    this.#pacing = pacing;
    this.#ranks = ranks;
    this.#ownRows = rowShare(plan.evaluated.input.rows, rank.thread, rank.threads);
  }

  /**
   * Forward and loss of the order, through this thread's own rows of `evaluated`. No barrier: a free thread takes the
   * next positions.
   */
  evaluate(length: number): TeamResult {
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
  score(at: number, rows: number): TeamResult {
    const { thread, threads } = this.#ranks ? placeAmong(this.#ranks, this.#rank.thread) : this.#rank;
    const [from, to] = rowShare(rows, thread, threads);
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
    recordLosses(this.#memory, this.#plan, batch, at);
  }
}

/** Copy a slice's losses and predictions to their positions in the order. Returns whether every loss is finite. */
export function recordLosses(
  { doubles, integers }: Memory,
  plan: Plan,
  { losses, predictions }: Batch,
  at: number,
): boolean {
  let sum = 0;
  for (let r = 0; r < losses.rows; r++) {
    const loss = doubles[losses.offset + r]!;
    doubles[plan.losses.offset + at + r] = loss;
    integers[plan.predictions.offset + at + r] = integers[predictions.offset + r]!;
    sum += loss;
  }
  return Number.isFinite(sum);
}
