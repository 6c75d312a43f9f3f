// A session on the calling thread.
import type { Kernels } from "../gradients/kernels.ts";
import { CallingThread } from "./calling-thread.ts";
import type { EngineName, OnProgress, Setup } from "./engine.ts";
import type { Prepared } from "./prepare.ts";
import { TeamSession } from "./session.ts";
import type { TeamJob, TeamResult } from "./team-job.ts";

export class LocalSession extends TeamSession {
  readonly threads = 1;
  readonly #thread: CallingThread;

  constructor(engine: EngineName, prepared: Prepared, setup: Setup, kernels: Kernels) {
    super(engine, prepared, setup);
    this.#thread = new CallingThread(prepared, kernels);
  }

  protected run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    return this.#thread.run(job, onProgress);
  }
}
