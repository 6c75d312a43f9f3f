// Sub-path deltaprop/predict: a model from its bytes, and its predictions at once, in plain JavaScript.

export { DeltapropError, EngineUnavailable, EnvironmentFailure, InvalidInput, type Place } from "./errors.ts";
export { decodeModel } from "./files/model/model-file.ts";
export type { Model, TrainedOn } from "./training/model.ts";
export { type PlainPrediction, predict } from "./training/plain-predict.ts";
