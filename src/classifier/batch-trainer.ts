// Training on batches from a stream, for data larger than memory: one session whose rows are replaced, so no more than
// a few steps' rows are ever held.
import type { Dataset } from "../data/dataset.ts";
import { fitScaling, type Scaling, type ScalingKind, scaleFeatures } from "../data/scaling.ts";
import type { Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { InvalidInput, must, NumericalStop } from "../errors.ts";
import { defineNetwork, type Network } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { resolveOptions } from "../training/defaults.ts";
import { knownOptions } from "../training/known-options.ts";
import { accuracyOf, meanOf } from "../training/metrics.ts";
import { alignDataset, type Model } from "../training/model.ts";
import { currentOptions } from "../training/old-spellings.ts";
import { optimizerCoefficients } from "../training/optimizer.ts";
import type { TrainingOptions } from "../training/options.ts";
import { consecutive } from "../training/order.ts";
import { type Abortable, Classifier, type ClassifierMachine } from "./classifier.ts";
import type { FitOptions } from "./fit-options.ts";

/** Options of `openTrainer`. Those it shares with `fit` mean the same; their defaults are those of 10,000 rows. */
export type TrainerOptions = Pick<
  FitOptions,
  | "hidden"
  | "layers"
  | "activation"
  | "optimizer"
  | "learningRate"
  | "batchSize"
  | "weightDecay"
  | "momentum"
  | "beta1"
  | "beta2"
  | "epsilon"
  | "labelSmoothing"
  | "initialization"
  | "seed"
  | "engine"
  | "threads"
> & {
  /**
   * D names of the columns; batches with names are matched by them. This or `features` is needed, unless `from` is
   * given.
   */
  readonly columns?: readonly string[] | undefined;
  /** D, the number of columns, where they have no names. */
  readonly features?: number | undefined;
  /** C names, at least two, of all classes that will ever come. Needed unless `from` is given. */
  readonly classes?: readonly string[] | undefined;
  /**
   * "none", "divide" (by 255), or a scaling fitted elsewhere, e.g. `fitScaling(sample)`: a stream is never seen whole,
   * so "standardize" needs `sample`. Needed unless `from` is given.
   */
  readonly scaling?: ScalingKind | Scaling | undefined;
  /** Rows that "standardize" is fitted on. Default: none. */
  readonly sample?: Dataset | undefined;
  /** A classifier or model to go on from, with its network, scaling, columns and classes. Default: none. */
  readonly from?: Classifier | Model | undefined;
};

/** What a batch gave, before the update of each step. */
export type BatchFigures = {
  /** Steps taken. */
  readonly steps: number;
  /** Rows of these steps. */
  readonly rows: number;
  /** Mean of the loss that is minimized. */
  readonly loss: number;
  /** Share of the rows whose prediction was their label. */
  readonly accuracy: number;
};

const STEPS_AT_ONCE = 16; // whose rows lie in the session

const OPTIONS = [
  "hidden",
  "layers",
  "activation",
  "optimizer",
  "learningRate",
  "batchSize",
  "weightDecay",
  "momentum",
  "beta1",
  "beta2",
  "epsilon",
  "labelSmoothing",
  "initialization",
  "seed",
  "engine",
  "threads",
  "columns",
  "features",
  "classes",
  "scaling",
  "sample",
  "from",
] as const satisfies readonly (keyof TrainerOptions)[];

/** A trainer that is given one batch after another. Made by `openTrainer`. */
export class BatchTrainer {
  readonly #session: Session;
  readonly #options: TrainingOptions;
  readonly #info: Omit<Model, "parameters">;
  readonly #machine: ClassifierMachine;
  readonly #room: number; // rows of the session
  #steps = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Use `openTrainer`. */
  constructor(
    session: Session,
    options: TrainingOptions,
    info: Omit<Model, "parameters">,
    machine: ClassifierMachine,
    room: number,
  ) {
    this.#session = session;
    this.#options = options;
    this.#info = info;
    this.#machine = machine;
    this.#room = room;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step for every `batchSize` rows of `batch`, in their order; the last step may have fewer. Columns and classes
   * are matched by name. An abort rejects with the signal's reason after the step at hand; the steps done stay done.
   * Calls that overlap run one after another. Raises InvalidInput before any step, or NumericalStop where a loss is
   * not finite.
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
    const parameters = Float32Array.from(this.#session.readParameters());
    return new Classifier({ ...this.#info, parameters }, this.#machine);
  }

  /** Give threads and memory back. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** `await using trainer = await openTrainer(…)` closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #fit(batch: Dataset, signal: AbortSignal | undefined): Promise<BatchFigures> {
    const { network, scaling } = this.#info;
    refuseUnused(batch);
    const { features: raw, labels, rows, cols } = alignDataset({ ...this.#info, parameters: NONE }, batch);
    const scaled = scaleFeatures(raw, cols, scaling);
    const features = scaled instanceof Uint8Array ? divided(scaled, scaling) : scaled;
    must(features.length === rows * network.layers[0]!, "features", `${rows} rows`, features.length);
    const losses: number[] = [];
    const predictions: number[] = [];
    let steps = 0;
    for (let from = 0; from < rows; from += this.#room) {
      const count = Math.min(this.#room, rows - from);
      for (let r = 0; r < count; r++)
        this.#session.setExample(r, features.subarray((from + r) * cols, (from + r + 1) * cols), labels[from + r]!);
      const results = await this.#train(count, signal);
      steps += Math.ceil(results.losses.length / this.#options.batchSize);
      for (const loss of results.losses) losses.push(loss); // not by a spread: there may be a million
      for (const prediction of results.predictions) predictions.push(prediction);
      signal?.throwIfAborted();
    }
    return { steps, rows: losses.length, loss: meanOf(losses), accuracy: accuracyOf(labels, predictions) };
  }

  /** Steps through the first `count` rows of the session. */
  async #train(count: number, signal: AbortSignal | undefined) {
    const { batchSize, learningRate } = this.#options;
    const rates = new Float64Array(Math.ceil(count / batchSize)).fill(learningRate);
    const coefficients = optimizerCoefficients(this.#options, rates, this.#steps + 1);
    const results = await this.#session.train(consecutive(0, count), coefficients, () => !signal?.aborted);
    const { losses, stoppedAt } = results;
    this.#steps += stoppedAt < 0 ? Math.ceil(losses.length / batchSize) : stoppedAt;
    if (stoppedAt < 0) return results;
    const reason = `training diverged at step ${this.#steps + 1} (learning rate ${learningRate}): its loss was not finite, and it was not applied. A smaller learning rate usually helps.`;
    throw new NumericalStop("NOT_FINITE", reason);
  }
}

const NONE = new Float32Array(0);

function refuseUnused({ name, targets, weights }: Dataset): void {
  const given = targets ? "soft targets" : weights ? "weights" : undefined;
  if (given === undefined) return;
  throw new InvalidInput("NOT_IN_BATCHES", `${name} has ${given}, which partialFit does not take. Use fit.`);
}

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
  const given = knownOptions(currentOptions(options), OPTIONS, "openTrainer");
  const { engine, threads } = given;
  const info = describe(given);
  const { optimizer, learningRate, batchSize, weightDecay, momentum, beta1, beta2, epsilon } = given;
  const { labelSmoothing, initialization, seed } = given;
  const asked = { optimizer, learningRate, batchSize, weightDecay, momentum, beta1, beta2, epsilon };
  const more = { labelSmoothing, initialization, seed, schedule: "constant" };
  const resolved = resolveOptions({ ...asked, ...more } as Partial<TrainingOptions>, STREAM);
  const room = STEPS_AT_ONCE * resolved.batchSize;
  const { network } = info;
  const session = await chooseEngine(engine ?? "auto").open({
    network,
    batchSize: resolved.batchSize,
    features: new Float32Array(room * network.layers[0]!),
    labels: new Int32Array(room),
    optimizer: resolved.optimizer,
    labelSmoothing: resolved.labelSmoothing,
    threads,
  });
  const from = given.from instanceof Classifier ? given.from.model : given.from;
  session.writeParameters(from?.parameters ?? initialize(network, resolved.initialization, resolved.seed));
  return new BatchTrainer(session, resolved, info, { engine, threads }, room);
}

const STREAM = { rows: 10_000, bytes: true }; // a stream gets the defaults of many images: plain descent

function describe(options: TrainerOptions): Omit<Model, "parameters"> {
  const { from, columns, features, classes, scaling, sample, hidden, layers, activation } = options;
  if (from !== undefined) {
    const kept = { columns, features, classes, scaling, sample, hidden, layers, activation };
    for (const [name, value] of Object.entries(kept))
      must(value === undefined, name, "left out where from is given: the model keeps its own", value);
    const { parameters: _, trainedOn: __, ...info } = from instanceof Classifier ? from.model : from;
    return info;
  }
  const D = columns?.length ?? features;
  must(Number.isInteger(D) && D! >= 1, "features", "the number of columns, or columns their names", D);
  must(Array.isArray(classes) && classes.length >= 2, "classes", "the names of at least two classes", classes);
  must(new Set(classes).size === classes.length, "classes", "different names", classes);
  const network: Network = defineNetwork(layers ?? [D!, ...(hidden ?? [64]), classes.length], activation);
  must(
    network.layers[0] === D && network.layers.at(-1) === classes.length,
    "layers",
    `sizes from ${D} to ${classes.length}`,
    layers,
  );
  return { network, scaling: chosenScaling(scaling, sample), classes, featureNames: columns };
}

function chosenScaling(scaling: TrainerOptions["scaling"], sample: Dataset | undefined): Scaling {
  if (typeof scaling === "object") return scaling;
  const remedy = "A stream is never seen whole, so its scaling cannot be fitted on the way.";
  must(
    scaling !== undefined,
    "scaling",
    '"none", "divide", a fitted scaling, or "standardize" with a sample',
    scaling,
    remedy,
  );
  must(scaling !== "standardize" || sample !== undefined, "sample", 'rows to fit "standardize" on', sample, remedy);
  return fitScaling(sample ?? EMPTY, scaling);
}

const EMPTY: Dataset = { name: "none", features: NONE, rows: 0, cols: 0, labels: new Int32Array(0), classes: [] };
