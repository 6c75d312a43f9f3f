// Cross-validation: the network of a fold trains on all the data by an order that leaves its rows out, one network a
// thread. Each row is then judged by networks that never saw it.
import { type CheckedDataset, checkDataset, type Dataset } from "../data/dataset.ts";
import { fitScaling, inputsOf, type Scaling } from "../data/scaling.ts";
import type { EngineChoice, EngineName, Session, Setup } from "../engines/engine.ts";
import { inParallel } from "../engines/in-parallel.ts";
import { sessionOpener } from "../engines/ranks/open-session.ts";
import { chooseEngine, chooseThreads } from "../engines/registry.ts";
import { must, NumericalStop } from "../errors.ts";
import type { Network } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import type { ClassIndices } from "../network/targets.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { resolveOptions, sizeOf } from "../training/defaults.ts";
import { softmaxRows } from "../training/evaluate.ts";
import { sessionFeatures } from "../training/model.ts";
import { optimizerCoefficients, steppingOptimizer } from "../training/optimizer.ts";
import type { TrainingOptions } from "../training/options.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { refusePrivate } from "../training/private-options.ts";
import { learningRates } from "../training/schedule.ts";
import { refuseMisfit } from "../training/splits.ts";
import { foldsOf } from "./folds.ts";

/** How a cross-validation trains. Options left out get the defaults of training for as many rows. */
export type CrossValidationOptions = Partial<
  Pick<
    TrainingOptions,
    | "seed"
    | "epochs"
    | "batchSize"
    | "learningRate"
    | "optimizer"
    | "initialization"
    | "schedule"
    | "warmupEpochs"
    | "weightDecay"
    | "labelSmoothing"
  >
> & {
  /** Parts of the rows, an integer in [2, 1000]. Default 5. */
  readonly folds?: number | undefined;
  /** Cross-validations with other draws whose probabilities are averaged, an integer in [1, 100]. Default 1. */
  readonly members?: number | undefined;
  /** "auto" (default), "native", "wasm" or "reference". */
  readonly engine?: EngineChoice | undefined;
  /** 1 … 256. Default: by the size of the work. */
  readonly threads?: number | undefined;
  /** Called after every epoch of every network with the epochs done and their number. Default: none. */
  readonly onEpoch?: ((done: number, of: number) => void) | undefined;
  /** An abort rejects with its reason, after the epoch at hand. Default: none. */
  readonly signal?: AbortSignal | undefined;
};

/** What networks that never saw a row say of it, and what it did to those that did. */
export type CrossValidation = {
  /** [N×C], S(z_L) of each row by the networks that never saw it, averaged over the members. */
  readonly probabilities: Float64Array;
  /** [N], ‖g_i‖ of each row by the same networks, averaged: GraNd, after training. */
  readonly gradientNorms: Float64Array;
  /** [N], Σ η‖g_i‖² over the steps that trained on the row, averaged over networks: its TracIn influence on itself. */
  readonly selfInfluence: Float64Array;
  /** [N], the share in [0, 1] of all networks, those that trained on the row too, that predict another class. */
  readonly disagreement: Float64Array;
  /** The share of rows whose out-of-fold prediction is their label, in [0, 1]. */
  readonly accuracy: number;
  /** K. */
  readonly folds: number;
  /** Cross-validations averaged. */
  readonly members: number;
  /** Sizes and activation of the networks. */
  readonly network: Network;
  /** Defaults filled in. */
  readonly options: TrainingOptions;
  /** The engine that computed it. */
  readonly engine: EngineName;
};

/**
 * Train `folds` networks on all rows but a fold's, `members` times, and judge each row by those that never saw it. The
 * scaling is fitted on all rows: it reads no label. Raises InvalidInput for soft targets, one class or fewer rows than
 * folds, NumericalStop where a network diverges.
 */
