// Named sets of options. docs/results.md and docs/record.md have what each reaches and takes; an option that is given
// beside one replaces the recipe's.
import type { TrainingOptions } from "./options.ts";

/** Options of a training, with the units of its hidden layers. */
export type Recipe = Partial<TrainingOptions> & {
  /** Units of each hidden layer, first to last. Default: as without a recipe. */
  readonly hidden?: readonly number[];
};

/** Names of the recipes. */
export const RECIPE_NAMES = ["fast", "accurate", "record"] as const;
/** "fast", "accurate" or "record". */
export type RecipeName = (typeof RECIPE_NAMES)[number];

/**
 * Options that were found to pay, for `fit` or `train`. All are for images: `fast` is one epoch, `accurate` twenty
 * without any change to the images, `record` 150 epochs of distorted ones. Spread one and change what you will:
 * `fit(X, y, { ...RECIPES.fast, seed: 2 })`.
 */
export const RECIPES: { readonly [N in RecipeName]: Recipe } = {
  fast: { hidden: [256, 256, 256], optimizer: "adam", learningRate: 0.002, batchSize: 64, epochs: 1 },
  accurate: {
    hidden: [1024, 1024],
    optimizer: "adam",
    learningRate: 0.001,
    batchSize: 128,
    epochs: 60,
    dropout: 0.5,
    inputNoise: 0.1,
    labelSmoothing: 0.1,
  },
  record: { hidden: [1000, 500], optimizer: "sgd", learningRate: 0.1, batchSize: 64, epochs: 150, augment: "digits" },
};
