// What a trainer of batches knows before the first one: network, scaling, classes and columns.
import type { Dataset } from "../data/dataset.ts";
import { fitScaling, inputsOf, type Scaling } from "../data/scaling.ts";
import { must } from "../errors.ts";
import { checkLoss, type Loss, lossTask, outputsPerTarget, SOFTMAX } from "../network/losses.ts";
import { defineNetwork } from "../network/network.ts";
import type { Model } from "../training/model.ts";
import { fitTargets, type TargetScaling } from "../training/value-targets.ts";
import { Classifier } from "./classifier.ts";
import type { TrainerOptions } from "./trainer-options.ts";
import { ValueModel } from "./value-model.ts";

/** From the options, or from the model to go on from. Raises InvalidInput. */
export function describeTrainer(options: TrainerOptions): Omit<Model, "parameters"> {
  const { from, columns, features, classes, scaling, sample, hidden, layers } = options;
  const { activation, activations, layerNorm, residual } = options;
  if (from !== undefined) {
    const { loss, targetScaling } = options;
    const shape = { hidden, layers, activation, activations, layerNorm, residual, loss, targetScaling };
    const kept = { columns, features, classes, scaling, sample, ...shape };
    for (const [name, value] of Object.entries(kept))
      must(value === undefined, name, "left out where from is given: the model keeps its own", value);
    const model = from instanceof Classifier || from instanceof ValueModel ? from.model : from;
    const { parameters: _, trainedOn: __, temperature: ___, ...info } = model;
    return info;
  }
  const D = columns?.length ?? features;
  must(Number.isInteger(D) && D! >= 1, "features", "the number of columns, or columns their names", D);
  const loss = checkLoss(options.loss ?? SOFTMAX);
  const classifies = lossTask(loss) === "classify";
  const named = Array.isArray(classes) && classes.length >= (classifies ? 2 : 1);
  must(named, "classes", classifies ? "the names of at least two classes" : "the names of the targets", classes);
  must(new Set(classes).size === classes.length, "classes", "different names", classes);
  const chosen = chosenScaling(scaling, sample);
  const inputs = inputsOf(chosen, D!);
  const outputs = classes!.length * outputsPerTarget(loss);
  const one = activation === undefined || activations === undefined;
  must(one, "activations", "left out where activation is given", activations);
  const own = { layerNorm, residual };
  const network = defineNetwork(layers ?? [inputs, ...(hidden ?? [64]), outputs], activations ?? activation, own);
  must(
    network.layers[0] === inputs && network.layers.at(-1) === outputs,
    "layers",
    `sizes from ${inputs} to ${outputs}`,
    layers,
  );
  const learned = classifies ? {} : { loss, targetScaling: chosenTargets(options, loss) };
  return { network, scaling: chosen, classes: classes!, ...learned, featureNames: columns };
}

/** Raises InvalidInput for a scaling that the loss does not have. */
function chosenTargets({ targetScaling, sample, classes }: TrainerOptions, loss: Loss): TargetScaling | undefined {
  if (targetScaling === undefined) return sample?.values ? fitTargets(loss, sample) : undefined;
  const { mean, deviation } = targetScaling;
  const scaled = lossTask(loss) === "regress" && loss.name !== "poisson";
  must(scaled, "targetScaling", `left out with ${loss.name}`, targetScaling);
  const T = classes!.length;
  const sound = mean.length === T && deviation.length === T && deviation.every((d) => d > 0);
  must(sound, "targetScaling", `mean and deviation of ${T} targets`, targetScaling);
  return targetScaling;
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