export async function crossValidate(
  network: Network | NetworkOf,
  data: Dataset,
  { folds = 5, members = 1, engine = "auto", threads, onEpoch, signal, ...given }: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const checked = checkDataset(data);
  must(Number.isInteger(folds) && folds >= 2 && folds <= 1000, "folds", "an integer in [2, 1000]", folds);
  must(Number.isInteger(members) && members >= 1 && members <= 100, "members", "an integer in [1, 100]", members);
  refuseUnjudgeable(checked);
  const options = resolveOptions(given, sizeOf(checked));
  refusePrivate(options, "a cross-validation");
  foldsOf(checked, folds, options.seed); // refuses too few rows before any work
  const scaling = fitScaling(checked);
  const defined = define(network, checked, scaling);
  const setup = {
    network: defined,
    batchSize: options.batchSize,
    ...sessionFeatures(checked, scaling),
    labels: checked.labels,
    optimizer: steppingOptimizer(options, "a cross-validation"),
    labelSmoothing: options.labelSmoothing,
    exampleNorms: true,
    threads,
  };
  const sessions: Session[] = [];
  try {
    for (const own of teams(setup, folds * members)) sessions.push(await chooseEngine(engine).open(own));
    const free = sessions.slice();
    const total = new Tally(checked, defined);
    const ended: (Tally | undefined)[] = []; // added up in the networks' order, whichever ends first
    let added = 0;
    const of = members * folds * options.epochs;
    let done = 0;
    const jobs = Array.from({ length: members * folds }, (_, at) => async () => {
      const [member, k] = [Math.floor(at / folds), at % folds];
      const fold = foldsOf(checked, folds, options.seed + member);
      const rows = (held: boolean) => Uint32Array.from(fold.keys()).filter((row) => (fold[row] === k) === held);
      const tally = new Tally(checked, defined);
      const session = free.pop()!;
      for await (const { order, rates, norms } of trainEpochs(session, rows(false), {
        ...options,
        seed: options.seed + at,
      })) {
        tally.addTraining(order, rates, norms, options.batchSize);
        onEpoch?.(++done, of);
        signal?.throwIfAborted();
      }
      await tally.judge(session, rows(true));
      free.push(session);
      for (ended[at] = tally; ended[added]; added++) {
        total.add(ended[added]!);
        ended[added] = undefined;
      }
    });
    await inParallel(jobs, sessions.length);
    const engineName = sessions[0]!.engine;
    return { ...total.result(folds, members), folds, members, network: defined, options, engine: engineName };
  } finally {
    for (const session of sessions) await session.close();
  }
}

const MOST_COPIES = 2 ** 30; // bytes of features

/**
 * The threads that one session of `setup` would have, as sessions with a thread each, which train networks beside each
 * other: faster by what a barrier costs. Each has its own copy of the rows.
 */
function teams(setup: Setup, networks: number): Setup[] {
  const threads = chooseThreads(setup);
  const copies = ArrayBuffer.isView(setup.features) ? Math.floor(MOST_COPIES / setup.features.byteLength) : 1;
  const beside = sessionOpener() ? 1 : Math.max(1, Math.min(threads, networks, copies));
  if (beside === 1) return [setup];
  return Array.from({ length: beside }, () => ({ ...setup, threads: Math.floor(threads / beside), aside: true }));
}

function refuseUnjudgeable(data: CheckedDataset): void {
  const { classes, labels, name } = data;
  const soft = "left out: a label that may be wrong is one class, and these rows have probabilities";
  must(data.targets === undefined, `the soft targets of ${name}`, soft, data.targets);
  const found = new Set(labels).size;
  const remedy = "With one class there is nothing that a label could be mistaken for.";
  must(classes.length > 1 && found > 1, `the classes of ${name}`, "two or more with rows", found, remedy);
}

function define(network: Network | NetworkOf, data: Dataset, scaling: Scaling): Network {
  const inputs = inputsOf(scaling, data.cols);
  const defined = typeof network === "function" ? network(inputs, data.classes.length) : network;
  refuseMisfit(defined, data, inputs);
  return defined;
}

