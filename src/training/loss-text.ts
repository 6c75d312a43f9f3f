// A loss as one word, for a command line or an address, such as "huber=1"; and what is usual for each task.
import type { Task } from "../data/table/table-options.ts";
import { must } from "../errors.ts";
import { checkLoss, LOSSES, type Loss, type LossName } from "../network/losses.ts";

/** The losses that a word can give constants, and their names. */
const CONSTANTS = { huber: "threshold", quantile: "levels", focal: "gamma" } as const;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** The loss that a word says, its constants filled in; `what` is the option in a refusal. Raises InvalidInput. */
export function readLossWord(text: string, what: string): Loss {
  const [name = "", constants] = text.split("=");
  must((LOSSES as readonly string[]).includes(name), what, `one of ${LOSSES.join(", ")}`, text);
  if (constants === undefined) return checkLoss(name as LossName);
  must(Object.hasOwn(CONSTANTS, name), what, "with constants huber, quantile or focal", text);
  const key = CONSTANTS[name as keyof typeof CONSTANTS];
  const numbers = constants.split(",").map((each) => {
    must(NUMBER.test(each), what, "numbers behind =, with commas between", each);
    return Number(each);
  });
  must(name === "quantile" || numbers.length === 1, what, `one number behind ${name}=`, text);
  return checkLoss({ name, [key]: name === "quantile" ? numbers : numbers[0] } as Loss);
}

/** The loss as that word. */
export function lossWord(loss: Loss): string {
  if (loss.name === "huber") return `${loss.name}=${loss.threshold}`;
  if (loss.name === "quantile") return `${loss.name}=${loss.levels!.join(",")}`;
  return loss.name === "focal" ? `${loss.name}=${loss.gamma}` : loss.name;
}

/** The loss with its constants, in words. */
export function lossText(loss: Loss): string {
  if (loss.name === "huber") return `${loss.name} (threshold ${loss.threshold})`;
  if (loss.name === "quantile") return `${loss.name} (${loss.levels!.join(", ")})`;
  const constants = loss.name === "focal" ? [`gamma ${loss.gamma}`] : [];
  const weights = labelWeightsOf(loss);
  const told = weights ? [...constants, `labels weighted ${weights.join(", ")}`] : constants;
  return told.length > 0 ? `${loss.name} (${told.join("; ")})` : loss.name;
}

/** w_c of each label, where a loss has them. */
export const labelWeightsOf = (loss: Loss): readonly number[] | undefined =>
  "labelWeights" in loss ? loss.labelWeights : undefined;

const USUAL = {
  classify: "softmax-cross-entropy",
  regress: "squared-error",
  multilabel: "sigmoid-cross-entropy",
} as const;

/** The loss where none is asked for. */
export const usualLoss = (task: Task): Loss => checkLoss(USUAL[task]);
