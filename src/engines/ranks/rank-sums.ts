// ∇θ of a step where sums go from rank to rank: each adds its rows to what the ranks before it have added up, so every
// sum keeps its order, from row 0 on. The last rank divides, and gives ∇θ to all.
import { addGradients } from "../../gradients/backprop.ts";
import type { Kernels, LimitKernels } from "../../gradients/kernels.ts";
import type { Memory } from "../../network/memory.ts";
import type { Plan } from "../../network/plan.ts";
import { type WeightSlice, weightSlice } from "../../network/slices.ts";
import type { Rank } from "../backend.ts";
import type { Exchange } from "../team-job.ts";
import { type Ranks, rowsOfRank, type SumParts, sumParts } from "./shares.ts";

export class RankSums {
  readonly #k: Kernels;
  readonly #clip: LimitKernels["clip"];
  readonly #memory: Memory;
  readonly #plan: Plan;
  readonly #team: Rank;
  readonly #ranks: Ranks;
  readonly #parts: SumParts;
  readonly #known = new Map<number, readonly WeightSlice[]>(); // this thread's share of each part, by rows of the batch

  constructor(kernels: Kernels, clip: LimitKernels["clip"], plan: Plan, memory: Memory, team: Rank, ranks: Ranks) {
    this.#k = kernels;
    this.#clip = clip;
    this.#memory = memory;
    this.#plan = plan;
    this.#team = team;
    this.#ranks = ranks;
    this.#parts = sumParts(plan, ranks);
  }

  /** ∇θ of `rows` rows, in this thread's share of each part. `meet`: the team's, with thread 0's exchange. */
  pass(rows: number, meet: (exchange: (ranks: Exchange) => void) => void): void {
    const last = this.#parts.spans.length - 1;
    for (const [part, slice] of this.#slices(rows).entries()) {
      meet((ranks) => {
        if (part > 0) ranks.passSums(part - 1);
        ranks.takeSums(part);
      });
      this.#add(slice, rows);
    }
    meet((ranks) => {
      ranks.passSums(last);
      ranks.sums();
    });
  }

  #add(slice: WeightSlice, rows: number): void {
    const { rank, threads } = this.#ranks;
    const [from, to] = rowsOfRank(rows, this.#ranks);
    const all = [...slice.weights, ...slice.biases, ...slice.gains, ...(slice.scale ? [slice.scale] : [])];
    const spans = all.map(({ spans }) => spans.gradients);
    if (rank === 0) for (const { offset, length } of spans) this.#memory.floats.fill(0, offset, offset + length);
    if (from < to) addGradients(this.#k, slice);
    if (rank === threads.length - 1) for (const span of spans) this.#clip(span, 1 / rows); // 1/B, rounded once
  }

  #slices(rows: number): readonly WeightSlice[] {
    const known = this.#known.get(rows);
    if (known) return known;
    const { thread, threads } = this.#team;
    const { spans, weights } = this.#parts;
    const whole = weightSlice(this.#plan, rowsOfRank(rows, this.#ranks), thread, threads, this.#team, weights);
    const made = spans.map(({ offset, length }): WeightSlice => {
      const within = <S extends Pick<WeightSlice["biases"][number], "spans">>({ spans: { gradients } }: S) =>
        gradients.offset >= offset && gradients.offset < offset + length;
      return {
        weights: whole.weights.filter(within),
        biases: whole.biases.filter(within),
        gains: whole.gains.filter(within),
        scale: whole.scale && within(whole.scale) ? whole.scale : undefined,
      };
    });
    this.#known.set(rows, made);
    return made;
  }
}
