// Training from the first epoch to the tested model. The arithmetic is the engine's; here are only orders, coefficients and decisions.
import { checkDataset, type Dataset } from "../data/dataset.ts";
import { fitScaling } from "../data/scaling.ts";
import type { Session } from "../engines/engine.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must, NumericalStop } from "../errors.ts";
import type { Floats } from "../network/memory.ts";
import type { Network } from "../network/network.ts";
import { initialise } from "../network/parameters.ts";
import { sha256 } from "../numerics/sha256.ts";
import { firstNonFinite } from "./diagnosis.ts";
import { evaluatePlain, type Machine } from "./evaluate.ts";
import { accuracyOf, type Metrics, meanOf, measure } from "./metrics.ts";
import { type Model, sessionFeatures } from "./model.ts";
import { type Choices, resolveChoices } from "./options.ts";
import { consecutive, epochOrder } from "./order.ts";
import { joinParts, type Parts, splitParts } from "./parts.ts";
import { ruleCoefficients } from "./rules.ts";
import { learningRates } from "./schedule.ts";
import { Best } from "./stopping.ts";

/** One epoch's record: a line of metrics.jsonl. Training figures are taken on the way, before each step's update. */
export type EpochRecord = {
  readonly epoch: number;
  readonly steps: number; //                     of the run so far
  readonly learningRate: number; //              of the epoch's last step
  readonly trainLoss: number; //                 what was minimised: smoothed and weighted, if so chosen
  readonly trainAccuracy: number;
  readonly validationLoss: number | null; //     plain cross-entropy; null without a validation part
  readonly validationAccuracy: number | null;
  readonly best: boolean; //                     the lowest loss so far: validation's, or without one training's
  readonly parametersSha256: string; //          of the packed parameters, float32, little-endian
  readonly seconds: number; //                   spent in the steps
  readonly examplesPerSecond: number;
};

export type TrainEvent =
  | { readonly event: "start"; readonly choices: Choices; readonly engine: string; readonly threads: number }
  | {
      readonly event: "progress";
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
    }
  | ({ readonly event: "epoch" } & EpochRecord);

/** `finished`; `early`: patience ran out; `interrupted`: the signal; `stopped`: the numbers were no longer finite. */
export type Ending = "finished" | "early" | "interrupted" | "stopped";

export type Trained = {
  readonly model: Model;
  readonly choices: Choices; //            every option, defaults filled in
  readonly ending: Ending;
  readonly keptEpoch: number; //           whose parameters the model holds; 0 is the initial ones
  readonly epochs: readonly EpochRecord[];
  readonly parametersSha256: string; //    of the model's parameters
  readonly test: Metrics | null; //        null without a test part, or if the run did not end by itself
  readonly engine: string;
  readonly threads: number;
  readonly seconds: number;
};

export type TrainOptions = Partial<Choices> &
  Machine & {
    readonly onEvent?: (event: TrainEvent) => void;
    readonly signal?: AbortSignal; // ends the run after the step at hand, keeping the parameters as they are
  };

/** A loss or parameter was not finite. `kept` holds the best parameters until then. */
export class Diverged extends NumericalStop {
  readonly kept: Trained;

  constructor(reason: string, kept: Trained) {
    super("NOT_FINITE", reason);
    this.kept = kept;
  }
}

/**
 * Train `network` on `data`: a training part, or parts. Without a validation part `validation` of the training rows become one.
 * Scaling is fitted on the training part. Raises InvalidInput before any work, Diverged, or what the engine raises.
 */
