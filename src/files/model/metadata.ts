// What an exported file says about itself besides its numbers, as named texts: the same in every format that has room
// for them.
import type { Model } from "../../training/model.ts";

/** What came out when an export was run again before it was reported. */
export type ExportCheck = {
  readonly runner: string; //            what ran the file, e.g. "onnxruntime-web 1.30.0"
  readonly data: string; //              what it ran on, in words
  readonly examples: number;
  readonly largestDifference: number; // of a probability, against `predict` of this library
  readonly limit: number; //             that the difference was held against
  readonly labelChanges: number; //      examples whose class differs
};

export const MODEL_VERSION = "1"; // of the metadata

/** Metadata of an export. Values other than plain words are JSON. */
export function modelNotes(model: Model, checked?: ExportCheck): Map<string, string> {
  const { network, classes, featureNames, image, trainedOn } = model;
  const notes = new Map([
    ["deltaprop", MODEL_VERSION],
    ["layers", JSON.stringify(network.layers)],
    ["activation", network.activation],
    ["classes", JSON.stringify(classes)],
  ]);
  if (featureNames) notes.set("features", JSON.stringify(featureNames));
  if (image) notes.set("image", JSON.stringify([image.height, image.width]));
  if (trainedOn) notes.set("trained_on", JSON.stringify(trainedOn));
  if (checked) notes.set("checked", JSON.stringify(checked));
  return notes;
}
