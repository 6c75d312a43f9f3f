// What a thread of a team computes in a step, by the rows of the batch: B, and the size of a last batch.
import type { Batch, Plan } from "../network/plan.ts";
import { byLayer, rowShare, rowSlice, type WeightPart, type WeightSlice, weightSlice } from "../network/slices.ts";
import type { Rank } from "./backend.ts";
import { othersRows, placeAmong, type Ranks, weightParts } from "./ranks/shares.ts";

/**
 * One thread's rows of a mini-batch of a given size; its part of the other ranks' rows, of which ∇W₁ needs X; and the
 * slices of the weight pass, slices[t] in thread t's queue.
 */
export type StepSlices = {
  readonly firstRow: number;
  readonly batch: Batch;
  readonly others: readonly { readonly firstRow: number; readonly batch: Batch }[];
  readonly slices: readonly (readonly WeightSlice[])[];
};

export class Slicing {
  readonly #place: Rank; // among the threads of all ranks
  readonly #plan: Plan;
  readonly #rank: Rank;
  readonly #ranks: Ranks | undefined;
  readonly #parts: readonly WeightPart[] | undefined;
  readonly #known = new Map<number, StepSlices>();

  constructor(plan: Plan, rank: Rank, ranks?: Ranks) {
    this.#place = ranks ? placeAmong(ranks, rank.thread) : rank;
    this.#plan = plan;
    this.#rank = rank;
    this.#ranks = ranks;
    this.#parts = ranks && weightParts(plan, ranks);
  }

  of(rows: number): StepSlices {
    const known = this.#known.get(rows);
    if (known) return known;
    const { thread, threads } = this.#rank;
    const { thread: place, threads: places } = this.#place;
    const slices = Array.from({ length: threads }, (_, owner) => {
      const team = { thread: owner, threads };
      const slice = weightSlice(this.#plan, rows, place - thread + owner, places, team, this.#parts);
      return threads === 1 && !this.#ranks?.apart ? [slice] : byLayer(slice);
    });
    const part = (from: number, to: number) => ({ firstRow: from, batch: rowSlice(this.#plan.batch, from, to) });
    const others = this.#ranks ? othersRows(rows, this.#ranks, this.#rank) : [];
    const own = part(...rowShare(rows, place, places));
    const made = { ...own, others: others.map(([from, to]) => part(from, to)), slices };
    this.#known.set(rows, made);
    return made;
  }
}
