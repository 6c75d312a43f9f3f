// Named sets of options. docs/results.md and docs/record.md have what each reaches and takes; an option that is given
// beside one replaces the recipe's.
import type { TrainingOptions } from "./options.ts";

/** Options of a training, with the units of its hidden layers. */
export type Recipe = Partial<TrainingOptions> & {
  /** Units of each hidden layer, first to last. Default: as without a recipe. */
  readonly hidden?: readonly number[];
};

/** Names of the recipes. */
export const RECIPE_NAMES = ["fast", "record", "small-table"] as const;
/** "fast", "record" or "small-table". */
export type RecipeName = (typeof RECIPE_NAMES)[number];

/**
 * Options that were found to pay, for `fit` or `train`: on images `fast`, one epoch, and `record`, 400 of distorted
 * ones; on tables of up to some thousand rows `small-table`. Spread one and change what you will:
 * `fit(X, y, { ...RECIPES.fast, seed: 2 })`.
 */
export const RECIPES: { readonly [N in RecipeName]: Recipe } = {
  fast: { hidden: [256, 256, 256], optimizer: "adam", learningRate: 0.002, batchSize: 64, epochs: 1 },
  record: { hidden: [1000, 500], optimizer: "sgd", learningRate: 0.4, batchSize: 32, epochs: 400, augment: "digits" },
  "small-table": { dropout: 0.2 },
};
