// A run over an open session: it stops after any step and goes on bit-exactly. The arithmetic is the engine's; here are only orders,
// coefficients and decisions. Where a run stands is (epoch, step); everything else follows from the options and what was added up.
import type { Session } from "../engines/engine.ts";
import { must } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import { initialize } from "../network/parameters.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { firstNonFinite } from "./diagnosis.ts";
import { EarlyStopping } from "./early-stopping.ts";
import { accuracyOf, type Metrics, meanOf, measure } from "./metrics.ts";
import type { Model } from "./model.ts";
import { optimizerCoefficients } from "./optimizer.ts";
import type { TrainingOptions } from "./options.ts";
import { consecutive, epochOrder } from "./order.ts";
import type { RunState } from "./run-state.ts";
import { learningRates } from "./schedule.ts";
import type { Splits } from "./splits.ts";
import {
  Diverged,
  type EpochRecord,
  hashOf,
  type StopReason,
  type TrainEvent,
  type TrainingResult,
} from "./training-result.ts";

/** What a run is made of. `modelInfo` is the model it will be, but for its parameters. */
export type RunSetup = {
  readonly session: Session;
  readonly modelInfo: Omit<Model, "parameters">;
  readonly splits: Splits;
  readonly options: TrainingOptions;
  readonly onEvent: (event: TrainEvent) => void;
};

export type TrainLimits = {
  readonly steps?: number; //       at most so many; ≥ 1
  readonly signal?: AbortSignal; // ends the walk after the step at hand
};

const RECENT = 32; // steps whose mean loss a progress event shows

/** What the steps of one epoch read. */
type EpochPlan = {
  readonly epoch: number;
  readonly order: Uint32Array;
  readonly rates: Float64Array;
  readonly coefficients: Float64Array;
};

export class Run {
  readonly session: Session; // its arrays may be read between walks
  readonly options: TrainingOptions;
  readonly #modelInfo: Omit<Model, "parameters">;
  readonly #splits: Splits;
  readonly #tell: (event: TrainEvent) => void;
  readonly #stepsPerEpoch: number;
  readonly #earlyStopping: EarlyStopping<Float32Array>;
  readonly #epochs: EpochRecord[];
  readonly #losses: Float64Array; //    [N] of the epoch at hand, by position in its order
  readonly #predictions: Int32Array; // likewise
  #epoch: number;
  #step: number; //                     steps of the epoch done
  #seconds: number; //                  of the epoch, in its steps
  #spent: number; //                    seconds of the whole run
  #plan: EpochPlan | undefined;
  #stopped = false; //                  the numbers were no longer finite
  #walking = false;

  /** At its first step, or at `from`, which checkState has seen. */
  constructor({ session, modelInfo, splits, options, onEvent }: RunSetup, from?: RunState) {
    this.session = session;
    this.options = options;
    this.#modelInfo = modelInfo;
    this.#splits = splits;
    this.#tell = onEvent;
    const { rows } = splits.train;
    this.#stepsPerEpoch = Math.ceil(rows / options.batchSize);
    this.#losses = new Float64Array(rows);
    this.#predictions = new Int32Array(rows);
    const { seed, initialization, patience } = options;
    const start: RunState = from ?? firstState(initialize(modelInfo.network, initialization, seed));
    session.writeParameters(start.parameters);
    if (from) session.writeStates(from.states);
    this.#earlyStopping = new EarlyStopping(start.best, patience ?? Number.POSITIVE_INFINITY);
    this.#epochs = [...start.epochs];
    this.#losses.set(start.losses);
    this.#predictions.set(start.predictions);
    this.#epoch = start.epoch;
    this.#step = start.step;
    this.#seconds = start.seconds;
    this.#spent = start.epochs.reduce((sum, { seconds }) => sum + seconds, start.seconds);
  }

