// A session whose team is workers over shared memory. The caller's thread hands out jobs and watches; it never waits in
// a barrier, so it stays free for progress, signals and the page.
import { EnvironmentFailure, type EnvironmentFailureCode } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { CallingThread } from "./calling-thread.ts";
import { Control } from "./control.ts";
import type { OnProgress, Setup } from "./engine.ts";
import { type Prepared, preparing } from "./prepare.ts";
import type { Ranks } from "./ranks/shares.ts";
import { TeamSession } from "./session.ts";
import type { TeamJob, TeamResult } from "./team-job.ts";
import type { JoinMessage, WorkerAnswer } from "./team-member.ts";
import { inTurns } from "./turns.ts";
import { warnOnce } from "./warning.ts";
import { processors, startWorker, type WorkerHandle } from "./worker-host.ts";

const LOOK_MS = 50; //     between two looks at a running job, for progress
const START_MS = 10_000; // for all workers to say that they are ready; a start takes some 100 ms
//   looks before a thread sleeps in a barrier, some tens of microseconds; 1 where threads outnumber processors
const SPINS = 20_000;

/** For tests that break things: another worker module, another time to start. */
export type PoolTrial = { readonly workerUrl?: URL | undefined; readonly startMs?: number | undefined };

/** Of a team in a job of several ranks: its thread 0, which alone speaks to the others, and outlives the session. */
export type PoolRanks = {
  readonly ranks: Ranks;
  readonly lead: WorkerHandle;
  /** Called at the first failure: thread 0 must not wait for other ranks any longer. */
  readonly broken: (failure: EnvironmentFailure) => void;
};

/**
 * Open a session of `threads` workers. If they cannot start, or do not within 10 s, its jobs run on the calling thread,
 * with the same bits and a warning.
 */
export async function openPool(
  backend: Backend,
  setup: Setup,
  threads: number,
  trial: PoolTrial = {},
): Promise<TeamSession> {
  const prepared = await inTurns(preparing(backend, setup, threads, true));
  return new PoolSession(backend, prepared, setup, threads, trial);
}

export class PoolSession extends TeamSession {
  readonly #backend: Backend;
  readonly #prepared: Prepared;
  readonly #trial: PoolTrial;
  readonly #ranks: PoolRanks | undefined;
  readonly #control: Control;
  #threads: number;
  // started by the first job, so that the caller can free its copy of the data first
  #workers: readonly WorkerHandle[] = [];
  #alone: CallingThread | undefined; // instead of workers that could not start
  #waiting: { left: number; settle: (result: TeamResult | Error) => void } | undefined;
  #result: TeamResult = { done: 0, stoppedAt: -1 }; // thread 0's, of the newest job
  #failure: EnvironmentFailure | undefined;

  constructor(
    backend: Backend,
    prepared: Prepared,
    setup: Pick<Setup, "optimizer">,
    threads: number,
    trial: PoolTrial = {},
    ranks?: PoolRanks,
  ) {
    super(backend.name, prepared, setup);
    this.#backend = backend;
    this.#threads = threads;
    this.#prepared = prepared;
    this.#trial = trial;
    this.#ranks = ranks;
    this.#control = new Control(prepared.plan, prepared.memory);
  }

  get threads(): number {
    return this.#threads;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#failure ??= new EnvironmentFailure("SESSION_CLOSED", "this session was closed; open a new one.");
    this.#control.breakTeam();
    if (this.#waiting?.left) this.#ranks?.broken(this.#failure);
    this.#waiting?.settle(this.#failure);
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  protected async run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    const look = () => {
      if (onProgress?.(this.#control.steps) === false) this.#control.stopWanted = true;
    };
    if (this.#workers.length === 0 && !this.#alone) await this.#awake(look, () => this.#startWorkers());
    if (this.#alone) return this.#alone.run(job, onProgress);
    this.#control.reset();
    const result = await this.#awake(look, () => this.#all(() => job));
    onProgress?.(result.done);
    return result;
  }

  /**
   * Start the workers, give each its rank and wait until all have their kernels; or else, also if one says nothing in
   * time, stay on the calling thread.
   */
  async #startWorkers(): Promise<void> {
    const { threads, engine: backend } = this;
    const { plan, store } = this.#prepared;
    const { ranks, lead } = this.#ranks ?? {};
    const spins = threads <= processors() ? SPINS : 1;
    const workers: WorkerHandle[] = [];
    const { workerUrl, startMs = START_MS } = this.#trial;
    const late = setTimeout(() => this.#fail(`a worker was not ready after ${startMs / 1000} s`), startMs);
    try {
      for (let thread = 0; thread < threads; thread++) {
        const worker = (thread === 0 && lead) || startWorker(workerUrl);
        workers.push(worker);
        worker.listen(
          (answer: WorkerAnswer) => this.#answered(answer, thread),
          (reason) => this.#fail(`worker ${thread} stopped: ${reason}`),
        );
      }
      this.#workers = workers;
      await this.#all((thread): JoinMessage => ({ backend, store, plan, rank: { thread, threads }, spins, ranks }));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.end()));
      if (this.closed || ranks) throw error; // a rank cannot go on alone
      await this.#stayAlone(error);
    } finally {
      clearTimeout(late);
    }
  }

  async #stayAlone(error: unknown): Promise<void> {
    const { plan, memory, store } = this.#prepared;
    const [reason] = String(error instanceof EnvironmentFailure ? error.cause : error).split("\n");
    warnOnce("workers", `workers cannot start here, so one thread does the work, with the same bits (${reason}).`);
    this.#workers = [];
    this.#threads = 1;
    this.#failure = undefined;
    this.#control.mend();
    this.#alone = new CallingThread(
      this.#prepared,
      await this.#backend.kernels(store, memory, plan, { thread: 0, threads: 1 }),
    );
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

  #answered(answer: WorkerAnswer, thread: number): void {
    if (answer.kind === "failed")
      this.#fail(answer.code ? answer.reason : `worker ${thread} failed: ${answer.reason}`, answer.code);
    if (answer.kind === "failed" || answer.kind === "broken" || !this.#waiting) return;
    if (answer.kind === "done" && thread === 0) this.#result = answer;
    if (--this.#waiting.left === 0) this.#waiting.settle(this.#result);
  }

  /** The first failure ends the running job and every later one. */
  #fail(reason: string, code: EnvironmentFailureCode = "WORKER_FAILED"): void {
    if (this.#alone) return;
    const remedy = "The run cannot go on; what was saved before is whole.";
    this.#failure ??= new EnvironmentFailure(code, `${reason}. ${remedy}`, {}, { cause: reason });
    this.#control.breakTeam();
    this.#ranks?.broken(this.#failure);
    this.#waiting?.settle(this.#failure);
  }
}
