// The metadata of an exported model, as named texts: the same in every format that has room for them.
import type { Model } from "../../training/model.ts";

/** The verification of an export: the file was run and compared with `predict` of this library. */
export type ExportCheck = {
  /** E.g. "onnxruntime-web 1.30.0". */
  readonly runner: string;
  /** The data of the examples, in words. */
  readonly data: string;
  /** Rows that were compared. */
  readonly examples: number;
  /** Of a probability, in [0, 1]. */
  readonly largestDifference: number;
  /** The largest difference allowed. */
  readonly limit: number;
  /** Examples whose class differs. */
  readonly labelChanges: number;
};

export const MODEL_VERSION = "1"; // of the metadata

/** Metadata of an export. Values other than plain words are JSON. */
export function exportMetadata(model: Model, checked?: ExportCheck): Map<string, string> {
  const { network, classes, featureNames, image, picture, trainedOn } = model;
  const metadata = new Map([
    ["deltaprop", MODEL_VERSION],
    ["layers", JSON.stringify(network.layers)],
    ["activation", network.activation],
    ["classes", JSON.stringify(classes)],
  ]);
  if (featureNames) metadata.set("features", JSON.stringify(featureNames));
  if (image) metadata.set("image", JSON.stringify([image.height, image.width]));
  if (picture) metadata.set("picture", JSON.stringify(picture));
  if (trainedOn) metadata.set("trained_on", JSON.stringify(trainedOn));
  if (checked) metadata.set("checked", JSON.stringify(checked));
  return metadata;
}
