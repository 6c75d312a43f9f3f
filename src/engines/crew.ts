// One thread of a crew: what it does for each job of its session, between the barriers. worker.ts runs it; it knows no messages.
import type { Rule } from "../gradients/kernels.ts";
import type { Memory } from "../network/memory.ts";
import type { Plan } from "../network/plan.ts";
import { rowShare } from "../network/slices.ts";
import { Barrier, CONTROL } from "./barrier.ts";
import type { Backend, Rank } from "./engine.ts";
import { Walker } from "./walk.ts";

/** What a session asks of its crew. `length` is the number of rows in the order. */
export type TeamJob =
  | { readonly kind: "train"; readonly length: number; readonly optimizer: Rule }
  | { readonly kind: "evaluate"; readonly length: number }
  | { readonly kind: "score"; readonly from: number; readonly length: number }
  | { readonly kind: "gradients"; readonly length: number };

/** How far a training job came: steps whose row pass ran, and the step that was not applied (−1 if none). */
export type TeamResult = { readonly steps: number; readonly stoppedAt: number };

export class CrewMember {
  readonly #plan: Plan;
  readonly #walker: Walker;
  readonly #seat: Rank;
  readonly #control: Int32Array;
  readonly #barrier: Barrier;

  constructor(kernels: Awaited<ReturnType<Backend["kernels"]>>, plan: Plan, memory: Memory, seat: Rank, spins: number) {
    this.#plan = plan;
    this.#seat = seat;
    this.#walker = new Walker(kernels, plan, memory, seat.thread, seat.threads);
    this.#control = memory.integers.subarray(plan.control.offset, plan.control.offset + plan.control.length);
    this.#barrier = new Barrier(this.#control, seat.threads, spins);
  }

  do(job: TeamJob): TeamResult {
    if (job.kind === "train") return this.#train(job.length, job.optimizer);
    if (job.kind === "evaluate") return this.#evaluate(job.length);
    if (job.kind === "score") return this.#score(job.from, job.length);
    this.#walker.rows(0, job.length);
    this.#barrier.meet();
    this.#walker.gradients(job.length);
    return { steps: 1, stoppedAt: -1 };
  }

  #train(length: number, optimizer: Rule): TeamResult {
    const c = this.#control;
    const leads = this.#seat.thread === 0;
    const steps = Math.ceil(length / this.#plan.batchSize);
    for (let step = 0; step < steps; step++) {
      if (leads) Atomics.store(c, CONTROL.stopping, Atomics.load(c, CONTROL.stopWanted));
      if (!this.#walker.rows(step, length)) Atomics.store(c, CONTROL.notFinite, 1);
      this.#barrier.meet();
      // both flags were written before the barrier and stay as they are until the next one: every thread decides alike
      if (Atomics.load(c, CONTROL.notFinite) !== 0) return { steps: step + 1, stoppedAt: step };
      const stopping = Atomics.load(c, CONTROL.stopping) !== 0;
      this.#walker.weights(step, length, optimizer);
      this.#barrier.meet();
      if (leads) Atomics.store(c, CONTROL.steps, step + 1);
      if (stopping) return { steps: step + 1, stoppedAt: -1 };
    }
    return { steps, stoppedAt: -1 };
  }

  /** Forward and loss of this thread's slice of one batch: positions [from, from + length), whose logits then lie in row order. */
  #score(from: number, length: number): TeamResult {
    this.#walker.score(from, length);
    return { steps: 1, stoppedAt: -1 };
  }

  /** Forward and loss of the order, through this thread's own rows of the batch memory. No barrier: whoever is free takes the next run. */
  #evaluate(length: number): TeamResult {
    const { thread, threads } = this.#seat;
    const [first, end] = rowShare(this.#plan.evaluated.input.rows, thread, threads);
    if (first === end) return { steps: 0, stoppedAt: -1 }; // with fewer rows than threads some threads own none
    const rounds = Math.ceil(length / ((end - first) * threads));
    const run = Math.ceil(length / (rounds * threads));
    const next = () => Atomics.add(this.#control, CONTROL.begun, run);
    for (let at = next(); at < length; at = next()) this.#walker.evaluate(at, Math.min(run, length - at));
    return { steps: 0, stoppedAt: -1 };
  }
}