export async function train(network: Network, data: Dataset | Parts, options: TrainOptions = {}): Promise<Trained> {
  const { engine = "auto", threads, onEvent, signal, ...given } = options;
  const whole: Parts = "train" in data ? data : { train: data };
  const choices = resolveChoices(given, whole.train.rows);
  const parts = splitParts(whole, choices);
  checkParts(network, parts);
  const scaling = fitScaling(parts.train);
  const joined = joinParts(parts);
  const entering = joined.features.map((features) => sessionFeatures({ ...joined, features }, scaling));
  const session = await chooseEngine(engine).open({
    network,
    batchSize: choices.batchSize,
    ...entering[0]!,
    features: entering.map(({ features }) => features),
    ...(joined.targets ? { targets: joined.targets } : {}),
    labels: joined.labels,
    rule: choices.rule,
    labelSmoothing: choices.labelSmoothing,
    ...(choices.classWeights !== "none" && { classWeights: weightsOf(choices, parts.train) }),
    ...(threads !== undefined && { threads }),
  });
  try {
    const { classes, featureNames, image } = parts.train;
    const shape = { network, scaling, classes, ...(featureNames && { featureNames }), ...(image && { image }) };
    return await new Run(session, shape, parts, choices, onEvent ?? (() => {}), signal).walk();
  } finally {
    await session.close();
  }
}

/** One run: what is known between its epochs. */
class Run {
  readonly #session: Session;
  readonly #shape: Omit<Model, "parameters">;
  readonly #parts: Parts;
  readonly #choices: Choices;
  readonly #tell: (event: TrainEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #epochs: EpochRecord[] = [];
  readonly #best: Best<Float32Array>;
  readonly #started = performance.now();
  readonly #stepsPerEpoch: number;

