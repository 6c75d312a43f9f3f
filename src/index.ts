// The public names of Deltaprop, and nothing else. Everything here runs in browsers too; what needs files is in node.ts.

export { type CentredBy, centreDigit } from "./data/centre.ts";
export { readCsv } from "./data/csv.ts";
export { checkDataset, type Dataset, type Source, selectRows } from "./data/dataset.ts";
export { drawDigits } from "./data/digits.ts";
export { readIdx } from "./data/idx.ts";
export { readNpy } from "./data/npy.ts";
export { pairArrays } from "./data/pair.ts";
export { fitScaling, type Scaling } from "./data/scaling.ts";
export { splitDataset } from "./data/split.ts";
export type { Engine, Session, Setup, Walk } from "./engines/engine.ts";
export { chooseEngine, ENGINES } from "./engines/registry.ts";
export { engineSubject } from "./engines/subject.ts";
export { type CheckOptions, type CheckReport, checkNote } from "./equations/check.ts";
export { htmlReport } from "./equations/html.ts";
export { shapeQuestion } from "./equations/shapes.ts";
export { kernelSubject, type Question, type Subject } from "./equations/subject.ts";
export { DeltapropError, EngineUnavailable, EnvironmentFailure, InvalidInput, NumericalStop } from "./errors.ts";
export { encodeModule, MODULE_TYPES, type ModuleOptions } from "./files/js-module.ts";
export { decodeModel, encodeModel } from "./files/model.ts";
export { encodeModelJson } from "./files/model-json.ts";
export type { Checked } from "./files/notes.ts";
export { encodeOnnx } from "./files/onnx.ts";
export { decodeSafetensors, encodeSafetensors, type Tensor, type Tensors } from "./files/safetensors.ts";
export { RULES, type Rule } from "./gradients/kernels.ts";
export { arraysOf, type LayerArrays } from "./network/memory.ts";
export {
  ACTIVATIONS,
  type Activation,
  defineNetwork,
  LIMITS,
  type Network,
  parameterCount,
} from "./network/network.ts";
export { INITIALISATIONS, type Initialisation, initialise } from "./network/parameters.ts";
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
export type { Choices } from "./training/options.ts";
export type { Parts } from "./training/parts.ts";
export { Diverged, type Ending, type EpochRecord, type TrainEvent, type Trained } from "./training/record.ts";
export type { Run, WalkOptions } from "./training/run.ts";
export { SCHEDULES, type Schedule } from "./training/schedule.ts";
export type { RunState } from "./training/state.ts";
export { openRun, type RunOptions, type TrainOptions, train } from "./training/trainer.ts";
