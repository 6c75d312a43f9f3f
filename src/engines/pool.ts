// A session walked by several threads over shared memory. The caller's thread only hands out jobs and watches: it never waits in
// a barrier, so it stays free for progress, signals and the page.
import { EnvironmentFailure } from "../errors.ts";
import { type Floats, readView } from "../network/memory.ts";
import { breakTeam, CONTROL } from "./barrier.ts";
import type { TeamJob, TeamResult } from "./crew.ts";
import type { Backend, OnProgress, Session, Setup, StepResults } from "./engine.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { SessionMemory } from "./session.ts";
import type { Answer, SeatMessage } from "./worker.ts";
import { processors, startWorker, type WorkerHandle } from "./worker-host.ts";

const LOOK_MS = 50; //     between two looks at a running job, for progress
const SPINS = 20_000; //   looks before a thread sleeps in a barrier, some tens of microseconds; 1 where threads outnumber processors

/** Open a session of `threads` workers. `workerUrl`: another worker module, for tests that break things. */
export async function openPool(source: Backend, setup: Setup, threads: number, workerUrl?: URL): Promise<Session> {
  return new PoolSession(source.name, prepare(source, setup, threads, true), setup, threads, workerUrl);
}

class PoolSession extends SessionMemory implements Session {
  readonly engine: string;
  readonly threads: number;
  readonly #prepared: Prepared;
  readonly #workerUrl: URL | undefined;
  readonly #control: Int32Array;
  #workers: readonly WorkerHandle[] = []; // started by the first job, when the caller has had a chance to let go of the data
  #waiting: { left: number; settle: (done: TeamResult | Error) => void } | undefined;
  #last: TeamResult = { steps: 0, stoppedAt: -1 };
  #failure: Error | undefined;

  constructor(engine: string, prepared: Prepared, setup: Setup, threads: number, workerUrl: URL | undefined) {
    super(prepared, setup);
    this.engine = engine;
    this.threads = threads;
    this.#prepared = prepared;
    this.#workerUrl = workerUrl;
    const { offset, length } = prepared.plan.control;
    this.#control = prepared.memory.integers.subarray(offset, offset + length);
  }

  /** Start the workers, hand each its seat and wait until all have their kernels. */
  async #seat(): Promise<void> {
    const { threads, engine: source } = this;
    const { plan, store } = this.#prepared;
    this.#workers = Array.from({ length: threads }, () => startWorker(this.#workerUrl));
    this.#workers.forEach((worker, thread) => {
      worker.listen(
        (answer: Answer) => this.#answered(answer, thread),
        (reason) => this.#fail(`worker ${thread} stopped: ${reason}`),
      );
    });
    const spins = threads <= processors() ? SPINS : 1;
    await this.#all((thread): SeatMessage => ({ source, store, plan, seat: { thread, threads }, spins }));
  }

  async train(order: Uint32Array, coefficients: Float64Array, onProgress?: OnProgress): Promise<StepResults> {
    this.place(order, this.plan.capacity, coefficients);
    const { steps, stoppedAt } = await this.#run(
      { kind: "train", length: order.length, optimizer: this.optimizer },
      onProgress,
    );
    return this.walked(Math.min(order.length, steps * this.plan.batchSize), stoppedAt);
  }

  async evaluate(order: Uint32Array): Promise<StepResults> {
    this.place(order, this.plan.capacity);
    await this.#run({ kind: "evaluate", length: order.length });
    return this.walked(order.length, -1);
  }

  async logits(order: Uint32Array): Promise<Floats> {
    this.place(order, this.plan.capacity);
    const { floats } = this.memory;
    const view = this.plan.evaluated.layers.at(-1)!.output;
    const out =
      floats instanceof Float32Array
        ? new Float32Array(order.length * view.cols)
        : new Float64Array(order.length * view.cols);
    for (let at = 0; at < order.length; at += view.rows) {
      const rows = Math.min(view.rows, order.length - at);
      await this.#run({ kind: "score", from: at, length: rows });
      out.set(readView(floats, { ...view, rows }), at * view.cols);
    }
    return out;
  }

  async gradients(order: Uint32Array): Promise<StepResults> {
    this.place(order, this.plan.batchSize);
    await this.#run({ kind: "gradients", length: order.length });
    return this.walked(order.length, -1);
  }

  override async close(): Promise<void> {
    await super.close();
    breakTeam(this.#control);
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** Run one job on every worker. */
  async #run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    for (const word of [CONTROL.notFinite, CONTROL.stopWanted, CONTROL.stopping, CONTROL.steps, CONTROL.begun])
      Atomics.store(this.#control, word, 0);
    const look = () => {
      if (onProgress?.(Atomics.load(this.#control, CONTROL.steps)) === false)
        Atomics.store(this.#control, CONTROL.stopWanted, 1);
    };
    const done = await this.#awake(look, async () => {
      if (this.#workers.length === 0) await this.#seat();
      return this.#all(() => job);
    });
    onProgress?.(done.steps);
    return done;
  }

  /** Workers hold no process open, so that a session nobody closed cannot hang it; while they work, this timer does. */
  async #awake<R>(look: () => void, work: () => Promise<R>): Promise<R> {
    const timer = setInterval(look, LOOK_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Send a message to every worker; settles when all have answered, or at the first failure. */
  #all(message: (thread: number) => SeatMessage | TeamJob): Promise<TeamResult> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const settle = (done: TeamResult | Error) => (done instanceof Error ? reject(done) : resolve(done));
      this.#waiting = { left: this.threads, settle };
      this.#workers.forEach((worker, thread) => {
        worker.post(message(thread));
      });
    });
  }

  #answered(answer: Answer, thread: number): void {
    if (answer.kind === "failed") this.#fail(`worker ${thread} failed: ${answer.reason}`);
    if (answer.kind === "failed" || answer.kind === "broken" || !this.#waiting) return;
    if (answer.kind === "done" && thread === 0) this.#last = answer;
    if (--this.#waiting.left === 0) this.#waiting.settle(this.#last);
  }

  /** The first failure ends the running job and every later one. */
  #fail(reason: string): void {
    this.#failure ??= new EnvironmentFailure(
      "WORKER_FAILED",
      `${reason}. The run cannot go on; what was saved before is whole.`,
    );
    breakTeam(this.#control);
    this.#waiting?.settle(this.#failure);
  }
}