  constructor(
    session: Session,
    shape: Omit<Model, "parameters">,
    parts: Parts,
    choices: Choices,
    tell: (event: TrainEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#session = session;
    this.#shape = shape;
    this.#parts = parts;
    this.#choices = choices;
    this.#tell = tell;
    this.#signal = signal;
    const initial = initialise(shape.network, choices.initialisation, choices.seed);
    session.writeParameters(initial);
    this.#best = new Best(initial, choices.patience ?? Number.POSITIVE_INFINITY);
    this.#stepsPerEpoch = Math.ceil(parts.train.rows / choices.batchSize);
  }

  async walk(): Promise<Trained> {
    const { engine, threads } = this.#session;
    const { epochs, patience } = this.#choices;
    this.#tell({ event: "start", choices: this.#choices, engine, threads });
    for (let epoch = 1; epoch <= epochs; epoch++) {
      if (this.#signal?.aborted || !(await this.#epoch(epoch)))
        return this.#result("interrupted", this.#epochs.length, float32(this.#session.readParameters()));
      if (this.#best.exhausted(epoch)) return this.#result("early", this.#best.epoch, this.#best.parameters);
    }
    if (patience !== null) return this.#result("finished", this.#best.epoch, this.#best.parameters);
    return this.#result("finished", epochs, float32(this.#session.readParameters()));
  }

  /** One epoch and its record. Returns false if the signal cut it short. */
  async #epoch(epoch: number): Promise<boolean> {
    const { train } = this.#parts;
    const { seed, batchSize } = this.#choices;
    const firstStep = (epoch - 1) * this.#stepsPerEpoch + 1;
    const order = epochOrder(train.rows, seed, epoch);
    const rates = learningRates({ ...this.#choices, stepsPerEpoch: this.#stepsPerEpoch }, epoch);
    const start = performance.now();
    const walk = await this.#session.train(order, ruleCoefficients(this.#choices, rates, firstStep), (step) => {
      this.#tell({ event: "progress", epoch, step, steps: this.#stepsPerEpoch, loss: this.#recentLoss(step) });
      return !this.#signal?.aborted;
    });
    const seconds = (performance.now() - start) / 1000;
    if (walk.stoppedAt >= 0) {
      const rows = Math.min(batchSize, train.rows - walk.stoppedAt * batchSize);
      await this.#diverged(
        epoch,
        firstStep + walk.stoppedAt,
        rates[walk.stoppedAt]!,
        firstNonFinite(this.#session, rows),
      );
    }
    if (walk.losses.length < train.rows) return false;
    const parameters = float32(this.#session.readParameters());
    const learningRate = rates.at(-1)!;
    if (parameters.some((value) => !Number.isFinite(value)))
      await this.#diverged(epoch, firstStep + rates.length - 1, learningRate, firstNonFinite(this.#session, 0));
    const validation = await this.#validate();
    const trainLoss = meanOf(walk.losses);
    const record: EpochRecord = {
      epoch,
      steps: firstStep + rates.length - 1,
      learningRate,
      trainLoss,
      trainAccuracy: accuracyOf(
        order.map((row) => train.labels[row]!),
        walk.predictions,
      ),
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      best: this.#best.offer(epoch, validation?.loss ?? trainLoss, parameters),
      parametersSha256: await hashOf(parameters),
      seconds,
      examplesPerSecond: train.rows / seconds,
    };
    this.#epochs.push(record);
    this.#tell({ event: "epoch", ...record });
    return true;
  }

  /** Mean loss of the last 32 steps or fewer, read from the session's memory while it runs. */
  #recentLoss(step: number): number {
    const { losses } = this.#session.plan;
    const { batchSize } = this.#choices;
    const end = Math.min(step * batchSize, this.#parts.train.rows);
    const begin = Math.max(0, end - 32 * batchSize);
    return meanOf(this.#session.memory.doubles.subarray(losses.offset + begin, losses.offset + end));
  }

  async #validate(): Promise<{ loss: number; accuracy: number } | undefined> {
    const { train, validation } = this.#parts;
    if (!validation) return undefined;
    const { losses, predictions } = await evaluatePlain(this.#session, consecutive(train.rows, validation.rows));
    return { loss: meanOf(losses), accuracy: accuracyOf(validation.labels, predictions) };
  }

  async #diverged(epoch: number, step: number, rate: number, where: string): Promise<never> {
    const reason = `training stopped at step ${step} (epoch ${epoch}, learning rate ${rate}): ${where}. A smaller learning rate usually helps.`;
    throw new Diverged(reason, await this.#result("stopped", this.#best.epoch, this.#best.parameters));
  }

  async #result(ending: Ending, keptEpoch: number, parameters: Float32Array): Promise<Trained> {
    const { train, validation, test } = this.#parts;
    let metrics: Metrics | null = null;
    if (test && (ending === "finished" || ending === "early")) {
      this.#session.writeParameters(parameters);
      const first = train.rows + (validation?.rows ?? 0);
      const { losses, predictions } = await evaluatePlain(this.#session, consecutive(first, test.rows));
      metrics = measure(test.labels, predictions, losses, train.classes.length);
    }
    const { engine, threads } = this.#session;
    return {
      model: { ...this.#shape, parameters },
      ...{ choices: this.#choices, ending, keptEpoch, epochs: this.#epochs },
      parametersSha256: await hashOf(parameters),
      ...{ test: metrics, engine, threads, seconds: (performance.now() - this.#started) / 1000 },
    };
  }
}

/** SHA-256 of packed parameters as float32, little-endian: the bytes of every platform JavaScript runs on today. */
export function hashOf(parameters: Float32Array): Promise<string> {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}

function float32(values: Floats): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** balanced: w_c = N/(C·n_c), so that every class that occurs weighs alike; 1 for a class that does not occur. */
function weightsOf({ classWeights }: Choices, { labels, rows, classes }: Dataset): number[] {
  if (classWeights !== "balanced") return [...(classWeights as readonly number[])];
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts.map((n) => (n === 0 ? 1 : rows / (classes.length * n)));
}

/** Raises InvalidInput unless the rows of every part are sound and fit the network. */
export function checkParts(network: Network, parts: Parts): void {
  const D = network.layers[0]!;
  const C = network.layers.at(-1)!;
  for (const part of [parts.train, parts.validation, parts.test]) {
    if (!part) continue;
    checkDataset(part);
    must(part.cols === D, "layers[0]", `${part.cols}, the number of features of ${part.name}`, D);
    must(
      part.classes.length === C,
      `layers[${network.layers.length - 1}]`,
      `${part.classes.length}, the number of classes of ${part.name}`,
      C,
    );
  }
}
