// Advances a run a fraction of a second at a time, so that other calls run in between; adds its losses to the curve,
// evaluates it after every epoch, and reports its progress.

import { parameterCount } from "../../network/network.ts";
import { meanOf } from "../../training/metrics.ts";
import { failureOf } from "./error-text.ts";
import { evaluateSplit, forPage, testFigures } from "./evaluation.ts";
import { lookOverTime } from "./histogram-history.ts";
import { nextTask } from "./next-task.ts";
import type { OpenRun } from "./open-run.ts";
import type { EpochPoint, Evaluation, LabEvent, PlayerProgress } from "./protocol.ts";

const SLICE_MS = 80; //     of steps between two turns of other calls …
const SHORT_MS = 12; //     … while more calls are expected: short slices cost a fifth of the speed
const EXPECTED_MS = 1000; // after such a call
const REPORT_MS = 250; //   between two reports while playing …
const SURFACE_MS = 50; //   … and of a small network in the plane, whose surface is drawn anew with each, not the curve
const SMALL = 5000; //      parameters
const UNSEEN_MS = 2000; //  … and at most so long for a page that has not shown the last one
const TEST_SHARE = 10; //   epochs that end sooner are tested now and then: a test takes at most 1/10 of their time

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
  #held = false; //                       while the settings change
  #resumes = false; //                    whether it plays on then: what the page is told meanwhile
  #pace = 0; //                           steps a millisecond; 0: not measured yet
  #lastCall = Number.NEGATIVE_INFINITY; // performance.now() of the newest expectCalls
  #speed: number | null = null; //        examples a second, smoothed
  #reported = 0; //                       performance.now() of the newest report
  #seen = true; //                        whether the page has shown that report
  #curved = 0; //                         performance.now() of the newest report with the curve
  #ended: EpochPoint[] = []; //           epochs since then
  #evaluated: Evaluation | null = null; // the newest evaluation since then
  #untested = Number.POSITIVE_INFINITY; // milliseconds of training since the last evaluation
  #testMs = 0; //                         that it took

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Take `open` as the run, paused. */
  setRun(open: OpenRun): void {
    this.#open = open;
    this.#playing = false;
    this.#pace = 0;
    this.#speed = null;
    this.#ended = [];
    this.#evaluated = null;
    this.#untested = Number.POSITIVE_INFINITY;
  }

  get playing(): boolean {
    return this.#held ? this.#resumes : this.#playing;
  }

  get progress(): PlayerProgress {
    const { run, curve } = this.#open!;
    const { epoch, step, steps, ended } = run.progress;
    const examplesPerSecond = this.playing ? this.#speed : null;
    return {
      playing: this.playing,
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
    this.#resumes = true;
    if (this.#playing || !this.#open || this.#open.run.progress.ended !== null) return;
    this.#playing = true;
    this.report();
    void this.#options.save("now"); // a reload plays on
    void this.#loop(this.#open);
  }

  async pause(): Promise<void> {
    if (!this.playing) return;
    this.#resumes = false;
    this.#playing = false;
    await this.#options.exclusive(() => this.#reportAndSave());
  }

  async step(): Promise<void> {
    this.#resumes = false;
    this.#playing = false;
    await this.#options.exclusive(async () => {
      const open = this.#open;
      if (open && open.run.progress.ended === null) {
        await lookOverTime(open, false);
        await this.#advance(open, 1);
        await lookOverTime(open, false);
      }
      await this.#reportAndSave();
    });
  }

  /** The page has shown the newest report: a slow page gets fewer. */
  reportSeen(): void {
    this.#seen = true;
  }

  /**
   * `work` while the run stands still, at an epoch's start with `atStart`. The page sees it play on; a pause that comes
   * meanwhile, or a play, holds from then on.
   */
  standStill<T>(atStart: boolean, work: () => Promise<T>): Promise<T> {
    this.#resumes = this.playing;
    this.#held = true;
    this.#playing = false;
    return this.#options.exclusive(async () => {
      try {
        if (this.#open) await this.#settle(this.#open, atStart);
        return await work();
      } finally {
        this.#held = false;
        if (this.#resumes) this.play(); // before the page has the answer
      }
    });
  }

  /** Report what has ended, after the steps that are left of the epoch with `atStart`. */
  async #settle(open: OpenRun, atStart: boolean): Promise<void> {
    const { stepsPerEpoch, step } = open.run.progress;
    if (atStart && step > 0) await this.#advance(open, stepsPerEpoch - step);
    this.report();
  }

  /** Send the page the progress and the curve; its views then read again. */
  report(): void {
    this.#reported = performance.now();
    this.#seen = false;
    const due = !this.#playing || this.#reported - this.#curved >= REPORT_MS;
    if (due) this.#curved = this.#reported;
    const points = due ? this.#open!.curve.points : null;
    const [epochs, evaluation] = [this.#ended, this.#evaluated];
    this.#ended = [];
    this.#evaluated = null;
    this.#options.emit({ event: "progress", progress: this.progress, points, epochs, evaluation });
  }

  async #reportAndSave(): Promise<void> {
    this.report();
    await this.#options.save("now");
  }

  async #loop(open: OpenRun): Promise<void> {
    try {
      while (this.#playing && this.#open === open) {
        await this.#options.exclusive(() => this.#slice(open));
        await nextTask();
      }
    } catch (error) {
      this.#playing = false;
      this.#options.emit({ event: "failed", failure: failureOf(error) });
      this.report();
    }
  }

  async #slice(open: OpenRun): Promise<void> {
    if (!this.#playing || this.#open !== open) return;
    await lookOverTime(open, true);
    const slice = performance.now() - this.#lastCall < EXPECTED_MS ? SHORT_MS : SLICE_MS;
    const until = performance.now() + slice / 2;
    do await this.#advance(open, Math.max(1, Math.round(slice * this.#pace)));
    while (open.run.progress.ended === null && performance.now() < until); // short epochs: many a slice
    if (open.run.progress.ended !== null) {
      await lookOverTime(open, false);
      this.#playing = false;
      await this.#reportAndSave();
    } else if (performance.now() - this.#reported >= (this.#seen ? reportMs(open) : UNSEEN_MS)) {
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
    if (done === 0) return; // L-BFGS found no further step
    const examples = Math.min(done * B, rows.train.rows - step * B);
    const full = run.options.optimizer === "lbfgs"; // the losses of a step are in the epoch's record
    const losses = full ? new Float64Array(0) : run.session.readLosses(0, examples);
    const first = open.epochs.length; // epochs before this one
    for (let from = 0, at = step; from < losses.length; from += B)
      curve.add(meanOf(losses.subarray(from, from + B)), first + ++at / stepsPerEpoch);
    this.#speed = 0.7 * (this.#speed ?? (1000 * examples) / ms) + (0.3 * 1000 * examples) / ms;
    this.#pace = done / ms;
    this.#untested += ms;
    if (run.progress.step === 0) await this.#endEpoch(open);
  }

  async #endEpoch(open: OpenRun): Promise<void> {
    const { run, epochs, curve } = open;
    const [record] = run.takeEpochs();
    const full = run.options.optimizer === "lbfgs";
    if (full) curve.add(record!.trainLoss!, record!.epoch);
    const due = this.#untested >= TEST_SHARE * this.#testMs || full || run.progress.ended !== null;
    if (due) {
      const begun = performance.now();
      open.evaluation = await evaluateSplit(open, "test");
      this.#evaluated = forPage(open.evaluation);
      this.#testMs = performance.now() - begun;
      this.#untested = 0;
    }
    const none = { testLoss: null, testAccuracy: null, testScore: null };
    const point = { ...record!, ...(due ? testFigures(open.evaluation!) : none) };
    epochs.push(point);
    this.#ended.push(point);
    await this.#options.save("if due");
  }
}

const reportMs = ({ surface, network }: OpenRun) =>
  surface && parameterCount(network) <= SMALL ? SURFACE_MS : REPORT_MS;
