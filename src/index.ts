// What a program with a classifier needs, in browsers too. Files by path are in node.ts, formats in files.ts, a run
// step by step in training.ts, engines and sessions in sessions.ts, the equations in check.ts.

export type { Answer, Answers } from "./classifier/answer.ts";
export { type BatchFigures, type BatchTrainer, openTrainer } from "./classifier/batch-trainer.ts";
export {
  type Abortable,
  Classifier,
  type ClassifierMachine,
  classifierOf,
} from "./classifier/classifier.ts";
export { fit, type ValueFitOptions, type ValueLoss } from "./classifier/fit.ts";
export type { EpochEvent, FitOptions } from "./classifier/fit-options.ts";
export { fromJSON, load, loadValues } from "./classifier/load.ts";
export type { InputRow, ManyRows } from "./classifier/row-input.ts";
export type { TrainerOptions } from "./classifier/trainer-options.ts";
export {
  type ValueAnswer,
  type ValueAnswers,
  ValueModel,
  valueModelOf,
} from "./classifier/value-model.ts";
export type { Column, ColumnKind } from "./data/columns.ts";
export type { CheckedDataset, Dataset, ImageSize, Source, SourceTable } from "./data/dataset.ts";
export { type CenteredBy, centerDigit } from "./data/digits/center.ts";
export { type DigitsOptions, drawDigits } from "./data/digits/digits.ts";
export {
  type FromArraysOptions,
  fromArrays,
  type RowLabels,
  type Rows,
} from "./data/from-arrays.ts";
export { type FromRowsOptions, fromRows } from "./data/from-rows.ts";
export type {
  PictureBorder,
  PictureColor,
  PictureFit,
  PictureForm,
  PictureOptions,
  PictureSize,
} from "./data/pictures/picture-form.ts";
export { fitScaling, type Scaling, type ScalingKind } from "./data/scaling.ts";
export { type SplitParts, splitDataset } from "./data/split.ts";
export type { DateOrder } from "./data/table/read-date.ts";
export type {
  ColumnRole,
  MissingChoice,
  RejectedRow,
  TableColumn,
  TableOptions,
  Task,
} from "./data/table/table-options.ts";
export type { Cycle, FittedColumn, MeasuredColumn, OneHotColumn } from "./data/transform.ts";
export type { EngineChoice, EngineName, RankExchange } from "./engines/engine.ts";
export {
  DeltapropError,
  EngineUnavailable,
  EnvironmentFailure,
  type EnvironmentFailureCode,
  type ErrorCode,
  InvalidInput,
  type InvalidInputCode,
  NumericalStop,
  type NumericalStopCode,
  type Place,
} from "./errors.ts";
export type { Optimizer } from "./gradients/kernels.ts";
export type { Loss, LossName } from "./network/losses.ts";
export { type Activation, defineNetwork, type LayerOptions, type Network } from "./network/network.ts";
export type { Initialization } from "./network/parameters.ts";
export type { ClassIndices } from "./network/targets.ts";
export type { Augmentation, AugmentationName, DistortionLimits } from "./training/augmentation.ts";
export { evaluate, type Machine, type Prediction, predict, type ValuePrediction } from "./training/evaluate.ts";
export type { Interval } from "./training/intervals.ts";
export type { Metrics, Scores } from "./training/metrics.ts";
export type { DataPart, Model, RowChoices, TrainedOn } from "./training/model.ts";
export type { OptimizerSettings, TrainingOptimizer } from "./training/optimizer.ts";
export type { TrainingOptions } from "./training/options.ts";
export type { Metric, MetricRows, RunBasis } from "./training/plan-training.ts";
export type { ModelPrivacy, PrivateOptions } from "./training/private-options.ts";
export type { RateOf, Schedule } from "./training/schedule.ts";
export type { Splits } from "./training/splits.ts";
export type { StepOptions } from "./training/step-options.ts";
export { type RunMachine, type RunOptions, type TrainOptions, train } from "./training/trainer.ts";
export {
  Diverged,
  type EpochRecord,
  type StopReason,
  type TrainEvent,
  type TrainingResult,
} from "./training/training-result.ts";
export type { LabelFigures, TargetFigures, ValueMetrics } from "./training/value-metrics.ts";
export type { TargetScaling } from "./training/value-targets.ts";
