// Training on batches from a stream, for data larger than memory: one session whose rows are replaced, so no more than
// a few steps' rows are ever held.

import { checkDataset, type Dataset } from "../data/dataset.ts";
import { type Scaling, scaleFeatures } from "../data/scaling.ts";
import { numbersFrom } from "../data/stored/row-store.ts";
import type { Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must, NumericalStop } from "../errors.ts";
import { initialize } from "../network/parameters.ts";
import { checkNumberTargets } from "../network/targets.ts";
import { resolveOptions } from "../training/defaults.ts";
import { knownOptions } from "../training/known-options.ts";
import { accuracyOf, meanOf } from "../training/metrics.ts";
import { mixesOf } from "../training/mixup.ts";
import { alignDataset, type Model } from "../training/model.ts";
import { modelParameters, withScale } from "../training/model-parameters.ts";
import { currentOptions } from "../training/old-spellings.ts";
import { optimizerCoefficients, steppingOptimizer } from "../training/optimizer.ts";
import type { TrainingOptions } from "../training/options.ts";
import { drawsOf } from "../training/step-options.ts";
import { sessionTargets } from "../training/value-targets.ts";
import { alignTargets, refuseNewClass } from "./align-targets.ts";
import { type Abortable, Classifier, type ClassifierMachine } from "./classifier.ts";
import { describeTrainer } from "./trainer-info.ts";
import { TRAINER_OPTIONS, type TrainerOptions } from "./trainer-options.ts";
import { ValueModel } from "./value-model.ts";

/** What a batch gave, before the update of each step. */
export type BatchFigures = {
  /** Steps taken. */
  readonly steps: number;
  /** Rows of these steps. */
  readonly rows: number;
  /** Mean of the loss that is minimized. */
  readonly loss: number;
  /** Share of the rows whose prediction was their label; null where numbers or labels are learned. */
  readonly accuracy: number | null;
};

const STEPS_AT_ONCE = 16; // whose rows lie in the session

/** A trainer that is given one batch after another. Made by `openTrainer`. */
export class BatchTrainer {
  readonly #session: Session;
  readonly #options: TrainingOptions;
  readonly #info: Omit<Model, "parameters">;
  readonly #machine: ClassifierMachine;
  readonly #rateOf: (step: number) => number;
  readonly #room: number; // rows of the session
  #steps = 0;
  #rows = 0; // trained on: the number of the next one, for what is drawn
  #last: Promise<unknown> = Promise.resolve();

