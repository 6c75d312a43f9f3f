// The public names that need files, for Node: data sets by name, folder or file, and models on disk.

import { Classifier, type ClassifierMachine } from "./classifier/classifier.ts";
import { load as loadBytes } from "./classifier/load.ts";
import { loadModel, saveModel } from "./files/run/run-folder.ts";
import type { Model } from "./training/model.ts";

export type { TableChoices } from "./data/formats/format.ts";
export type { NamedOptions } from "./data/named/catalog.ts";
export type { DownloadProgress } from "./data/named/download.ts";
export { type LoadOptions, loadSource, type ReadProgress } from "./data/source.ts";
export type { CacheOptions } from "./data/stored/cache.ts";
export type { MissingChoice, TableOptions, Task } from "./data/table/table-options.ts";
export { loadModel, saveModel };

/** Write a model to `path` as a safetensors file, whole or not at all. A file that is there is replaced. */
export async function save(model: Classifier | Model, path: string): Promise<void> {
  await saveModel(path, model instanceof Classifier ? model.model : model);
}

/**
 * The classifier in a safetensors file, in the folder of a run, or in bytes. It is warm when the promise resolves.
 * Raises InvalidInput, or EnvironmentFailure where the file cannot be read.
 */
export async function load(
  path: string | Uint8Array | ArrayBuffer,
  machine: ClassifierMachine = {},
): Promise<Classifier> {
  if (typeof path !== "string") return loadBytes(path, machine);
  const { model } = await loadModel(path);
  return new Classifier(model, machine).warm();
}
