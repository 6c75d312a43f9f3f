// Thread 0 of a rank as its main thread sees it: one worker for the whole job, which sessions borrow for their teams,
// because MPI answers to the thread that began it alone.
import { EnvironmentFailure } from "../../errors.ts";
import type { WorkerAnswer } from "../team-member.ts";
import { startWorker, type WorkerHandle } from "../worker-host.ts";
import type { LeadAnswer, LeadMessage } from "./rank-worker.ts";

type Waiting = { readonly settle: (answer: LeadAnswer) => void; readonly fail: (error: Error) => void };

export class Lead {
  /** The worker as thread 0 of a session's team: it stays when the session ends. */
  readonly member: WorkerHandle;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: WorkerHandle;
  readonly #failed: (error: EnvironmentFailure) => void;
  #waiting: Waiting | undefined;
  #received: (answer: never) => void = () => {}; // the session's

  /** `failed`: told of a failure that no call and no session waits for. */
  constructor(failed: (error: EnvironmentFailure) => void) {
    this.#failed = failed;
    const extension = String(import.meta.url).slice(-3);
    this.#worker = startWorker(new URL(`./rank-worker${extension}`, import.meta.url));
    this.#worker.listen(
      (answer: WorkerAnswer | LeadAnswer) => this.#answered(answer),
      (reason) => this.#answered({ kind: "failed", reason: `thread 0 stopped: ${reason}` }),
    );
    this.member = {
      post: (message) => this.#worker.post(message),
      listen: (received, _failed) => {
        this.#received = received;
      },
      end: async () => {
        this.#received = () => {};
      },
    };
  }

  get stopWord(): Int32Array {
    return this.#stop;
  }

  /** Ends every wait for other ranks, for good. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  /** Have thread 0 do something that it answers. Rejects with an EnvironmentFailure. */
  async ask<K extends LeadAnswer["kind"]>(message: LeadMessage): Promise<LeadAnswer & { readonly kind: K }> {
    const awake = setInterval(() => {}, 1000); // workers hold no process open
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { settle: (answer) => resolve(answer as LeadAnswer & { readonly kind: K }), fail: reject };
        this.#worker.post(message);
      });
    } finally {
      clearInterval(awake);
    }
  }

  #answered(answer: WorkerAnswer | LeadAnswer): void {
    const { kind } = answer;
    if (kind === "ready" || kind === "done" || kind === "broken") {
      this.#received(answer as never);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (kind !== "failed") waiting?.settle(answer);
    else {
      const { reason, code = "WORKER_FAILED" } = answer;
      const error = new EnvironmentFailure(code, `${reason}.`);
      if (!waiting) this.#received(answer as never);
      waiting?.fail(error);
      this.#failed(error);
    }
  }
}
