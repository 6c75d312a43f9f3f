// A classifier from bytes or JSON.
import { InvalidInput, must } from "../errors.ts";
import { decodeModel } from "../files/model/model-file.ts";
import { decodeModelJson } from "../files/model/model-json.ts";
import { Classifier, type ClassifierMachine } from "./classifier.ts";
import { ValueModel } from "./value-model.ts";

/**
 * The classifier in the bytes of a safetensors file: of `toBytes`, of the command line, or PyTorch layers. It is warm
 * when the promise resolves. Files by path: `load` of deltaprop/node. Raises InvalidInput.
 */
export async function load(bytes: Uint8Array | ArrayBuffer, machine: ClassifierMachine = {}): Promise<Classifier> {
  if (typeof bytes === "string")
    throw new InvalidInput("INVALID_ARGUMENT", "load takes bytes here; load of deltaprop/node takes a path.");
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  must(view instanceof Uint8Array, "bytes", "the bytes of a model", bytes);
  const { model } = await decodeModel(view);
  return new Classifier(model, machine).warm();
}

/** As `load`, for a model of numbers or labels. Raises InvalidInput for one of classes. */
export async function loadValues(
  bytes: Uint8Array | ArrayBuffer,
  machine: ClassifierMachine = {},
): Promise<ValueModel> {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  must(view instanceof Uint8Array, "bytes", "the bytes of a model", bytes);
  return new ValueModel((await decodeModel(view)).model, machine);
}

/** The classifier that `JSON.stringify` wrote: its text, or the parsed value. Raises InvalidInput. */
export function fromJSON(json: unknown, machine: ClassifierMachine = {}): Classifier {
  return new Classifier(decodeModelJson(json), machine);
}
