// A session on the calling thread, for any kernels. It gives the event loop a turn between slices of work.
import { EnvironmentFailure, must } from "../errors.ts";
import type { Kernels, Rule } from "../gradients/kernels.ts";
import { type Floats, type Memory, packBlock, readView, unpackBlock } from "../network/memory.ts";
import { parameterCount } from "../network/network.ts";
import { COEFFICIENTS, type Plan } from "../network/plan.ts";
import type { OnProgress, Session, Setup, StepResults } from "./engine.ts";
import { checkOrder, type Prepared } from "./prepare.ts";
import { Walker } from "./walk.ts";

const SLICE_MS = 50; // work between two turns of the event loop; affects pace, never results

/** What every session does alike, whoever walks: parameters in and out, orders in, results out. */
export abstract class SessionMemory {
  readonly plan: Plan;
  readonly memory: Memory;
  protected readonly optimizer: Rule;
  #closed = false;

  constructor({ plan, memory }: Prepared, setup: Setup) {
    this.plan = plan;
    this.memory = memory;
    this.optimizer = setup.optimizer ?? "sgd";
  }

  readParameters(): Floats {
    this.guard();
    return packBlock(this.plan, this.memory.floats, this.plan.parameters);
  }

  writeParameters(packed: Floats): void {
    this.#write(packed, "parameters", () => this.plan.parameters);
  }

  readStates(): readonly Floats[] {
    this.guard();
    return this.plan.states.map((state) => packBlock(this.plan, this.memory.floats, state));
  }

  writeStates(states: readonly Floats[]): void {
    must(
      states.length === this.plan.states.length,
      "states",
      `${this.plan.states.length} arrays for this optimizer`,
      states.length,
    );
    states.forEach((packed, s) => {
      this.#write(packed, `states[${s}]`, () => this.plan.states[s]!);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  protected guard(): void {
    if (this.#closed) throw new EnvironmentFailure("SESSION_CLOSED", "this session was closed; open a new one.");
  }

  /** Put a checked order, and the coefficients of its steps, where the walkers read them. Returns the number of steps. */
  protected place(order: Uint32Array, limit: number, coefficients?: Float64Array): number {
    this.guard();
    const { plan, memory } = this;
    checkOrder(order, limit, plan.examples.rows);
    memory.integers.set(order, plan.examples.order);
    const steps = Math.ceil(order.length / plan.batchSize);
    if (coefficients) {
      const expected = `${steps} steps of ${COEFFICIENTS} numbers`;
      must(coefficients.length === steps * COEFFICIENTS, "coefficients", expected, coefficients.length);
      memory.floats.set(coefficients, plan.coefficients.offset);
    }
    return steps;
  }

  /** Copies of the first `length` results. */
  protected walked(length: number, stoppedAt: number): StepResults {
    const { plan, memory } = this;
    const { losses, predictions } = plan;
    return {
      losses: memory.doubles.slice(losses.offset, losses.offset + length),
      predictions: memory.integers.slice(predictions.offset, predictions.offset + length),
      stoppedAt,
    };
  }

  #write(packed: Floats, what: string, block: () => Plan["parameters"]): void {
    this.guard();
    const count = parameterCount(this.plan.network);
    must(packed.length === count, what, `${count} numbers`, packed.length, "Do the layer sizes agree?");
    unpackBlock(this.plan, this.memory.floats, block(), packed);
  }
}

/** One thread, the caller's own. */
export class LocalSession extends SessionMemory implements Session {
  readonly engine: string;
  readonly threads = 1;
  readonly #walker: Walker;

  constructor(engine: string, prepared: Prepared, setup: Setup, kernels: Kernels) {
    super(prepared, setup);
    this.engine = engine;
    this.#walker = new Walker(kernels, prepared.plan, prepared.memory);
  }

  async train(order: Uint32Array, coefficients: Float64Array, onProgress?: OnProgress): Promise<StepResults> {
    const steps = this.place(order, this.plan.capacity, coefficients);
    const n = order.length;
    let stoppedAt = -1;
    const done = await this.#paced(steps, onProgress, (step) => {
      if (!this.#walker.rows(step, n)) {
        stoppedAt = step;
        return false;
      }
      this.#walker.weights(step, n, this.optimizer);
      return true;
    });
    return this.walked(Math.min(n, done * this.plan.batchSize), stoppedAt);
  }

  async evaluate(order: Uint32Array): Promise<StepResults> {
    this.place(order, this.plan.capacity);
    await this.#forward(order, () => {});
    return this.walked(order.length, -1);
  }

  async logits(order: Uint32Array): Promise<Floats> {
    this.place(order, this.plan.capacity);
    const view = this.plan.evaluated.layers.at(-1)!.output;
    const { floats } = this.memory;
    const out =
      floats instanceof Float32Array
        ? new Float32Array(order.length * view.cols)
        : new Float64Array(order.length * view.cols);
    await this.#forward(order, (at, rows) => out.set(readView(floats, { ...view, rows }), at * view.cols));
    return out;
  }

  async gradients(order: Uint32Array): Promise<StepResults> {
    this.place(order, this.plan.batchSize);
    this.#walker.rows(0, order.length);
    this.#walker.gradients(order.length);
    return this.walked(order.length, -1);
  }

  /** Forward and loss of all of `order`; `seen` is told which positions lie in `evaluated` now. */
  async #forward({ length }: Uint32Array, seen: (at: number, rows: number) => void): Promise<void> {
    const most = this.plan.evaluated.input.rows;
    await this.#paced(Math.ceil(length / most), undefined, (pass) => {
      const rows = Math.min(most, length - pass * most);
      this.#walker.evaluate(pass * most, rows);
      seen(pass * most, rows);
      return true;
    });
  }

  /** Do steps until `work` or onProgress says stop; returns how many `work` steps ran, a refused one included. */
  async #paced(steps: number, onProgress: OnProgress | undefined, work: (step: number) => boolean): Promise<number> {
    let turn = performance.now();
    for (let step = 0; step < steps; step++) {
      if (!work(step)) return step + 1;
      if (performance.now() - turn > SLICE_MS && step + 1 < steps) {
        await new Promise((resolve) => setTimeout(resolve));
        if (onProgress?.(step + 1) === false) return step + 1;
        turn = performance.now();
      }
    }
    onProgress?.(steps);
    return steps;
  }
}
