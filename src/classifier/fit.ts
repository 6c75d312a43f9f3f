// Data to a classifier in one call: sizes from the data, options checked, training, the best parameters, warm.
import type { Dataset } from "../data/dataset.ts";
import { nearest } from "../data/nearest.ts";
import { rowGroups, rowTimes } from "../data/row-keys.ts";
import { InvalidInput, must, show } from "../errors.ts";
import type { Loss, LossName } from "../network/losses.ts";
import { defineNetwork } from "../network/network.ts";
import { defaultHidden } from "../training/defaults.ts";
import { knownOptions } from "../training/known-options.ts";
import { listening } from "../training/listener.ts";
import { currentOptions } from "../training/old-spellings.ts";
import type { TrainingOptions } from "../training/options.ts";
import { type NetworkOf, type PlannedTraining, planInTurns, splitsOf } from "../training/plan-training.ts";
import type { Run } from "../training/run.ts";
import type { Splits } from "../training/splits.ts";
import { openPlanned } from "../training/trainer.ts";
import type { EpochRecord, TrainingResult } from "../training/training-result.ts";
import { Classifier } from "./classifier.ts";
import { type EpochEvent, FIT_OPTIONS, type FitOptions } from "./fit-options.ts";
import { goingOn, lossToGoOn, refuseSettled } from "./go-on.ts";
import { ValueModel } from "./value-model.ts";

/** Options of `fit` for numbers or labels. */
export type ValueFitOptions = FitOptions & {
  /** What to learn: the name of a loss, or an object with its constants. */
  readonly loss: ValueLoss;
};

/** A loss of numbers or labels, by name or with its constants. */
export type ValueLoss = Exclude<LossName, "softmax-cross-entropy"> | Exclude<Loss, { name: "softmax-cross-entropy" }>;

/**
 * Train a classifier on `data`, or with a `loss` of numbers or labels a ValueModel: rows to train on, or splits `{
 * train, validation?, test? }`. The network's sizes come from the data. Raises InvalidInput before any work,
 * Diverged (with the best model so far), what `onEpoch` throws, or an error of the engine.
 *
 * @example
 * const model = await fit(fromArrays(X, y), { hidden: [64], validation: 0.1, patience: 5 });
 * model.predict([5.1, 3.5, 1.4, 0.2]).label;
 */
export function fit(
  data: Dataset | Splits,
  options:
    | ValueFitOptions
    | (FitOptions & {
        /** The model of numbers or labels to go on from. */
        readonly from: ValueModel;
      }),
): Promise<ValueModel>;
export function fit(data: Dataset | Splits, options?: FitOptions): Promise<Classifier>;
export async function fit(data: Dataset | Splits, options: FitOptions = {}): Promise<Classifier | ValueModel> {
  const given = knownOptions(currentOptions(options), FIT_OPTIONS, "fit");
  const { signal, onEpoch, onEvent, engine, threads } = given;
  signal?.throwIfAborted();
  must(onEpoch === undefined || typeof onEpoch === "function", "onEpoch", "a function", onEpoch);
  const listen = listening(onEvent);
  const planned = await planFit(splitsOf(data), given);
  let record: EpochRecord | undefined;
  const run = await openPlanned(planned, {
    engine,
    threads,
    signal,
    onEvent(event) {
      if (event.event === "epoch") record = withoutEvent(event);
      listen(event);
    },
  });
  let result: TrainingResult;
  try {
    signal?.throwIfAborted();
    result = await trainByEpoch(run, signal, async () => {
      const epoch: EpochEvent = { ...record!, model: () => run.model() };
      return (await onEpoch?.(epoch)) === "stop";
    });
  } finally {
    await run.close();
  }
  if (result.model.loss !== undefined) return new ValueModel(result.model, { engine, threads }, result);
  return new Classifier(result.model, { engine, threads }, result).warm();
}

