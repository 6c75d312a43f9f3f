// The space of a search that names none.
import { must } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { lossOf, type TrainingOptions } from "../training/options.ts";
import type { SearchSpace } from "./search-space.ts";
import type { FixedOptions } from "./trial-options.ts";

const TABLE = {
  learningRate: { from: 0.0003, to: 0.03, scale: "log" },
  batchSize: { choices: [16, 32, 64, 128] },
  hidden: { choices: [[32], [64], [128], [256], [64, 64], [128, 128], [256, 256], [128, 128, 128]] },
  activation: { choices: ["relu", "tanh", "gelu"] },
  weightDecay: { from: 0.01, to: 10, scale: "log" },
  labelSmoothing: { from: 0, to: 0.15 },
} satisfies SearchSpace;

const IMAGES = {
  learningRate: { from: 0.03, to: 0.6, scale: "log" },
  batchSize: { choices: [32, 64, 128] },
  hidden: { choices: [[256], [256, 256], [256, 256, 256], [512, 256], [512, 512], [800, 400]] },
  weightDecay: { from: 0.000001, to: 0.0003, scale: "log" },
  labelSmoothing: { from: 0, to: 0.1 },
} satisfies SearchSpace;

/** Whether hidden layers of equal width follow each other. */
const isJoined = (hidden: readonly number[]): boolean => hidden.some((size, l) => size === hidden[l - 1]);

/**
 * The space of a search that names none, by the optimizer that training would take, without the options in
 * `given`; numbers to learn have no smoothing. With `residual` it has no hidden layers but those that can be joined.
 */
export function defaultSpace(
  options: Pick<TrainingOptions, "optimizer" | "loss"> & Pick<FixedOptions, "residual">,
  given: readonly string[] = [],
): SearchSpace {
  must(typeof options === "object" && options !== null, "options", "an object with an optimizer", options);
  const { optimizer, loss, residual } = options;
  const space = optimizer === "adam" || optimizer === "adamw" ? TABLE : IMAGES;
  const joined = residual ? { hidden: { choices: space.hidden.choices.filter(isJoined) } } : {};
  return Object.fromEntries(
    Object.entries({ ...space, ...joined }).filter(
      ([name]) => !given.includes(name) && (name !== "labelSmoothing" || lossTask(lossOf({ loss })) !== "regress"),
    ),
  );
}
