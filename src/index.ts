// The public names of Deltaprop, and nothing else. Everything here runs in browsers too; what needs files is in
// node.ts.

export { type BatchFigures, BatchTrainer, openTrainer, type TrainerOptions } from "./classifier/batch-trainer.ts";
export {
  type Abortable,
  type Answer,
  type Answers,
  Classifier,
  type ClassifierMachine,
  classifierOf,
} from "./classifier/classifier.ts";
export { fit } from "./classifier/fit.ts";
export type { EpochEvent, FitOptions } from "./classifier/fit-options.ts";
export { fromJSON, load } from "./classifier/load.ts";
export type { InputRow, ManyRows } from "./classifier/row-input.ts";
export { type CsvSource, readCsv } from "./data/csv-source.ts";
export {
  type CheckedDataset,
  checkDataset,
  type Dataset,
  type ImageSize,
  type Source,
  selectRows,
} from "./data/dataset.ts";
export { type CenteredBy, centerDigit } from "./data/digits/center.ts";
export { type DigitsOptions, drawDigits } from "./data/digits/digits.ts";
export { datasetFromArrays, type LabelArray, type PairNames } from "./data/formats/arrays.ts";
export type { CsvOptions } from "./data/formats/csv.ts";
export { readIdx } from "./data/formats/idx.ts";
export { readNpy } from "./data/formats/npy.ts";
export {
  type FromArraysOptions,
  type FromRowsOptions,
  fromArrays,
  fromRows,
  type RowLabels,
  type Rows,
} from "./data/from-arrays.ts";
export { fitScaling, SCALINGS, type Scaling, type ScalingKind } from "./data/scaling.ts";
export { splitDataset } from "./data/split.ts";
export type {
  Engine,
  EngineChoice,
  EngineName,
  Features,
  OnProgress,
  Session,
  Setup,
  StepResults,
} from "./engines/engine.ts";
export { chooseEngine, ENGINES } from "./engines/registry.ts";
export { type CheckOptions, type CheckReport, checkNote } from "./equations/check-note.ts";
export { htmlReport } from "./equations/check-page.ts";
export {
  engineImplementation,
  type Implementation,
  type Problem,
  referenceImplementation,
} from "./equations/implementation.ts";
export { shapeProblem } from "./equations/shape-problems.ts";
export {
  DeltapropError,
  EngineUnavailable,
  EnvironmentFailure,
  InvalidInput,
  NumericalStop,
  type Place,
} from "./errors.ts";
export { encodeModule, MODULE_TYPES, type ModuleOptions } from "./files/export/js-module.ts";
export { encodeOnnx } from "./files/export/onnx.ts";
export type { ExportCheck } from "./files/model/metadata.ts";
export { decodeModel, encodeModel } from "./files/model/model-file.ts";
export { decodeModelJson, encodeModelJson } from "./files/model/model-json.ts";
export { decodeSafetensors, encodeSafetensors, type Tensor, type Tensors } from "./files/model/safetensors.ts";
export { OPTIMIZERS, type Optimizer } from "./gradients/kernels.ts";
export type { BatchArrays, Floats, LayerArrays } from "./network/memory.ts";
export {
  ACTIVATIONS,
  type Activation,
  defineNetwork,
  LIMITS,
  type Network,
  parameterCount,
} from "./network/network.ts";
export { INITIALIZATIONS, type Initialization, initialize } from "./network/parameters.ts";
export {
  evaluate,
  type InputGradients,
  inputGradients,
  type Machine,
  type Prediction,
  predict,
} from "./training/evaluate.ts";
export { type Metrics, measure, type Scores } from "./training/metrics.ts";
export type { Model, TrainedOn } from "./training/model.ts";
export type { OptimizerSettings } from "./training/optimizer.ts";
export type { TrainingOptions } from "./training/options.ts";
export {
  type Metric,
  type MetricRows,
  type PlannedTraining,
  planTraining,
  type RunBasis,
} from "./training/plan-training.ts";
export type { Run, TrainLimits } from "./training/run.ts";
export type { RunProgress, RunState } from "./training/run-state.ts";
export { type RateOf, SCHEDULES, type Schedule } from "./training/schedule.ts";
export type { CheckedSplits, Splits } from "./training/splits.ts";
export {
  type OpenOptions,
  openPlanned,
  openRun,
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
