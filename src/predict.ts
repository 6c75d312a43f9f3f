// Sub-path deltaprop/predict: a saved model that answers at once, in plain JavaScript, by name or in arrays.

export type { Answer, Answers } from "./classifier/answer.ts";
export { fromJSON, load, PlainClassifier } from "./classifier/plain-classifier.ts";
export type { InputRow, ManyRows } from "./classifier/row-input.ts";
export { DeltapropError, EngineUnavailable, EnvironmentFailure, InvalidInput, type Place } from "./errors.ts";
export { decodeModel } from "./files/model/model-file.ts";
export type { Model, TrainedOn } from "./training/model.ts";
export { type PlainPrediction, predict } from "./training/plain-predict.ts";
