// Sub-path deltaprop/training: a run step by step. It is planned, opened, stopped after any step, and goes on from its
// state to the same bits; `fit` and `train` of the main entry drive the same run.

export { type CheckedDataset, checkDataset, selectRows } from "./data/dataset.ts";
export { SCALINGS } from "./data/scaling.ts";
export { type SplitParts, splitDataset } from "./data/split.ts";
export {
  ATTRIBUTIONS,
  type AttributeOptions,
  type AttributionMethod,
  type Attributions,
  attribute,
  type Importance,
  type ImportanceOptions,
  permutationImportance,
} from "./insights/attributions.ts";
export { type CrossValidation, type CrossValidationOptions, crossValidate } from "./insights/cross-validation.ts";
export type { ExampleOptions } from "./insights/example-arrays.ts";
export {
  LABEL_SCORES,
  type LabelReport,
  type LabelScore,
  type LabelScores,
  type MislabelledOptions,
  mislabelled,
} from "./insights/label-scores.ts";
export {
  type BatchPrice,
  type BatchSizeAdvice,
  type BatchSizeOptions,
  type NoiseAtStep,
  recommendBatchSize,
} from "./insights/noise-advice.ts";
export {
  type CurvatureOptions,
  curvatureInfluence,
  type TracInCheckpoint,
  tracIn,
} from "./insights/pair-influence.ts";
export { type RateAdvice, type RateStep, type RateTestOptions, testRates } from "./insights/rate-test.ts";
export { type RepresenterOptions, type RepresenterPoints, representerPoints } from "./insights/representer-points.ts";
export { defaultSpace } from "./search/default-space.ts";
export type { FitFigures, FitMachine, Measure } from "./search/fits.ts";
export {
  type FoldOptions,
  type FoldScore,
  type FoldScores,
  type SampleSpread,
  scoreFolds,
} from "./search/fold-scores.ts";
export {
  type KnownFit,
  type SearchMachine,
  type SearchResult,
  searchOptions,
  type Trial,
} from "./search/halving-search.ts";
export { importances, type OptionImportance } from "./search/importance.ts";
export type { TrialFit } from "./search/judge.ts";
export type { AskedSettings, SearchSettings } from "./search/search-settings.ts";
export {
  type Dimension,
  readSpace,
  type SearchSpace,
  type SpaceValue,
  type SpaceValues,
} from "./search/search-space.ts";
export type { FixedOptions } from "./search/trial-options.ts";
export {
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
  type DistortionLimits,
} from "./training/augmentation.ts";
export { type Averaging, evaluateAveraged, predictAveraged } from "./training/averaged-predict.ts";
export { distortRows } from "./training/distort-rows.ts";
export {
  evaluate,
  type InputGradients,
  inputGradients,
  type Machine,
  type Prediction,
  predict,
} from "./training/evaluate.ts";
export { joinModels } from "./training/joined-models.ts";
export { type MeasuredNoise, measureNoise } from "./training/measure-noise.ts";
export { type Metrics, measure, type Scores } from "./training/metrics.ts";
export {
  type Metric,
  type MetricRows,
  type NetworkOf,
  type PlannedTraining,
  planTraining,
  type RunBasis,
} from "./training/plan-training.ts";
export { RECIPE_NAMES, RECIPES, type Recipe, type RecipeName } from "./training/recipes.ts";
export type { Run } from "./training/run.ts";
export type { TrainLimits } from "./training/run-setup.ts";
export type { EpochRows, EpochSums, RunProgress, RunState } from "./training/run-state.ts";
export { type RateOf, SCHEDULES, type Schedule } from "./training/schedule.ts";
export type { CheckedSplits, Splits } from "./training/splits.ts";
export {
  type OpenOptions,
  openPlanned,
  openRun,
  type RunMachine,
  type RunOptions,
  type TrainOptions,
  train,
} from "./training/trainer.ts";
export {
  Diverged,
  type EpochRecord,
  type StopReason,
  type TrainEvent,
  type TrainingResult,
} from "./training/training-result.ts";
