// Node only. Writing a model in another format, and saying so only after the file has answered 1,000 examples as the model does.
import { readFile, rm } from "node:fs/promises";
import { InvalidInput } from "../errors.ts";
import { parameterCount } from "../network/network.ts";
import type { Model } from "../training/model.ts";
import { type Examples, encodeAgreed, type Form, mustAgree, readBack } from "./agreement.ts";
import { writeDurably } from "./durable.ts";
import { halved } from "./half.ts";
import { encodeModule } from "./js-module.ts";
import { decodeModel, encodeModel } from "./model.ts";
import { decodeModelJson, encodeModelJson } from "./model-json.ts";
import type { Checked } from "./notes.ts";
import { encodeOnnx } from "./onnx.ts";
import { rerunModule, rerunOnnx } from "./rerun.ts";
import { readIfThere } from "./run-folder.ts";

export const FORMS = {
  onnx: { encode: encodeOnnx, rerun: rerunOnnx, limit: 1e-6, reordered: true },
  safetensors: { encode: encodeModel, rerun: readBack(async (bytes) => (await decodeModel(bytes)).model), limit: 0 },
  module: {
    encode: (model, checked) => encodeModule(model, { ...(checked && { checked }) }),
    rerun: rerunModule,
    limit: 0,
  },
  "16-bit module": {
    encode: (model, checked) => encodeModule(model, { half: true, ...(checked && { checked }) }),
    rerun: rerunModule,
    limit: 0.01,
    exactly: halved,
  },
  json: {
    encode: encodeModelJson,
    rerun: readBack((bytes) => decodeModelJson(new TextDecoder().decode(bytes))),
    limit: 0,
  },
} satisfies Record<string, Form>;

/** Examples that one check takes: 1,000, fewer only where the network has more than 2²⁴ parameters. */
export function exampleCount({ network }: Model): number {
  return Math.min(1000, Math.max(1, Math.floor(2 ** 34 / parameterCount(network))));
}

/**
 * Write `model` to `file`: encode, run the bytes, note inside what came out, write durably, and run what then stands on the disk. A file
 * that is there already is kept if it is the same, else InvalidInput OUT_TAKEN. Raises NumericalStop EXPORT_DIFFERS where an answer is
 * off, and leaves no file then.
 */
export async function exportModel(form: Form, file: string, model: Model, examples: Examples): Promise<Checked> {
  const { bytes, checked } = await encodeAgreed(form, file, model, examples);
  await writeOnce(file, bytes);
  try {
    await mustAgree(form, file, model, examples, await readFile(file), checked.limit);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return checked;
}

/** Write a file that must not replace a different one. */
export async function writeOnce(file: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const there = await readIfThere(file);
  if (there?.equals(bytes)) return;
  if (there)
    throw new InvalidInput("OUT_TAKEN", "a different file is there. Remove it, or choose another name.", { file });
  await writeDurably(file, bytes);
}
