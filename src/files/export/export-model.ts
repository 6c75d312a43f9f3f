// Node only. Writing a model in another format, and saying so only after the file has answered 1,000 examples as the
// model does.
import { readFile, rm } from "node:fs/promises";
import { InvalidInput } from "../../errors.ts";
import { parameterCount } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import { writeDurably } from "../disk.ts";
import type { ExportCheck } from "../model/metadata.ts";
import { decodeModel, encodeModel } from "../model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../model/model-json.ts";
import { readIfThere } from "../run/run-folder.ts";
import { halved } from "./float16.ts";
import { encodeModule } from "./js-module.ts";
import { encodeOnnx } from "./onnx.ts";
import { rerunModule, rerunOnnx } from "./runners.ts";
import { type ExportExamples, type ExportFormat, encodeAgreed, mustAgree, readBack } from "./verify-export.ts";

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
} satisfies Record<string, ExportFormat>;

/**
 * Examples that one check takes: 1,000, fewer only for more than 2²⁴ parameters or 2¹⁵ inputs, so that it ends within a
 * minute or so.
 */
export function exampleCount({ network }: Model): number {
  const fits = Math.min(2 ** 34 / parameterCount(network), 2 ** 25 / network.layers[0]!);
  return Math.min(1000, Math.max(1, Math.floor(fits)));
}

/**
 * Write `model` to files. All are encoded, run and compared with what is there before the first is written; what came
 * out is noted inside. Then each is written durably, and what stands on the disk is run once more. A file that is there
 * already is kept if it is the same, else InvalidInput OUT_TAKEN. Raises NumericalStop EXPORT_DIFFERS where an answer
 * is off, and deletes that file.
 */
export async function exportModel(
  wanted: readonly (readonly [ExportFormat, file: string])[],
  model: Model,
  examples: ExportExamples,
): Promise<ExportCheck[]> {
  const ready = [];
  for (const [form, file] of wanted) {
    const agreed = await encodeAgreed(form, file, model, examples);
    await refuseOther(file, agreed.bytes);
    ready.push({ form, file, ...agreed });
  }
  for (const { form, file, bytes, checked } of ready) {
    await writeOnce(file, bytes);
    try {
      await mustAgree(form, file, model, examples, await readFile(file), checked.limit);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }
  return ready.map(({ checked }) => checked);
}

/** Write a file that must not replace a different one. */
export async function writeOnce(file: string, content: Uint8Array | string): Promise<void> {
  if (!(await refuseOther(file, content))) await writeDurably(file, content);
}

/** Raises InvalidInput if a different file is there; true if the very same is. */
export async function refuseOther(file: string, content: Uint8Array | string): Promise<boolean> {
  const there = await readIfThere(file);
  if (there && !there.equals(Buffer.from(content as Uint8Array)))
    throw new InvalidInput("OUT_TAKEN", "a different file is there. Remove it, or choose another name.", { file });
  return there !== undefined;
}
