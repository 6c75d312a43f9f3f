// The losses a network can be trained on: what its last layer means, and how targets and outputs go together. Their
// formulas are in gradients/elementwise-losses.ts.
import { must } from "../errors.ts";

/** Names of the losses (E2, X22 … X29). */
export const LOSSES = [
  "softmax-cross-entropy",
  "sigmoid-cross-entropy",
  "focal",
  "squared-error",
  "absolute-error",
  "huber",
  "quantile",
  "poisson",
  "gaussian",
] as const;
/** The name of one of LOSSES. */
export type LossName = (typeof LOSSES)[number];

/** A loss with its constants. */
export type Loss =
  | {
      /** One class of C, or a probability row (E2). */
      readonly name: "softmax-cross-entropy";
    }
  | {
      /** Each output a label that is there or not: targets in [0, 1] (X22). */
      readonly name: "sigmoid-cross-entropy";
      /** w_c ≥ 0 of each label. Default 1 each. */
      readonly labelWeights?: readonly number[] | undefined;
    }
  | {
      /** Sigmoid cross-entropy times (1 − p_t)^γ: easy labels count less (X23). */
      readonly name: "focal";
      /** γ ≥ 0. Default 2. */
      readonly gamma?: number | undefined;
      /** w_c ≥ 0 of each label. Default 1 each. */
      readonly labelWeights?: readonly number[] | undefined;
    }
  | {
      /** Half the squared distance, or the distance (X24, X25). */
      readonly name: "squared-error" | "absolute-error";
    }
  | {
      /** Squared near the target, straight beyond the threshold (X26). */
      readonly name: "huber";
      /** > 0, in units of the scaled target. Default 1. */
      readonly threshold?: number | undefined;
    }
  | {
      /** One output a target and level: of target j and level q output j·K + q (X27). */
      readonly name: "quantile";
      /** K levels in (0, 1). Default [0.1, 0.5, 0.9]. */
      readonly levels?: readonly number[] | undefined;
    }
  | {
      /** Counts ≥ 0; the output is the log of their mean (X28). */
      readonly name: "poisson";
    }
  | {
      /** Two outputs a target: its mean, and the log of its variance (X29). */
      readonly name: "gaussian";
    };

/** The note's loss. */
export const SOFTMAX: Loss = { name: "softmax-cross-entropy" };

const DEFAULT_LEVELS = [0.1, 0.5, 0.9] as const;

/** What an example's target is: one class, a set of labels, numbers. */
export const lossTask = ({ name }: Loss): "classify" | "multilabel" | "regress" =>
  name === "softmax-cross-entropy"
    ? "classify"
    : name === "sigmoid-cross-entropy" || name === "focal"
      ? "multilabel"
      : "regress";

/** Outputs of the last layer for each column of the targets. */
export function outputsPerTarget(loss: Loss): number {
  return loss.name === "gaussian" ? 2 : loss.name === "quantile" ? loss.levels!.length : 1;
}

/** A loss from its name or an object, with its constants filled in. Raises InvalidInput. */
export function checkLoss(given: LossName | Loss): Loss {
  const loss = (typeof given === "string" ? { name: given } : given) as Loss;
  const known = typeof loss === "object" && loss !== null && LOSSES.includes(loss.name);
  must(known, "loss", `one of ${LOSSES.join(", ")}, or an object with that name`, given);
  switch (loss.name) {
    case "huber": {
      const { threshold = 1 } = loss;
      must(
        threshold > 0 && Number.isFinite(Math.fround(threshold)),
        "loss.threshold",
        "a finite number > 0",
        threshold,
      );
      return { name: loss.name, threshold };
    }
    case "quantile": {
      const { levels = DEFAULT_LEVELS } = loss;
      must(Array.isArray(levels) && levels.length >= 1, "loss.levels", "a list of numbers", levels);
      for (const [q, level] of levels.entries())
        must(level > 0 && level < 1, `loss.levels[${q}]`, "a number between 0 and 1", level);
      return { name: loss.name, levels: [...levels] };
    }
    case "focal": {
      const { gamma = 2 } = loss;
      must(gamma >= 0 && Number.isFinite(Math.fround(gamma)), "loss.gamma", "a finite number ≥ 0", gamma);
      return { name: loss.name, gamma, ...labelWeightsOf(loss) };
    }
    case "sigmoid-cross-entropy":
      return { name: loss.name, ...labelWeightsOf(loss) };
    default:
      return { name: loss.name };
  }
}

function labelWeightsOf({ labelWeights }: { readonly labelWeights?: readonly number[] | undefined }) {
  if (labelWeights === undefined) return {};
  must(Array.isArray(labelWeights), "loss.labelWeights", "a list of numbers", labelWeights);
  for (const [c, w] of labelWeights.entries())
    must(w >= 0 && Number.isFinite(Math.fround(w)), `loss.labelWeights[${c}]`, "a finite number ≥ 0", w);
  return { labelWeights: [...labelWeights] };
}

/** T, the columns of a target row, for C outputs. Raises InvalidInput where they do not fit the loss. */
export function targetColumns(loss: Loss, outputs: number): number {
  const per = outputsPerTarget(loss);
  const expected = `a multiple of ${per}, the outputs that ${loss.name} takes for each target`;
  must(outputs % per === 0, "the last of layers", expected, outputs);
  return outputs / per;
}

/** w [C], then the constant of each output [C]: what the kernels read (γ, the threshold, the level). */
export function lossParameters(loss: Loss, outputs: number): Float64Array {
  const out = new Float64Array(2 * outputs).fill(1, 0, outputs);
  const weights = "labelWeights" in loss ? loss.labelWeights : undefined;
  if (weights) {
    must(weights.length === outputs, "loss.labelWeights", `${outputs} numbers, one for each label`, weights.length);
    out.set(weights);
  }
  for (let c = 0; c < outputs; c++) out[outputs + c] = constantOf(loss, c);
  return out;
}

function constantOf(loss: Loss, output: number): number {
  switch (loss.name) {
    case "huber":
      return loss.threshold!;
    case "focal":
      return loss.gamma!;
    case "quantile":
      return loss.levels![output % loss.levels!.length]!;
    default:
      return 0;
  }
}