/** An epoch a call, `afterEpoch` awaited in between; it says whether to stop. */
async function trainByEpoch(
  run: Run,
  signal: AbortSignal | undefined,
  afterEpoch: () => Promise<boolean>,
): Promise<TrainingResult> {
  for (;;) {
    const { epoch, step, stepsPerEpoch } = run.progress;
    await run.train({ steps: stepsPerEpoch - step, signal });
    const after = run.progress;
    const stop = after.epoch > epoch && (await afterEpoch());
    if (stop) return run.result("onEpoch");
    if (after.ended !== null || signal?.aborted) return run.result();
  }
}

function withoutEvent({ event: _, ...record }: { readonly event: "epoch" } & EpochRecord): EpochRecord {
  return record;
}

function planFit(data: Splits, options: FitOptions): Promise<PlannedTraining> {
  const { from, hidden, layers, activation, activations, scaling, weights, groups, times, ...more } = options;
  const { schedule, metric, classWeights, layerNorm, residual, ...rest } = more;
  const { signal, onEpoch: _o, onEvent: _e, engine: _g, threads: _t, ...training } = rest;
  const start = from instanceof Classifier || from instanceof ValueModel ? from.model : from;
  const shape = { hidden, layers, activation, activations, layerNorm, residual };
  if (start) refuseSettled(start, { ...shape, scaling, initialization: options.initialization });
  const { model, splits: parts } = start ? goingOn(start, data) : { model: undefined, splits: data };
  const splits = withKeys(parts, { weights, groups, times });
  const network = model?.network ?? networkFor(splits.train, shape);
  const asked: Partial<Record<keyof TrainingOptions, unknown>> = {
    ...training,
    schedule: typeof schedule === "function" ? "constant" : schedule, // unused then
    classWeights: weightsByName(classWeights, splits.train.classes),
    loss: start ? lossToGoOn(start, options.loss) : options.loss,
  };
  const basis = {
    scaling: model?.scaling ?? scaling,
    targetScaling: model?.targetScaling,
    parameters: model?.parameters,
    rateOf: typeof schedule === "function" ? schedule : undefined,
    metric,
  };
  return planInTurns(network, splits, asked as Partial<TrainingOptions>, basis, signal);
}

type Shape = Pick<FitOptions, "hidden" | "layers" | "activation" | "activations" | "layerNorm" | "residual">;

function networkFor(
  train: Dataset,
  { hidden = defaultHidden(train), layers, activation, activations, ...options }: Shape,
): NetworkOf {
  const one = activation === undefined || activations === undefined;
  must(one, "activations", "left out where activation is given", activations);
  must(Array.isArray(layers ?? hidden), layers ? "layers" : "hidden", "a list of sizes", layers ?? hidden);
  return (inputs, classes) => defineNetwork(layers ?? [inputs, ...hidden, classes], activations ?? activation, options);
}

/** The options that have a value for each training row, as parts of the data. */
function withKeys(
  splits: Splits,
  { weights, groups, times }: Pick<FitOptions, "weights" | "groups" | "times">,
): Splits {
  if (!weights && !groups && !times) return splits;
  const train = {
    ...splits.train,
    ...(weights && { weights: Float64Array.from(weights) }),
    ...(groups && rowGroups(groups)),
    ...(times && { times: rowTimes(times) }),
  };
  return { ...splits, train };
}

function weightsByName(weights: FitOptions["classWeights"], classes: readonly string[]) {
  if (typeof weights !== "object" || Array.isArray(weights)) return weights;
  for (const name of Object.keys(weights)) {
    if (classes.includes(name)) continue;
    const near = nearest(name, classes);
    const hint = near === undefined ? `Classes: ${classes.slice(0, 8).join(", ")}.` : `Did you mean ${show(near)}?`;
    throw new InvalidInput("UNKNOWN_CLASS", `classWeights has ${show(name)}, which is no class of the data. ${hint}`);
  }
  const byName = weights as Readonly<Record<string, number>>;
  return classes.map((name) => (Object.hasOwn(byName, name) ? byName[name]! : 1));
}
