// A session whose team is workers over shared memory. The caller's thread hands out jobs and watches; it never waits in
// a barrier, so it stays free for progress, signals and the page.
import { EnvironmentFailure } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { Control } from "./control.ts";
import type { OnProgress, Session, Setup } from "./engine.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { TeamSession } from "./session.ts";
import type { TeamJob, TeamResult } from "./thread.ts";
import type { Answer, JoinMessage } from "./worker.ts";
import { processors, startWorker, type WorkerHandle } from "./worker-host.ts";

const LOOK_MS = 50; //     between two looks at a running job, for progress
//   looks before a thread sleeps in a barrier, some tens of microseconds; 1 where threads outnumber processors
const SPINS = 20_000;

/** Open a session of `threads` workers. `workerUrl`: another worker module, for tests that break things. */
export async function openPool(backend: Backend, setup: Setup, threads: number, workerUrl?: URL): Promise<Session> {
  return new PoolSession(backend.name, prepare(backend, setup, threads, true), setup, threads, workerUrl);
}

class PoolSession extends TeamSession {
  readonly threads: number;
  readonly #prepared: Prepared;
  readonly #workerUrl: URL | undefined;
  readonly #control: Control;
  // started by the first job, so that the caller can free its copy of the data first
  #workers: readonly WorkerHandle[] = [];
  #waiting: { left: number; settle: (result: TeamResult | Error) => void } | undefined;
  #result: TeamResult = { done: 0, stoppedAt: -1 }; // thread 0's, of the newest job
  #failure: Error | undefined;

  constructor(backend: string, prepared: Prepared, setup: Setup, threads: number, workerUrl: URL | undefined) {
    super(backend, prepared, setup);
    this.threads = threads;
    this.#prepared = prepared;
    this.#workerUrl = workerUrl;
    this.#control = new Control(prepared.plan, prepared.memory);
  }

  override async close(): Promise<void> {
    await super.close();
    this.#failure ??= new EnvironmentFailure("SESSION_CLOSED", "this session was closed; open a new one.");
    this.#control.breakTeam();
    this.#waiting?.settle(this.#failure);
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  protected async run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    this.#control.reset();
    const look = () => {
      if (onProgress?.(this.#control.steps) === false) this.#control.stopWanted = true;
    };
    const result = await this.#awake(look, async () => {
      if (this.#workers.length === 0) await this.#startWorkers();
      return this.#all(() => job);
    });
    onProgress?.(result.done);
    return result;
  }

  /** Start the workers, give each its rank and wait until all have their kernels. */
  async #startWorkers(): Promise<void> {
    const { threads, engine: backend } = this;
    const { plan, store } = this.#prepared;
    this.#workers = Array.from({ length: threads }, () => startWorker(this.#workerUrl));
    this.#workers.forEach((worker, thread) => {
      worker.listen(
        (answer: Answer) => this.#answered(answer, thread),
        (reason) => this.#fail(`worker ${thread} stopped: ${reason}`),
      );
    });
    const spins = threads <= processors() ? SPINS : 1;
    await this.#all((thread): JoinMessage => ({ backend, store, plan, rank: { thread, threads }, spins }));
  }

  /** Workers hold no process open, so that a session left open cannot hang it; while they work, this timer does. */
  async #awake<R>(look: () => void, work: () => Promise<R>): Promise<R> {
    const timer = setInterval(look, LOOK_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Send a message to every worker; settles when all have answered, or at the first failure. */
  #all(message: (thread: number) => JoinMessage | TeamJob): Promise<TeamResult> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const settle = (result: TeamResult | Error) => (result instanceof Error ? reject(result) : resolve(result));
      this.#waiting = { left: this.threads, settle };
      this.#workers.forEach((worker, thread) => {
        worker.post(message(thread));
      });
    });
  }

  #answered(answer: Answer, thread: number): void {
    if (answer.kind === "failed") this.#fail(`worker ${thread} failed: ${answer.reason}`);
    if (answer.kind === "failed" || answer.kind === "broken" || !this.#waiting) return;
    if (answer.kind === "done" && thread === 0) this.#result = answer;
    if (--this.#waiting.left === 0) this.#waiting.settle(this.#result);
  }

  /** The first failure ends the running job and every later one. */
  #fail(reason: string): void {
    const remedy = "The run cannot go on; what was saved before is whole.";
    this.#failure ??= new EnvironmentFailure("WORKER_FAILED", `${reason}. ${remedy}`);
    this.#control.breakTeam();
    this.#waiting?.settle(this.#failure);
  }
}
