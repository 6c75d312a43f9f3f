// What a rank has done of a step so far, by all its threads: thread 0 has it gathered while they go on computing.
import { rowStages } from "../../gradients/backprop.ts";
import type { Plan } from "../../network/plan.ts";
import { type WeightSlice, weightShare } from "../../network/slices.ts";
import type { Rank } from "../backend.ts";
import type { Control } from "../control.ts";
import type { Exchange } from "../team-job.ts";
import { placeAmong, type Ranks, weightParts } from "./shares.ts";

export class Overlap {
  readonly #control: Control;
  readonly #team: Rank;
  readonly #exchange: Exchange | undefined; // thread 0's
  readonly #stages: number; //                 of a row pass
  readonly #slices: readonly number[]; //      of each part of W that threads of this rank have
  #stagesBefore = 0; //                        of earlier steps, in the team's counts
  #slicesBefore: readonly number[]; //         the same of each part

  constructor(control: Control, plan: Plan, team: Rank, ranks: Ranks, exchange?: Exchange) {
    this.#control = control;
    this.#team = team;
    this.#exchange = exchange;
    this.#stages = rowStages(plan.batch);
    const places = Array.from({ length: team.threads }, (_, thread) => placeAmong(ranks, thread));
    this.#slices = weightParts(plan, ranks).map(
      ({ from, to }) =>
        places.filter(({ thread, threads }) => {
          const [first, end] = weightShare(to - from, thread, threads);
          return end > first;
        }).length,
    );
    this.#slicesBefore = this.#slices.map(() => 0);
  }

  /** This thread has done the next stage of its rows; without rows: all stages. */
  rows(count: number, stages = 1): void {
    this.#control.addStages(this.#team.thread, stages);
    if (!this.#exchange) return;
    const done = Array.from(
      { length: this.#team.threads },
      (_, thread) => (this.#control.stagesOf(thread) - this.#stagesBefore) | 0,
    );
    this.#exchange.rowsSoFar(count, Math.min(...done));
  }

  /** This thread has no rows. */
  noRows(count: number): void {
    this.rows(count, this.#stages);
  }

  /** All threads have done all stages of their rows. */
  rowsEnded(): void {
    this.#stagesBefore = (this.#stagesBefore + this.#stages) | 0;
  }

  /** This thread has updated the weights of a slice. */
  weights({ weights }: WeightSlice): void {
    for (const { part } of weights) this.#control.addToPart(part);
    if (!this.#exchange) return;
    const open = this.#slices.findIndex(
      (slices, part) => ((this.#control.slicesOfPart(part) - this.#slicesBefore[part]! - slices) | 0) < 0,
    );
    this.#exchange.weightsSoFar(open < 0 ? this.#slices.length : open);
  }

  /** All threads have updated all their slices. */
  weightsEnded(): void {
    this.#slicesBefore = this.#slicesBefore.map((before, part) => (before + this.#slices[part]!) | 0);
  }
}
