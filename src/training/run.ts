// A training run over an open session. It can stop after any step and resume bit for bit: the engine computes, the run
// makes orders and coefficients and decides when to stop. Its position is (epoch, step); a RunState holds everything
// computed.
import type { Session } from "../engines/engine.ts";
import { must } from "../errors.ts";
import { SOFTMAX } from "../network/losses.ts";
import { initialize } from "../network/parameters.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { firstNonFinite } from "./diagnosis.ts";
import { EarlyStopping } from "./early-stopping.ts";
import { drawsOfSteps, type EpochPlan, planEpoch } from "./epoch-plan.ts";
import { EpochRecords } from "./epoch-records.ts";
import { EpochTally, sumsOf } from "./epoch-tally.ts";
import { FullBatchSteps } from "./full-batch.ts";
import { EpochNoise } from "./measure-noise.ts";
import type { Model } from "./model.ts";
import { differs, holding, modelParameters, withScale } from "./model-parameters.ts";
import type { TrainingOptions } from "./options.ts";
import type { RunBasis } from "./plan-training.ts";
import { PrivateSteps } from "./private-steps.ts";
import type { RunSetup, TrainLimits } from "./run-setup.ts";
import { firstState, type RunProgress, type RunState } from "./run-state.ts";
import { endFigures, UNTESTED, validationFigures } from "./split-figures.ts";
import type { SplitLabels } from "./splits.ts";
import { drawSeed } from "./step-options.ts";
import {
  Diverged,
  type EpochRecord,
  hashOf,
  type StopReason,
  type TrainEvent,
  type TrainingResult,
} from "./training-result.ts";

const RECENT = 32; // steps, at most, in the mean loss of a progress event

/** A training run, open at some step. Made by `openRun` and `openPlanned`. */
export class Run {
  /** Its arrays may be read between two calls of `train`. */
  readonly session: Session;
  /** Defaults filled in. */
  readonly options: TrainingOptions;
  readonly #modelInfo: Omit<Model, "parameters">;
  readonly #splits: SplitLabels;
  readonly #onEvent: (event: TrainEvent) => void;
  readonly #basis: RunBasis;
  readonly #planOf: (epoch: number) => EpochPlan;
  readonly #noise: EpochNoise;
  readonly #stepsPerEpoch: number;
  readonly #earlyStopping: EarlyStopping<Float32Array>;
  readonly #epochs: EpochRecords;
  readonly #tally: EpochTally;
  readonly #private: PrivateSteps | undefined;
  readonly #fullBatch: FullBatchSteps | undefined;
  #epoch: number;
  #step: number; //                  steps of the epoch done
  #spent: number; //                 seconds of the whole run
  #plan: EpochPlan | undefined;
  #diverged = false;
  #settled = false; //               L-BFGS finds no further step
  #training = false;

