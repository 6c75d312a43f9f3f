// A team of one on the calling thread. It gives the event loop a turn between slices of work.
import type { Kernels } from "../gradients/kernels.ts";
import { Control } from "./control.ts";
import type { OnProgress } from "./engine.ts";
import type { Prepared } from "./prepare.ts";
import type { TeamJob, TeamResult } from "./team-job.ts";
import { TeamThread } from "./thread.ts";

const SLICE_MS = 50; // work between two turns of the event loop; affects pace, never results
const REST_MS = 1; //   without work: by then the event loop has had its turn

export class CallingThread {
  readonly #thread: TeamThread;
  readonly #control: Control;
  readonly #batchSize: number;
  #begun = 0; // when work began after the event loop's last turn
  #ended = 0; // when the last job ended

  constructor({ plan, memory }: Prepared, kernels: Kernels) {
    const pacing = { spins: 0, pause: () => performance.now() - this.#begun > SLICE_MS };
    this.#control = new Control(plan, memory);
    this.#thread = new TeamThread(kernels, plan, memory, { thread: 0, threads: 1 }, pacing);
    this.#batchSize = plan.batchSize;
  }

  async run(job: TeamJob, onProgress?: OnProgress): Promise<TeamResult> {
    if (performance.now() - this.#ended > REST_MS) this.#begun = performance.now();
    else if (performance.now() - this.#begun > SLICE_MS) await this.#yield();
    this.#control.reset();
    const whole = job.kind === "train" ? Math.ceil(job.length / this.#batchSize) : job.length;
    let result = this.#thread.do(job);
    while (result.stoppedAt < 0 && result.done < whole) {
      await this.#yield();
      if (onProgress?.(result.done) === false) return result;
      result = this.#thread.do(job.kind === "train" ? { ...job, from: result.done } : job);
    }
    this.#ended = performance.now();
    onProgress?.(result.done);
    return result;
  }

  async #yield(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#begun = performance.now();
  }
}
