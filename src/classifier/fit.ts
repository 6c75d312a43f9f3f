// Data to a classifier in one call: sizes from the data, options checked, training, the best parameters, warm.
import type { Dataset } from "../data/dataset.ts";
import { nearest } from "../data/nearest.ts";
import { InvalidInput, must, show } from "../errors.ts";
import { defineNetwork, type Network } from "../network/network.ts";
import { checkModel } from "../training/evaluate.ts";
import { knownOptions } from "../training/known-options.ts";
import { alignDataset, type Model } from "../training/model.ts";
import { currentOptions } from "../training/old-spellings.ts";
import type { TrainingOptions } from "../training/options.ts";
import { type PlannedTraining, planTraining, splitsOf } from "../training/plan-training.ts";
import type { Run } from "../training/run.ts";
import type { Splits } from "../training/splits.ts";
import { openPlanned } from "../training/trainer.ts";
import type { EpochRecord, TrainingResult } from "../training/training-result.ts";
import { Classifier } from "./classifier.ts";
import { type EpochEvent, FIT_OPTIONS, type FitOptions } from "./fit-options.ts";
import { ScaleGuard } from "./row-input.ts";

/**
 * Train a classifier on `data`: rows to train on, or splits `{ train, validation?, test? }`. The network's sizes come
 * from the data. Raises InvalidInput before any work, Diverged (with the best model so far), what `onEpoch` throws, or
 * an error of the engine.
 *
 * @example
 * const model = await fit(fromArrays(X, y), { hidden: [64], validation: 0.1, patience: 5 });
 * model.predict([5.1, 3.5, 1.4, 0.2]).label;
 */
export async function fit(data: Dataset | Splits, options: FitOptions = {}): Promise<Classifier> {
  const given = knownOptions(currentOptions(options), FIT_OPTIONS, "fit");
  const { signal, onEpoch, onEvent, engine, threads } = given;
  signal?.throwIfAborted();
  must(onEpoch === undefined || typeof onEpoch === "function", "onEpoch", "a function", onEpoch);
  const planned = planFit(splitsOf(data), given);
  let record: EpochRecord | undefined;
  const run = await openPlanned(planned, {
    engine,
    threads,
    onEvent(event) {
      if (event.event === "epoch") record = withoutEvent(event);
      onEvent?.(event);
    },
  });
  let result: TrainingResult;
  try {
    result = await trainByEpoch(run, signal, async () => {
      const epoch: EpochEvent = { ...record!, model: () => run.model() };
      return (await onEpoch?.(epoch)) === "stop";
    });
  } finally {
    await run.close();
  }
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

function planFit(data: Splits, options: FitOptions): PlannedTraining {
  const { from, hidden, layers, activation, scaling, weights, schedule, metric, classWeights, ...rest } = options;
  const { signal: _s, onEpoch: _o, onEvent: _e, engine: _g, threads: _t, ...training } = rest;
  const model = from instanceof Classifier ? from.model : from;
  const splits = weighted(model ? alignSplits(model, data, options) : data, weights);
  const network = model?.network ?? networkOf(splits.train, { hidden, layers, activation });
  const asked: Partial<Record<keyof TrainingOptions, unknown>> = {
    ...training,
    schedule: typeof schedule === "function" ? undefined : schedule,
    classWeights: weightsByName(classWeights, splits.train.classes),
  };
  return planTraining(network, splits, asked as Partial<TrainingOptions>, {
    scaling: model?.scaling ?? scaling,
    parameters: model?.parameters,
    rateOf: typeof schedule === "function" ? schedule : undefined,
    metric,
  });
}

function networkOf(
  { cols, classes }: Dataset,
  { hidden = [64], layers, activation }: Pick<FitOptions, "hidden" | "layers" | "activation">,
): Network {
  must(Array.isArray(layers ?? hidden), layers ? "layers" : "hidden", "a list of sizes", layers ?? hidden);
  return defineNetwork(layers ?? [cols, ...hidden, classes.length], activation);
}

/** `data` with the model's columns and classes, both by name. Raises InvalidInput for what does not fit the model. */
function alignSplits(model: Model, { train, validation, test }: Splits, options: FitOptions): Splits {
  checkModel(model);
  const { hidden, layers, activation, scaling, initialization } = options;
  const kept = { layers, activation, scaling, initialization };
  for (const [name, value] of Object.entries(kept))
    must(value === undefined, name, "left out where from is given: the model keeps its own", value);
  const sizes = model.network.layers.slice(1, -1);
  const same = hidden === undefined || (hidden.length === sizes.length && hidden.every((h, l) => h === sizes[l]));
  must(same, "hidden", `left out or [${sizes.join(", ")}], as the model in from has it`, hidden);
  const align = (data: Dataset): Dataset => {
    refuseNewClass(model, data);
    refuseOtherScale(model, data);
    const aligned = alignDataset(model, { ...data, targets: undefined });
    const { featureNames = data.featureNames, image = data.image, picture = data.picture } = model;
    return { ...aligned, targets: alignTargets(model, data), featureNames, image, picture };
  };
  return { train: align(train), validation: validation && align(validation), test: test && align(test) };
}

/** Probability rows in the model's order of classes. */
function alignTargets({ classes }: Model, { targets, rows, classes: got }: Dataset): Dataset["targets"] {
  if (!targets || (got.length === classes.length && got.every((name, c) => name === classes[c]))) return targets;
  const out = new Float64Array(rows * classes.length);
  got.forEach((name, c) => {
    const to = classes.indexOf(name);
    for (let i = 0; i < rows; i++) out[i * classes.length + to] = targets[i * got.length + c]!;
  });
  return out;
}

function refuseNewClass({ classes }: Model, { name, labels, targets, classes: got }: Dataset): void {
  const c = got.findIndex((one, i) => !classes.includes(one) && (targets !== undefined || labels.includes(i)));
  if (c < 0) return;
  const known = classes.slice(0, 8).join(", ");
  const reason = `${name} has class ${show(got[c])}, which is none of the model's: ${known}. A new class needs one more output: train a new model, without from, on rows of every class.`;
  throw new InvalidInput("NEW_CLASS", reason);
}

function refuseOtherScale({ scaling }: Model, { name, features }: Dataset): void {
  const guard = new ScaleGuard(scaling);
  guard.begin();
  for (const x of features) guard.see(x);
  guard.end(name);
}

function weighted(splits: Splits, weights: ArrayLike<number> | undefined): Splits {
  if (weights === undefined) return splits;
  return { ...splits, train: { ...splits.train, weights: Float64Array.from(weights) } };
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
