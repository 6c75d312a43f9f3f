// The metadata of an exported model, as named texts: the same in every format that has room for them.
import { inputNames } from "../../data/transform.ts";
import { activationText, type LayerOptions } from "../../network/network.ts";
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
export const VALUE_VERSION = "2"; // with a loss: a reader that knows classes alone refuses it
export const BETWEEN_VERSION = "3"; // with layer normalization or residuals, under any loss

/** The version of a model's metadata. */
export function metadataVersion({
  network,
  loss,
}: {
  readonly network: LayerOptions;
  readonly loss?: unknown;
}): string {
  if (network.layerNorm || network.residual) return BETWEEN_VERSION;
  return loss === undefined ? MODEL_VERSION : VALUE_VERSION;
}

/** How the inputs of a table's columns are made, in words, for a reader without this library. */
export const COLUMNS_READING =
  "the inputs of each column of scaling, one column after another: of a category 1 for the row's level and 0 for the others, then, if other, 1 for a level that is not listed, then, if missing, 1 for a missing value; of any other column z = (x - mean) / deviation, where x is the number, 1 or 0 for yes or no, the place of an ordinal in levels from 0, or the days of a date since 1970-01-01 UTC, and fill for a missing value or an unknown level, if clip z / sqrt(1 + (z / 3)^2), then for each of cycles (year 365.2425 days, week 7, day 1) sine and cosine of 2 pi days / period, 0 where missing, then, if missing, 1 where x was filled";

/** What a network's hidden layers have beside σ, as metadata: only what is on. */
export function layerOptionTexts({ layerNorm, residual }: LayerOptions): readonly (readonly [string, string])[] {
  return [
    ...(layerNorm ? [["layer_norm", "true"] as const] : []),
    ...(residual ? [["residual", "true"] as const] : []),
  ];
}

/** The inverse; undefined for texts that are none of it. */
export function readLayerOptions(metadata: ReadonlyMap<string, string>): LayerOptions | undefined {
  const [layerNorm, residual] = [metadata.get("layer_norm"), metadata.get("residual")];
  const known = [layerNorm, residual].every((text) => text === undefined || text === "true");
  return known ? { layerNorm: layerNorm === "true", residual: residual === "true" } : undefined;
}

/** Metadata of an export. Values other than plain words are JSON. */
export function exportMetadata(model: Model, checked?: ExportCheck): Map<string, string> {
  const { network, classes, featureNames, image, picture, scaling, trainedOn, privacy } = model;
  const metadata = new Map([
    ["deltaprop", metadataVersion(model)],
    ["layers", JSON.stringify(network.layers)],
    ["activation", activationText(network)],
    ["classes", JSON.stringify(classes)],
    ...layerOptionTexts(network),
  ]);
  if (model.loss) metadata.set("loss", JSON.stringify(model.loss));
  if (model.targetScaling) metadata.set("target_scaling", JSON.stringify(model.targetScaling));
  if (model.temperature) metadata.set("temperature", JSON.stringify(model.temperature));
  if (featureNames) metadata.set("features", JSON.stringify(featureNames));
  if (scaling.kind === "columns") metadata.set("input_names", JSON.stringify(inputNames(scaling.columns)));
  if (image) metadata.set("image", JSON.stringify([image.height, image.width]));
  if (picture) metadata.set("picture", JSON.stringify(picture));
  if (privacy) metadata.set("privacy", JSON.stringify(privacy));
  if (trainedOn) metadata.set("trained_on", JSON.stringify(trainedOn));
  if (checked) metadata.set("checked", JSON.stringify(checked));
  return metadata;
}
