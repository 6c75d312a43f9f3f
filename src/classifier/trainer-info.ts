// What a trainer of batches knows before the first one: network, scaling, classes and columns.
import type { Dataset } from "../data/dataset.ts";
import { fitScaling, inputsOf, type Scaling } from "../data/scaling.ts";
import { must } from "../errors.ts";
import { defineNetwork, type Network } from "../network/network.ts";
import type { Model } from "../training/model.ts";
import { Classifier } from "./classifier.ts";
import type { TrainerOptions } from "./trainer-options.ts";

/** From the options, or from the model to go on from. Raises InvalidInput. */
export function describeTrainer(options: TrainerOptions): Omit<Model, "parameters"> {
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
  const chosen = chosenScaling(scaling, sample);
  const inputs = inputsOf(chosen, D!);
  const network: Network = defineNetwork(layers ?? [inputs, ...(hidden ?? [64]), classes.length], activation);
  must(
    network.layers[0] === inputs && network.layers.at(-1) === classes.length,
    "layers",
    `sizes from ${inputs} to ${classes.length}`,
    layers,
  );
  return { network, scaling: chosen, classes, featureNames: columns };
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

const EMPTY: Dataset = {
  name: "none",
  features: new Float32Array(0),
  rows: 0,
  cols: 0,
  labels: new Int32Array(0),
  classes: [],
};
