// Going on from a model with new rows: its columns, scaling and classes are kept, and a new class widens its last
// layer. The same for `fit` and for the command line.
import type { Dataset } from "../data/dataset.ts";
import { sortClasses } from "../data/formats/class-order.ts";
import { className } from "../data/table/cell-text.ts";
import { must } from "../errors.ts";
import { checkLoss, type Loss, type LossName, lossTask, outputsPerTarget, SOFTMAX } from "../network/losses.ts";
import { defineNetwork } from "../network/network.ts";
import { packedLayers } from "../network/parameters.ts";
import { alignDataset, checkModel, type Model } from "../training/model.ts";
import type { Splits } from "../training/splits.ts";
import { alignTargets } from "./align-targets.ts";
import { ScaleGuard } from "./row-input.ts";

/** A model to train on from, and rows in its columns and classes. */
export type GoingOn = {
  /** With an output more for each class that it did not have. */
  readonly model: Model;
  readonly splits: Splits;
  /** The classes that it did not have. */
  readonly added: readonly string[];
};

/**
 * `data` with the model's columns and classes, both by name, and the model widened by the classes that are new. Raises
 * InvalidInput for what does not fit the model.
 */
export function goingOn(given: Model, { train, validation, test }: Splits): GoingOn {
  checkModel(given);
  const parts = [train, validation, test].filter((part) => part !== undefined);
  const added = given.loss ? [] : newClasses(given, parts);
  const model = added.length > 0 ? widened(given, added) : given;
  const align = (data: Dataset): Dataset => {
    refuseOtherScale(model, data);
    const aligned = alignDataset(model, { ...data, targets: undefined });
    const { featureNames = data.featureNames, image = data.image, picture = data.picture } = model;
    const targets = aligned.values ? undefined : alignTargets(model, data);
    return { ...aligned, targets, featureNames, image, picture };
  };
  const splits = { train: align(train), validation: validation && align(validation), test: test && align(test) };
  return { model, splits, added };
}

/**
 * The loss to go on with: the model's, or another of as many outputs on targets of the same scaling. Raises
 * InvalidInput.
 */
export function lossToGoOn({ loss, targetScaling }: Model, asked: LossName | Loss | undefined): Loss | undefined {
  if (asked === undefined) return loss;
  const wanted = checkLoss(asked);
  const [was, will] = [loss ?? SOFTMAX, wanted];
  const same =
    lossTask(was) === lossTask(will) &&
    outputsPerTarget(was) === outputsPerTarget(will) &&
    (will.name === "poisson" || lossTask(will) !== "regress") === (targetScaling === undefined);
  must(same, "loss", `left out, or one whose outputs mean what those of ${was.name} do`, wanted.name);
  return wanted;
}

/** Classes of rows, or of probability rows, that the model does not have, in the usual order. */
function newClasses({ classes }: Model, parts: readonly Dataset[]): string[] {
  const known = new Set(classes.map(className));
  const occurring = parts.flatMap(({ classes: names, labels, targets }) => {
    const used = new Set(labels);
    return names.filter((_, c) => targets !== undefined || used.has(c));
  });
  return sortClasses([...new Set(occurring)].filter((name) => !known.has(className(name))));
}

/** The model with outputs for further classes behind its own, whose weights and biases are 0. */
function widened(model: Model, added: readonly string[]): Model {
  const { layers, activation, ...options } = model.network;
  const network = defineNetwork([...layers.slice(0, -1), layers.at(-1)! + added.length], activation, options);
  const [before, after] = [packedLayers(model.network).at(-1)!, packedLayers(network).at(-1)!];
  const parameters = new Float32Array(after.b + after.outputs);
  parameters.set(model.parameters.subarray(0, before.W));
  for (let i = 0; i < before.inputs; i++) {
    const from = before.W + i * before.outputs;
    parameters.set(model.parameters.subarray(from, from + before.outputs), after.W + i * after.outputs);
  }
  parameters.set(model.parameters.subarray(before.b, before.b + before.outputs), after.b);
  return { ...model, network, parameters, classes: [...model.classes, ...added] };
}

function refuseOtherScale({ scaling }: Model, { name, features }: Dataset): void {
  let [largest, least, whole] = [0, 0, true];
  for (const x of features) {
    if (x > largest) largest = x;
    else if (x < least) least = x;
    if (whole && Math.floor(x) !== x) whole = false;
  }
  new ScaleGuard(scaling).judge(name, largest, least, whole);
}

/** Raises InvalidInput for an option that the model settles. */
export function refuseSettled(
  model: Model,
  { hidden, ...settled }: Readonly<Record<string, unknown>> & { readonly hidden?: readonly number[] | undefined },
): void {
  checkModel(model);
  const { network } = model;
  for (const [name, value] of Object.entries(settled))
    must(value === undefined, name, "left out where from is given: the model keeps its own", value);
  const sizes = network.layers.slice(1, -1);
  const same = hidden === undefined || (hidden.length === sizes.length && hidden.every((h, l) => h === sizes[l]));
  must(same, "hidden", `left out or [${sizes.join(", ")}], as the model in from has it`, hidden);
}
