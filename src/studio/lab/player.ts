// Advances a run a fraction of a second at a time, so that other calls run in between; adds its losses to the curve,
// evaluates it after every epoch, and reports its progress.
import { meanOf } from "../../training/metrics.ts";
import { failureOf } from "./error-text.ts";
import { evaluateSplit } from "./evaluation.ts";
import type { OpenRun } from "./open-run.ts";
import type { LabEvent, PlayerProgress } from "./protocol.ts";

const SLICE_MS = 80; //     of steps between two turns of other calls …
const SHORT_MS = 12; //     … while more calls are expected: short slices cost a fifth of the speed
const EXPECTED_MS = 1000; // after such a call
const REPORT_MS = 250; //   between two reports while playing

export type PlayerOptions = {
  /** Runs `work` while no other call uses the run. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  readonly emit: (event: LabEvent) => void;
  /** Called between steps: "now" after an epoch and at a pause, "if due" after a report while playing. */
  readonly save: (when: "now" | "if due") => Promise<void>;
};

export class Player {
  readonly #options: PlayerOptions;
  #open: OpenRun | undefined;
  #playing = false;
  #pace = 0; //                           steps a millisecond; 0: not measured yet
  #lastCall = Number.NEGATIVE_INFINITY; // performance.now() of the newest expectCalls
  #speed: number | null = null; //        examples a second, smoothed
  #reported = 0; //                       performance.now() of the newest report

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Take `open` as the run, paused. */
  setRun(open: OpenRun): void {
    this.#open = open;
    this.#playing = false;
    this.#pace = 0;
    this.#speed = null;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get progress(): PlayerProgress {
    const { run, curve } = this.#open!;
    const { epoch, step, steps, ended } = run.progress;
    const examplesPerSecond = this.#playing ? this.#speed : null;
    return {
      playing: this.#playing,
      ended: ended !== null,
      epoch,
      step,
      steps,
      loss: curve.recentLoss,
      examplesPerSecond,
    };
  }

  /** Shorten the slices: a call waits for its turn, and more will follow soon. */
  expectCalls(): void {
    this.#lastCall = performance.now();
  }

  play(): void {
    if (this.#playing || !this.#open || this.#open.run.progress.ended !== null) return;
    this.#playing = true;
    this.report();
    void this.#loop(this.#open);
  }

  async pause(): Promise<void> {
    if (!this.#playing) return;
    this.#playing = false;
    await this.#options.exclusive(() => this.#reportAndSave());
  }

  async step(): Promise<void> {
    this.#playing = false;
    await this.#options.exclusive(async () => {
      const open = this.#open;
      if (open && open.run.progress.ended === null) await this.#advance(open, 1);
      await this.#reportAndSave();
    });
  }

  /** Send the page the progress and the curve; its views then read again. */
  report(): void {
    this.#reported = performance.now();
    this.#options.emit({ event: "progress", progress: this.progress, points: this.#open!.curve.points });
  }

  async #reportAndSave(): Promise<void> {
    this.report();
    await this.#options.save("now");
  }

  async #loop(open: OpenRun): Promise<void> {
    try {
      while (this.#playing && this.#open === open) {
        await this.#options.exclusive(() => this.#slice(open));
        await new Promise((resolve) => setTimeout(resolve)); // a turn for the worker's messages
      }
    } catch (error) {
      this.#playing = false;
      this.#options.emit({ event: "failed", failure: failureOf(error) });
      this.report();
    }
  }

  async #slice(open: OpenRun): Promise<void> {
    if (!this.#playing || this.#open !== open) return;
    const slice = performance.now() - this.#lastCall < EXPECTED_MS ? SHORT_MS : SLICE_MS;
    await this.#advance(open, Math.max(1, Math.round(slice * this.#pace)));
    if (open.run.progress.ended !== null) {
      this.#playing = false;
      await this.#reportAndSave();
    } else if (performance.now() - this.#reported >= REPORT_MS) {
      this.report();
      await this.#options.save("if due");
    }
  }

  /** At most `steps` steps, at most to the end of the epoch. */
  async #advance(open: OpenRun, steps: number): Promise<void> {
    const { run, rows, curve } = open;
    const { step, steps: before, stepsPerEpoch } = run.progress;
    const { batchSize: B } = run.options;
    const begun = performance.now();
    await run.train({ steps: Math.min(steps, stepsPerEpoch - step) });
    const ms = Math.max(0.1, performance.now() - begun);
    const done = run.progress.steps - before;
    const examples = Math.min(done * B, rows.train.rows - step * B);
    const losses = run.session.readLosses(0, examples);
    for (let from = 0; from < examples; from += B) curve.add(meanOf(losses.subarray(from, from + B)));
    this.#speed = 0.7 * (this.#speed ?? (1000 * examples) / ms) + (0.3 * 1000 * examples) / ms;
    this.#pace = done / ms;
    if (run.progress.step === 0) await this.#endEpoch(open);
  }

  async #endEpoch(open: OpenRun): Promise<void> {
    const { run, rows, epochs } = open;
    const { epoch, steps, trainLoss, trainAccuracy, parametersSha256, seconds } = run.state().epochs.at(-1)!;
    const evaluation = await evaluateSplit(run.session, rows, "test");
    const { part, metrics, worst } = evaluation;
    const { loss: testLoss, accuracy: testAccuracy } = metrics;
    const point = { epoch, steps, trainLoss, trainAccuracy, parametersSha256, seconds, testLoss, testAccuracy };
    epochs.push(point);
    open.evaluation = evaluation;
    this.#options.emit({ event: "epoch", point, evaluation: { part, metrics, worst } });
    await this.#options.save("now");
  }
}