  /** Use `openTrainer`. */
  constructor(
    session: Session,
    options: TrainingOptions,
    info: Omit<Model, "parameters">,
    machine: ClassifierMachine,
    room: number,
    rateOf: (step: number) => number = () => options.learningRate,
  ) {
    this.#session = session;
    this.#options = options;
    this.#info = info;
    this.#machine = machine;
    this.#room = room;
    this.#rateOf = rateOf;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step for every `batchSize` rows of `batch`, in their order; the last step may have fewer. Columns and classes
   * are matched by name; soft targets and weights of rows are used as in `fit`. An abort rejects with the signal's
   * reason after the step at hand; the steps done stay done.
   * Calls that overlap run one after another. Raises InvalidInput for the batch before any step, or NumericalStop
   * where a loss is not finite.
   */
  async partialFit(batch: Dataset, { signal }: Abortable = {}): Promise<BatchFigures> {
    const before = this.#last;
    const figures = (async () => {
      await before;
      signal?.throwIfAborted();
      return this.#fit(batch, signal);
    })();
    this.#last = figures.catch(() => {});
    return figures;
  }

  /** The classifier so far, with parameters of its own: training can go on. Not while `partialFit` runs. */
  classifier(): Classifier {
    return new Classifier({ ...this.#info, parameters: this.#parameters }, this.#machine);
  }

  /** The same for a `loss` of numbers or labels; `classifier` then raises InvalidInput, as this does without one. */
  valueModel(): ValueModel {
    return new ValueModel({ ...this.#info, parameters: this.#parameters }, this.#machine);
  }

  /** Give threads and memory back. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** `await using trainer = await openTrainer(…)` closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #parameters(): Float32Array {
    return modelParameters(this.#session, this.#options, this.#steps);
  }

  async #fit(batch: Dataset, signal: AbortSignal | undefined): Promise<BatchFigures> {
    const { network, scaling, classes, loss } = this.#info;
    const { targets: soft, weights } = checkDataset(batch);
    if (soft) refuseNewClass(this.#info, batch);
    const aligned = alignDataset({ ...this.#info, parameters: NONE }, { ...batch, targets: undefined });
    const targets = aligned.values ? undefined : alignTargets(this.#info, batch);
    const { labels, rows } = aligned;
    const T = classes.length;
    const ones = weights ?? new Float64Array(rows).fill(1);
    const values = loss && sessionTargets(aligned.values!, T, this.#info.targetScaling, ones);
    if (loss) checkNumberTargets(values!, rows, T, loss.name, true);
    const scaled = scaleFeatures(aligned, scaling);
    const cols = network.layers[0]!;
    const features = scaled instanceof Uint8Array ? divided(scaled, scaling) : scaled;
    must(features.length === rows * cols, "features", `${rows} rows`, features.length);
    const losses: number[] = [];
    const predictions: number[] = [];
    let steps = 0;
    for (let from = 0; from < rows; from += this.#room) {
      const count = Math.min(this.#room, rows - from);
      for (let r = 0; r < count; r++) {
        const i = from + r;
        const y = targets?.subarray(i * classes.length, (i + 1) * classes.length);
        const row = features.subarray(i * cols, (i + 1) * cols);
        const target = values?.subarray(i * (T + 1), (i + 1) * (T + 1));
        this.#session.setExample(r, row, labels[i]!, target ?? this.#target(labels[i]!, y, ones[i]!));
      }
      const results = await this.#train(count, signal);
      steps += Math.ceil(results.losses.length / this.#options.batchSize);
      for (const loss of results.losses) losses.push(loss); // not by a spread: there may be a million
      for (const prediction of results.predictions) predictions.push(prediction);
      signal?.throwIfAborted();
    }
    const accuracy = loss ? null : accuracyOf(labels, predictions);
    return { steps, rows: losses.length, loss: meanOf(losses), accuracy };
  }

  /** t = weight·((1 − ε)y + ε/C), so that loss and gradient carry the weight (X6, X7). */
  #target(label: number, y: ArrayLike<number> | undefined, weight: number): Float64Array {
    const C = this.#info.classes.length;
    const { labelSmoothing: ε } = this.#options;
    return Float64Array.from({ length: C }, (_, c) => weight * ((1 - ε) * (y ? y[c]! : Number(c === label)) + ε / C));
  }

  /** Steps through the first `count` rows of the session. */
  async #train(count: number, signal: AbortSignal | undefined) {
    const { batchSize } = this.#options;
    const rates = Float64Array.from({ length: Math.ceil(count / batchSize) }, (_, s) => this.#rate(this.#steps + s));
    const coefficients = optimizerCoefficients(this.#options, rates, this.#steps + 1);
    const { mixup, seed } = this.#options;
    const mixes =
      mixup === undefined ? undefined : mixesOf({ mixup, batchSize }, seed, 1, this.#rows, this.#rows + count);
    const drawn = mixes !== undefined || drawsOf(this.#options) !== undefined;
    const draws = drawn ? { epoch: 1, examples: numbersFrom(this.#rows, count), mixes } : undefined;
    const results = await this.#session.train(numbersFrom(0, count), coefficients, () => !signal?.aborted, draws);
    const { losses, stoppedAt } = results;
    this.#rows += stoppedAt < 0 ? losses.length : stoppedAt * batchSize;
    this.#steps += stoppedAt < 0 ? Math.ceil(losses.length / batchSize) : stoppedAt;
    if (stoppedAt < 0) return results;
    const reason = `training diverged at step ${this.#steps + 1} (learning rate ${this.#rate(this.#steps)}): its loss was not finite, and it was not applied. A smaller learning rate usually helps.`;
    throw new NumericalStop("NOT_FINITE", reason);
  }

  #rate(step: number): number {
    const rate = this.#rateOf(step);
    must(rate >= 0 && Number.isFinite(Math.fround(rate)), `schedule(${step})`, "a finite number ≥ 0", rate);
    return rate;
  }
}

const NONE = new Float32Array(0);

/** Bytes as the engines divide them: in float32. */
function divided(bytes: Uint8Array, scaling: Scaling): Float32Array {
  const by = scaling.kind === "divide" ? scaling.by : 1;
  return Float32Array.from(bytes, (byte) => byte / by);
}

/**
 * A trainer for batches: `for await (const batch of stream) await trainer.partialFit(batch)`, then
 * `trainer.classifier()`. It holds 16 steps' rows at a time, whatever the stream holds. Close it. Raises InvalidInput
 * or EngineUnavailable.
 */
export async function openTrainer(options: TrainerOptions): Promise<BatchTrainer> {
  must(typeof options === "object" && options !== null, "options", "columns, classes and scaling, or from", options);
  const given = knownOptions(currentOptions(options), TRAINER_OPTIONS, "openTrainer");
  const { engine, threads, schedule } = given;
  must(schedule === undefined || typeof schedule === "function", "schedule", "a function of the step", schedule);
  const info = describeTrainer(given);
  const { optimizer, learningRate, batchSize, weightDecay, momentum, beta1, beta2, epsilon } = given;
  const { labelSmoothing, initialization, seed } = given;
  const { clipNorm, l1, maxNorm, dropout, inputDropout, inputNoise, mixup, averageDecay, frontScale } = given;
  const ofStep = { clipNorm, l1, maxNorm, dropout, inputDropout, inputNoise, mixup, averageDecay, frontScale };
  const asked = { optimizer, learningRate, batchSize, weightDecay, momentum, beta1, beta2, epsilon, ...ofStep };
  const { loss, classes } = info;
  const more = { labelSmoothing, initialization, seed, schedule: "constant", loss };
  const resolved = resolveOptions({ ...asked, ...more } as Partial<TrainingOptions>, STREAM);
  const room = STEPS_AT_ONCE * resolved.batchSize;
  const { network } = info;
  const session = await chooseEngine(engine ?? "auto").open({
    network,
    batchSize: resolved.batchSize,
    features: new Float32Array(room * network.layers[0]!),
    labels: new Int32Array(room),
    targets: new Float32Array(room * (loss ? classes.length + 1 : classes.length)),
    weightedTargets: true,
    ...(loss && { loss, labelSmoothing: resolved.labelSmoothing }),
    optimizer: steppingOptimizer(resolved, "a stream"),
    clipNorm,
    maxNorm,
    draws: drawsOf(resolved),
    mix: mixup !== undefined,
    average: averageDecay !== undefined,
    frontScale,
    threads,
  });
  const { from: start } = given;
  const from = start instanceof Classifier || start instanceof ValueModel ? start.model : start;
  const first = from?.parameters ?? initialize(network, resolved.initialization, resolved.seed);
  session.writeParameters(withScale(network, resolved, first));
  return new BatchTrainer(session, resolved, info, { engine, threads }, room, schedule);
}

const STREAM = { rows: 10_000, classes: 10, bytes: true }; // a stream gets the defaults of many images: plain descent