/** Train from new parameters on `rows` alone; after each epoch its order, its rates and the norms of its rows. */
async function* trainEpochs(session: Session, rows: Uint32Array, options: TrainingOptions) {
  const { seed, epochs, batchSize, initialization } = options;
  const parameters = initialize(session.network, initialization, seed);
  session.writeParameters(parameters);
  session.writeStates(session.readStates().map((state) => state.fill(0)));
  const stepsPerEpoch = Math.ceil(rows.length / batchSize);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = new Random(seed, PURPOSE.shuffle, epoch).shuffle(rows.slice());
    const rates = learningRates({ ...options, stepsPerEpoch }, epoch);
    const coefficients = optimizerCoefficients(options, rates, (epoch - 1) * stepsPerEpoch + 1);
    const { stoppedAt, norms } = await session.train(order, coefficients);
    if (stoppedAt >= 0) {
      const reason = `training diverged in epoch ${epoch} of a fold, at learning rate ${rates[stoppedAt]}. A smaller learning rate usually helps.`;
      throw new NumericalStop("NOT_FINITE", reason);
    }
    yield { order, rates, norms: norms! };
  }
}

/** Sums over networks of what they say of each row. */
class Tally {
  readonly #labels: ClassIndices;
  readonly #L: number;
  readonly #C: number;
  readonly #all: Uint32Array;
  readonly #probabilities: Float64Array;
  readonly #gradientNorms: Float64Array;
  readonly #selfInfluence: Float64Array;
  readonly #others: Float64Array; // networks that predict another class

  constructor({ labels, rows }: Dataset, { layers }: Network) {
    this.#labels = labels;
    this.#L = layers.length - 1;
    this.#C = layers.at(-1)!;
    this.#all = Uint32Array.from({ length: rows }, (_, i) => i);
    this.#probabilities = new Float64Array(rows * this.#C);
    this.#gradientNorms = new Float64Array(rows);
    this.#selfInfluence = new Float64Array(rows);
    this.#others = new Float64Array(rows);
  }

  /** Add the sums of another one. */
  add(other: Tally): void {
    for (const [own, more] of [
      [this.#probabilities, other.#probabilities],
      [this.#gradientNorms, other.#gradientNorms],
      [this.#selfInfluence, other.#selfInfluence],
      [this.#others, other.#others],
    ] as const)
      for (let at = 0; at < own.length; at++) own[at]! += more[at]!;
  }

  addTraining(order: Uint32Array, rates: Float64Array, norms: Float64Array, batchSize: number): void {
    order.forEach((row, at) => {
      this.#selfInfluence[row]! += rates[Math.floor(at / batchSize)]! * this.#squaredNorm(norms, at);
    });
  }

  /** What the network at hand says of the rows it never saw, and which rows it would class otherwise. */
  async judge(session: Session, held: Uint32Array): Promise<void> {
    const { probabilities } = softmaxRows(await session.logits(held), this.#C);
    const { norms } = await session.examples(held);
    held.forEach((row, at) => {
      for (let c = 0; c < this.#C; c++) this.#probabilities[row * this.#C + c]! += probabilities[at * this.#C + c]!;
      this.#gradientNorms[row]! += Math.sqrt(this.#squaredNorm(norms!, at));
    });
    const { predictions } = await session.evaluate(this.#all);
    predictions.forEach((c, row) => {
      this.#others[row]! += Number(c !== this.#labels[row]);
    });
  }

  #squaredNorm(norms: Float64Array, at: number): number {
    let sum = 0;
    for (let l = 0; l < this.#L; l++) sum += norms[at * this.#L + l]!;
    return sum;
  }

  result(folds: number, members: number) {
    const mean = (sums: Float64Array, count: number) => sums.map((sum) => sum / count);
    const probabilities = mean(this.#probabilities, members);
    return {
      probabilities,
      gradientNorms: mean(this.#gradientNorms, members),
      selfInfluence: mean(this.#selfInfluence, members * (folds - 1)),
      disagreement: mean(this.#others, members * folds),
      accuracy: shareRight(probabilities, this.#labels, this.#C),
    };
  }
}

/** The share of rows whose likeliest class of p [N×C] is their label. */
export function shareRight(p: Float64Array, labels: ClassIndices, C: number): number {
  let right = 0;
  labels.forEach((label, row) => {
    right += Number(argmax(p, row * C, C) === label);
  });
  return right / labels.length;
}

/** The first of the greatest of values[at … at + count). */
export function argmax(values: Float64Array, at: number, count: number): number {
  let best = 0;
  for (let c = 1; c < count; c++) if (values[at + c]! > values[at + best]!) best = c;
  return best;
}