  /** At the first step, or at `from`, a state that checkState has passed. */
  constructor(
    { session, modelInfo, splits, options, onEvent, basis = {}, images, noiseScale = false }: RunSetup,
    from?: RunState,
  ) {
    this.session = session;
    this.options = options;
    this.#modelInfo = modelInfo;
    this.#splits = splits;
    this.#onEvent = onEvent;
    this.#basis = basis;
    this.#noise = new EpochNoise(session, noiseScale);
    const [{ rows }, { network }] = [splits.train, modelInfo];
    this.#planOf = (epoch) => planEpoch(options, rows, epoch, basis.rateOf, images);
    this.#stepsPerEpoch = Math.ceil(rows / options.batchSize);
    const drawn = () => basis.parameters?.slice() ?? initialize(network, options.initialization, drawSeed(options));
    const start: RunState = from ?? firstState(drawn());
    session.writeParameters(from ? start.parameters : withScale(network, options, start.best.parameters));
    if (options.optimizer === "lbfgs")
      this.#fullBatch = new FullBatchSteps(session, options.weightDecay, rows, start.states);
    else if (from) session.writeStates(from.states);
    this.#earlyStopping = new EarlyStopping(start.best, options.patience ?? Number.POSITIVE_INFINITY);
    this.#epochs = new EpochRecords(start);
    const sums = sumsOf(start.tally, () => this.#planOf(start.epoch).order, splits.train.labels);
    this.#tally = new EpochTally(sums, start, options, RECENT);
    this.#private = options.private && new PrivateSteps(session, options, rows);
    this.#epoch = start.epoch;
    this.#step = start.step;
    this.#spent = this.#epochs.seconds + start.seconds;
  }

  /** The position of the run. */
  get progress(): RunProgress {
    const [epoch, step, stepsPerEpoch] = [this.#epoch, this.#step, this.#stepsPerEpoch];
    return { epoch, step, steps: (epoch - 1) * stepsPerEpoch + step, stepsPerEpoch, ended: this.#ended };
  }

  get #ended(): RunProgress["ended"] {
    if (this.#diverged) return "stopped";
    if (this.#earlyStopping.exhausted(this.#epochs.count)) return "early";
    return this.#settled || this.#epoch > this.options.epochs ? "finished" : null;
  }

  /** The rows of the next step, as row numbers of the joined splits; none once the run has ended. */
  nextRows(): Uint32Array {
    const { batchSize } = this.options;
    if (this.#ended !== null) return new Uint32Array(0);
    return this.#planned.order.slice(this.#step * batchSize, (this.#step + 1) * batchSize);
  }

  /**
   * Train until the run has ended, `signal` aborts (the current step is finished first), or `steps` more steps are
   * done. An epoch's record is made with its last step. Raises Diverged, or an error of the engine.
   */
  async train({ steps = Number.POSITIVE_INFINITY, signal }: TrainLimits = {}): Promise<StopReason | "paused"> {
    must(steps >= 1, "steps", "a number ≥ 1", steps);
    this.#guard();
    this.#training = true;
    const begun = performance.now();
    try {
      for (let left = steps; left > 0 && this.#ended === null && !signal?.aborted; )
        left -= await (this.#private || this.#fullBatch ? this.#stepAlone() : this.#advance(left, signal));
      return this.#ended ?? "paused";
    } finally {
      this.#spent += (performance.now() - begun) / 1000;
      this.#training = false;
    }
  }

  /** All that resuming from here takes, copied out of the session. */
  state(): RunState {
    this.#guard();
    return {
      epoch: this.#epoch,
      step: this.#step,
      parameters: this.session.readParameters(),
      states: this.#fullBatch?.states() ?? this.session.readStates(),
      best: this.#earlyStopping.kept,
      ...this.#tally.state(),
      ...this.#epochs.state(),
    };
  }

  /** Records of epochs that ended, for a caller that keeps them: states and results no longer hold them. */
  takeEpochs(): readonly EpochRecord[] {
    return this.#epochs.take();
  }

  /** A copy of the model as it stands. */
  model(): Model {
    this.#guard();
    return { ...this.#modelInfo, ...this.#privacy, parameters: this.#parameters() };
  }

  /** The model so far and its figures, tested if the run finished or stopped early; `unended` before its end. */
  async result(unended: "interrupted" | "onEpoch" = "interrupted"): Promise<TrainingResult> {
    this.#guard();
    return this.#result(this.#ended ?? unended);
  }

  /** Give threads and memory back. */
  close(): Promise<void> {
    return this.session.close();
  }

  /** `await using run = await openRun(…)` closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #guard(): void {
    must(!this.#training, "the run", "at rest: one call of train at a time", "a call", "Await train() first.");
  }

  /** One call of the session: at most `most` steps, at most to the end of the epoch. Returns the steps done. */
  async #advance(most: number, signal: TrainLimits["signal"]): Promise<number> {
    const { batchSize: B } = this.options;
    const { order, rates, coefficients } = this.#planned;
    const from = this.#step;
    const { rowsACall = Number.POSITIVE_INFINITY } = this.session;
    const until = Math.min(this.#stepsPerEpoch, from + most, from + Math.max(1, Math.floor(rowsACall / B)));
    const begun = performance.now();
    const results = await this.session.train(
      order.subarray(from * B, until * B),
      coefficients.subarray(from * COEFFICIENTS, until * COEFFICIENTS),
      (steps) => {
        // before the first step, while threads start, there is no loss and no pace
        if (steps > 0) {
          const loss = this.#recentLoss(from, steps);
          const [epoch, of] = [this.#epoch, this.#stepsPerEpoch];
          this.#onEvent({ event: "progress", epoch, step: from + steps, steps: of, loss });
        }
        return !signal?.aborted;
      },
      drawsOfSteps(this.#planned, this.options, from, until),
    );
    this.#tally.addSeconds((performance.now() - begun) / 1000);
    const { losses, stoppedAt } = results;
    const done = stoppedAt < 0 ? Math.ceil(losses.length / B) : stoppedAt;
    this.#step = from + done;
    if (stoppedAt >= 0) {
      const rows = Math.min(B, order.length - this.#step * B);
      await this.#raiseDiverged(this.#step + 1, rates[this.#step]!, firstNonFinite(this.session, rows));
    }
    this.#tally.add(results, order.subarray(from * B), this.#splits.train.labels);
    if (this.#step === this.#stepsPerEpoch) await this.#endEpoch();
    return done;
  }

  /** One step of a private run, of which no figure of a row leaves the session, or of L-BFGS. */
  async #stepAlone(): Promise<number> {
    const { order, rates, coefficients } = this.#planned;
    const own = coefficients.subarray(this.#step * COEFFICIENTS, (this.#step + 1) * COEFFICIENTS);
    const begun = performance.now();
    const applied = await (this.#fullBatch?.step() ?? this.#private!.step(this.progress.steps, own));
    this.#tally.addSeconds((performance.now() - begun) / 1000);
    this.#settled = applied === undefined;
    if (this.#settled) return 0;
    if (!applied) await this.#raiseDiverged(this.#step + 1, rates[this.#step]!, "a loss is not finite");
    if (this.#fullBatch) this.#tally.add(this.#fullBatch.taken.results, order, this.#splits.train.labels);
    this.#step++;
    const [epoch, steps] = [this.#epoch, this.#stepsPerEpoch];
    this.#onEvent({ event: "progress", epoch, step: this.#step, steps, loss: null });
    if (this.#step === steps) await this.#endEpoch();
    return 1;
  }

  /** What a private run has spent so far. */
  get #privacy(): Pick<Model, "privacy"> {
    return this.#private ? { privacy: this.#private.spent(this.progress.steps) } : {};
  }

  /** Of the current epoch, made once. */
  get #planned(): EpochPlan {
    if (this.#plan?.epoch !== this.#epoch) this.#plan = this.#planOf(this.#epoch);
    return this.#plan;
  }

  /** After the last step of an epoch: its record, then the next epoch. */
  async #endEpoch(): Promise<void> {
    const [{ order, rates }, { rows }] = [this.#planned, this.#splits.train];
    const parameters = this.#parameters();
    const learningRate = this.#fullBatch?.taken.length ?? rates.at(-1)!;
    if (parameters.some((value) => !Number.isFinite(value)))
      await this.#raiseDiverged(this.#step, learningRate, firstNonFinite(this.session, 0));
    const { targetScaling, loss: learned = SOFTMAX } = this.#modelInfo;
    const judge = () => validationFigures(this.session, this.#splits, learned, targetScaling, this.#basis.metric);
    const validation = await holding(this.session, this.options, differs(this.options) ? parameters : undefined, judge);
    const figures = this.#private ? this.#tally.pace(rows) : this.#tally.figures(rows);
    const { loss, accuracy, seconds, examplesPerSecond } = figures;
    const compared = validation?.compared ?? loss ?? -this.#epoch; // of a private run without validation the latest
    const record: EpochRecord = {
      epoch: this.#epoch,
      steps: this.#epoch * this.#stepsPerEpoch,
      learningRate,
      trainLoss: loss,
      trainAccuracy: this.options.loss === undefined ? accuracy : null,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      ...(validation?.figures && { validationFigures: validation.figures }),
      best: this.#earlyStopping.offer({ epoch: this.#epoch, loss: compared, parameters }),
      parametersSha256: await hashOf(parameters),
      seconds,
      examplesPerSecond,
      ...(this.#private && { epsilon: this.#private.spent(this.#epoch * this.#stepsPerEpoch).epsilon }),
      noise: await this.#noise.after(order, seconds, this.#epoch === this.options.epochs),
    };
    this.#epochs.add(record);
    this.#epoch++;
    this.#step = 0;
    this.#tally.restart();
    this.#onEvent({ event: "epoch", ...record });
  }

  /** Mean loss of at most RECENT steps of the epoch, the last `steps` of them in the call that began at step `from`. */
  #recentLoss(from: number, steps: number): number {
    const { batchSize: B } = this.options;
    const end = Math.min((from + steps) * B, this.#splits.train.rows);
    const begin = Math.max(0, (from + steps - RECENT) * B);
    return this.#tally.recentLoss(this.session, begin, end);
  }

  /** `step`, from 1, is the first of the current epoch with a number that is not finite. */
  async #raiseDiverged(step: number, rate: number, where: string): Promise<never> {
    this.#diverged = true;
    const steps = (this.#epoch - 1) * this.#stepsPerEpoch + step;
    const reason = `training diverged at step ${steps} (epoch ${this.#epoch}, learning rate ${rate}): ${where}. A smaller learning rate usually helps.`;
    throw new Diverged(reason, await this.#result("stopped"));
  }

  async #result(stopReason: StopReason): Promise<TrainingResult> {
    const begun = performance.now();
    const whole = stopReason === "finished" || stopReason === "early" || stopReason === "onEpoch";
    const keepBest = stopReason === "stopped" || (whole && this.options.patience !== null);
    const kept = keepBest ? this.#earlyStopping.kept : { epoch: this.#epochs.count, parameters: this.#parameters() };
    const test = () => endFigures(this.session, this.#splits, this.#modelInfo, this.options.calibrate);
    const { tested, calibrated } = whole ? await holding(this.session, this.options, kept.parameters, test) : UNTESTED;
    this.#spent += (performance.now() - begun) / 1000;
    return {
      model: { ...this.#modelInfo, ...this.#privacy, ...calibrated, parameters: kept.parameters },
      options: this.options,
      stopReason,
      keptEpoch: kept.epoch,
      epochs: this.#epochs.held,
      parametersSha256: await hashOf(kept.parameters),
      ...tested,
      engine: this.session.engine,
      threads: this.session.threads,
      seconds: this.#spent,
    };
  }

  /** Of the model as it stands. */
  #parameters(): Float32Array {
    return modelParameters(this.session, this.options, this.progress.steps);
  }
}
