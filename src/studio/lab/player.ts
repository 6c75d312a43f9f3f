// Walks a run a fraction of a second at a time, so that whoever asks gets a turn between; draws its curve, judges it after every
// epoch, and says where it is.
import { meanOf } from "../../training/metrics.ts";
import { failureOf } from "./error-text.ts";
import { judge } from "./evaluation.ts";
import type { OpenRun } from "./open-run.ts";
import type { LabEvent, RunProgress } from "./protocol.ts";

const SLICE_MS = 80; //    of steps between two turns …
const SHORT_MS = 12; //    … while somebody waits for answers: shorter turns cost a fifth of the speed
const WAITING_MS = 1000; // after the last question
const REPORT_MS = 250; //  between two reports while playing
const RECENT = 32; //      steps whose mean loss is reported

export type PlayerOptions = {
  /** Runs `work` when nobody else looks at the run. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly tell: (event: LabEvent) => void;
  /** Called at rest, whenever the run is worth keeping: after an epoch, at a pause, and every report while playing. */
  readonly keep: (wanted: "now" | "if due") => Promise<void>;
};

export class Player {
  readonly #options: PlayerOptions;
  #bench: OpenRun | undefined;
  #playing = false;
  #recent: number[] = [];
  #pace = 0; //                        steps in a millisecond; 0: not known yet
  #asked = Number.NEGATIVE_INFINITY; // when somebody last waited
  #speed: number | null = null; //     examples a second, smoothed
  #reported = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Take up another run, at rest. */
  put(bench: OpenRun): void {
    this.#bench = bench;
    this.#playing = false;
    this.#recent = bench.curve.points.slice(-1).map(({ loss }) => loss);
    this.#pace = 0;
    this.#speed = null;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get progress(): RunProgress {
    const { epoch, step, steps, ended } = this.#bench!.run.progress;
    const loss = this.#recent.length === 0 ? null : meanOf(this.#recent);
    const examplesPerSecond = this.#playing ? this.#speed : null;
    return { playing: this.#playing, ended: ended !== null, epoch, step, steps, loss, examplesPerSecond };
  }

  /** Somebody waits for an answer, and for more of them soon. */
  hurry(): void {
    this.#asked = performance.now();
  }

  play(): void {
    if (this.#playing || !this.#bench || this.#bench.run.progress.ended !== null) return;
    this.#playing = true;
    this.report();
    void this.#loop(this.#bench);
  }

  async pause(): Promise<void> {
    if (!this.#playing) return;
    this.#playing = false;
    await this.#options.alone(() => this.#rest());
  }

  async step(): Promise<void> {
    this.#playing = false;
    await this.#options.alone(async () => {
      const bench = this.#bench;
      if (bench && bench.run.progress.ended === null) await this.#walk(bench, 1);
      await this.#rest();
    });
  }

  /** Tell the page where the run is; it then looks again. */
  report(): void {
    this.#reported = performance.now();
    this.#options.tell({ event: "progress", progress: this.progress, points: this.#bench!.curve.points });
  }

  async #rest(): Promise<void> {
    this.report();
    await this.#options.keep("now");
  }

  async #loop(bench: OpenRun): Promise<void> {
    try {
      while (this.#playing && this.#bench === bench) {
        await this.#options.alone(() => this.#slice(bench));
        await new Promise((resolve) => setTimeout(resolve)); // messages get their turn
      }
    } catch (error) {
      this.#playing = false;
      this.#options.tell({ event: "failed", failure: failureOf(error) });
      this.report();
    }
  }

  async #slice(bench: OpenRun): Promise<void> {
    if (!this.#playing || this.#bench !== bench) return;
    const slice = performance.now() - this.#asked < WAITING_MS ? SHORT_MS : SLICE_MS;
    await this.#walk(bench, Math.max(1, Math.round(slice * this.#pace)));
    if (bench.run.progress.ended !== null) {
      this.#playing = false;
      await this.#rest();
    } else if (performance.now() - this.#reported >= REPORT_MS) {
      this.report();
      await this.#options.keep("if due");
    }
  }

  /** At most `steps` steps, at most to the end of the epoch. */
  async #walk(bench: OpenRun, steps: number): Promise<void> {
    const { run, rows } = bench;
    const { step, steps: before, stepsPerEpoch } = run.progress;
    const { batchSize: B } = run.options;
    const begun = performance.now();
    await run.train({ steps: Math.min(steps, stepsPerEpoch - step) });
    const ms = Math.max(0.1, performance.now() - begun);
    const done = run.progress.steps - before;
    const walked = Math.min(done * B, rows.train.rows - step * B);
    this.#draw(bench, walked);
    this.#speed = 0.7 * (this.#speed ?? (1000 * walked) / ms) + (0.3 * 1000 * walked) / ms;
    this.#pace = done / ms;
    if (run.progress.step === 0) await this.#endEpoch(bench);
  }

  /** The losses of the rows just walked, onto the curve. */
  #draw({ run, curve }: OpenRun, walked: number): void {
    const { batchSize: B } = run.options;
    const losses = run.session.readLosses(0, walked);
    for (let at = 0; at < walked; at += B) {
      const loss = meanOf(losses.subarray(at, at + B));
      curve.add(loss);
      this.#recent.push(loss);
    }
    this.#recent = this.#recent.slice(-RECENT);
  }

  async #endEpoch(bench: OpenRun): Promise<void> {
    const { run, rows, epochs } = bench;
    const { epoch, steps, trainLoss, trainAccuracy, parametersSha256, seconds } = run.state().epochs.at(-1)!;
    const judging = await judge(run.session, "test", rows.test, rows.train.rows);
    const { loss: testLoss, accuracy: testAccuracy } = judging.metrics;
    const point = { epoch, steps, trainLoss, trainAccuracy, parametersSha256, seconds, testLoss, testAccuracy };
    epochs.push(point);
    bench.judging = judging;
    const { part, metrics, worst } = judging;
    this.#options.tell({ event: "epoch", point, judgement: { part, metrics, worst } });
    await this.#options.keep("now");
  }
}