  /** Where the run stands. `ended` is null while there is more to do. */
  get progress(): {
    readonly epoch: number; //         the one at hand, from 1; one past the last when all are done
    readonly step: number; //          steps of it done
    readonly steps: number; //         of the run, done
    readonly stepsPerEpoch: number;
    readonly ended: Exclude<StopReason, "interrupted"> | null;
  } {
    const steps = (this.#epoch - 1) * this.#stepsPerEpoch + this.#step;
    return { epoch: this.#epoch, step: this.#step, steps, stepsPerEpoch: this.#stepsPerEpoch, ended: this.#ended };
  }

  get #ended(): Exclude<StopReason, "interrupted"> | null {
    if (this.#stopped) return "stopped";
    if (this.#earlyStopping.exhausted(this.#epochs.length)) return "early";
    return this.#epoch > this.options.epochs ? "finished" : null;
  }

  /** Which rows the next step takes, as row numbers of the joined splits; none once the run has ended. */
  nextRows(): Uint32Array {
    const { batchSize } = this.options;
    if (this.#ended !== null) return new Uint32Array(0);
    return this.#planned().order.slice(this.#step * batchSize, (this.#step + 1) * batchSize);
  }

  /**
   * Go on until the run has ended, `signal` aborts (the step at hand is finished first), or `steps` more steps are done. An epoch's
   * record is made with its last step. Raises Diverged, or what the engine raises.
   */
  async train({ steps = Number.POSITIVE_INFINITY, signal }: TrainLimits = {}): Promise<StopReason | "paused"> {
    must(steps >= 1, "steps", "a number ≥ 1", steps);
    this.#guard();
    this.#walking = true;
    const begun = performance.now();
    try {
      for (let left = steps; left > 0 && this.#ended === null && !signal?.aborted; )
        left -= await this.#advance(left, signal);
      return this.#ended ?? "paused";
    } finally {
      this.#spent += (performance.now() - begun) / 1000;
      this.#walking = false;
    }
  }

  /** Everything needed to go on from here, copied out of the session. */
  state(): RunState {
    this.#guard();
    const walked = this.#step * this.options.batchSize;
    return {
      ...{ epoch: this.#epoch, step: this.#step },
      ...{ parameters: this.session.readParameters(), states: this.session.readStates() },
      best: this.#earlyStopping.kept,
      ...{ losses: this.#losses.slice(0, walked), predictions: this.#predictions.slice(0, walked) },
      ...{ seconds: this.#seconds, epochs: [...this.#epochs] },
    };
  }

  /** The model so far and its figures; tested where the run has ended by itself. A run that has not ended is `interrupted`. */
  async result(): Promise<TrainingResult> {
    this.#guard();
    return this.#result(this.#ended ?? "interrupted");
  }

  close(): Promise<void> {
    return this.session.close();
  }

  #guard(): void {
    must(!this.#walking, "the run", "at rest: one walk at a time", "a walk", "Await the walk first.");
  }

  /** One call of the session: at most `most` steps, at most to the end of the epoch. Returns how many were done. */
  async #advance(most: number, signal: AbortSignal | undefined): Promise<number> {
    const { batchSize: B } = this.options;
    const { order, rates, coefficients } = this.#planned();
    const from = this.#step;
    const until = Math.min(this.#stepsPerEpoch, from + most);
    const begun = performance.now();
    const { losses, predictions, stoppedAt } = await this.session.train(
      order.subarray(from * B, until * B),
      coefficients.subarray(from * COEFFICIENTS, until * COEFFICIENTS),
      (steps) => {
        const loss = this.#recentLoss(from, steps);
        this.#tell({ event: "progress", epoch: this.#epoch, step: from + steps, steps: this.#stepsPerEpoch, loss });
        return !signal?.aborted;
      },
    );
    this.#seconds += (performance.now() - begun) / 1000;
    const done = stoppedAt < 0 ? Math.ceil(losses.length / B) : stoppedAt;
    this.#step = from + done;
    if (stoppedAt >= 0) {
      const rows = Math.min(B, order.length - this.#step * B);
      await this.#diverged(this.#step + 1, rates[this.#step]!, firstNonFinite(this.session, rows));
    }
    this.#losses.set(losses, from * B);
    this.#predictions.set(predictions, from * B);
    if (this.#step === this.#stepsPerEpoch) await this.#endEpoch();
    return done;
  }

  #planned(): EpochPlan {
    const epoch = this.#epoch;
    if (this.#plan?.epoch === epoch) return this.#plan;
    const rates = learningRates({ ...this.options, stepsPerEpoch: this.#stepsPerEpoch }, epoch);
    const coefficients = optimizerCoefficients(this.options, rates, (epoch - 1) * this.#stepsPerEpoch + 1);
    this.#plan = { epoch, order: epochOrder(this.#splits.train.rows, this.options.seed, epoch), rates, coefficients };
    return this.#plan;
  }

  /** The epoch's record, once its last step is done. */
  async #endEpoch(): Promise<void> {
    const { order, rates } = this.#planned();
    const { train } = this.#splits;
    const parameters = float32(this.session.readParameters());
    const learningRate = rates.at(-1)!;
    if (parameters.some((value) => !Number.isFinite(value)))
      await this.#diverged(this.#step, learningRate, firstNonFinite(this.session, 0));
    const validation = await this.#validate();
    const trainLoss = meanOf(this.#losses);
    const labels = order.map((row) => train.labels[row]!);
    const record: EpochRecord = {
      ...{ epoch: this.#epoch, steps: this.#epoch * this.#stepsPerEpoch, learningRate, trainLoss },
      trainAccuracy: accuracyOf(labels, this.#predictions),
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      best: this.#earlyStopping.offer({ epoch: this.#epoch, loss: validation?.loss ?? trainLoss, parameters }),
      parametersSha256: await hashOf(parameters),
      seconds: this.#seconds,
      examplesPerSecond: train.rows / Math.max(this.#seconds, 1e-9), // finite by a clock that stands still, too
    };
    this.#epochs.push(record);
    this.#epoch++;
    this.#step = 0;
    this.#seconds = 0;
    this.#tell({ event: "epoch", ...record });
  }

  /** Mean loss of the last RECENT steps of the epoch or fewer, `steps` of them walked in the call that began at step `from`. */
  #recentLoss(from: number, steps: number): number {
    const { batchSize: B } = this.options;
    const end = Math.min((from + steps) * B, this.#losses.length);
    const begin = Math.max(0, (from + steps - RECENT) * B);
    const fresh = Math.max(begin, from * B); // from here on the losses are still in the session's memory
    this.#losses.set(this.session.readLosses(fresh - from * B, end - from * B), fresh);
    return meanOf(this.#losses.subarray(begin, end));
  }

  async #validate(): Promise<{ loss: number; accuracy: number } | undefined> {
    const { train, validation } = this.#splits;
    if (!validation) return undefined;
    const { losses, predictions } = await this.session.evaluate(consecutive(train.rows, validation.rows), {
      plain: true,
    });
    return { loss: meanOf(losses), accuracy: accuracyOf(validation.labels, predictions) };
  }

  /** `step`, from 1, of the epoch at hand is where it shows. */
  async #diverged(step: number, rate: number, where: string): Promise<never> {
    this.#stopped = true;
    const steps = (this.#epoch - 1) * this.#stepsPerEpoch + step;
    const reason = `training stopped at step ${steps} (epoch ${this.#epoch}, learning rate ${rate}): ${where}. A smaller learning rate usually helps.`;
    throw new Diverged(reason, await this.#result("stopped"));
  }

  async #result(stopReason: StopReason): Promise<TrainingResult> {
    const begun = performance.now();
    const whole = stopReason === "finished" || stopReason === "early";
    const last = this.session.readParameters();
    const keepBest = stopReason === "stopped" || (whole && this.options.patience !== null);
    const kept = keepBest ? this.#earlyStopping.kept : { epoch: this.#epochs.length, parameters: float32(last) };
    const test = whole ? await this.#test(kept.parameters, last) : null;
    const { engine, threads } = this.session;
    this.#spent += (performance.now() - begun) / 1000;
    return {
      model: { ...this.#modelInfo, parameters: kept.parameters },
      ...{ options: this.options, stopReason, keptEpoch: kept.epoch, epochs: [...this.#epochs] },
      parametersSha256: await hashOf(kept.parameters),
      ...{ test, engine, threads, seconds: this.#spent },
    };
  }

  /** Figures of `parameters` on the test part; the session then has `last` again. */
  async #test(parameters: Float32Array, last: Floats): Promise<Metrics | null> {
    const { train, validation, test } = this.#splits;
    if (!test) return null;
    this.session.writeParameters(parameters);
    const order = consecutive(train.rows + (validation?.rows ?? 0), test.rows);
    const { losses, predictions } = await this.session.evaluate(order, { plain: true });
    this.session.writeParameters(last);
    return measure(test.labels, predictions, losses, train.classes.length);
  }
}

/** Before the first step. */
function firstState(parameters: Float32Array): RunState {
  return {
    ...{ epoch: 1, step: 0, parameters, states: [] },
    best: { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters },
    ...{ losses: new Float64Array(0), predictions: new Int32Array(0), seconds: 0, epochs: [] },
  };
}

function float32(values: Floats): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
