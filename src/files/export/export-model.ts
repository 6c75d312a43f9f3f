// Node only. Writes a model in other formats; a file counts as written once it classified 1,000 examples as the model
// does.
import { readFile, rm } from "node:fs/promises";
import { parameterCount } from "../../network/network.ts";
import type { Model } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";
import { decodeModel, encodeModel } from "../model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../model/model-json.ts";
import { type Overwrite, refuseOther, writeOnce } from "../output-file.ts";
import { halved } from "./float16.ts";
import { encodeModule } from "./js-module.ts";
import { encodeOnnx } from "./onnx.ts";
import { runModule, runOnnx } from "./runners.ts";
import { type ExportExamples, type ExportFormat, encodeVerified, readBack, verifyBytes } from "./verify-export.ts";

export const EXPORT_FORMATS = {
  onnx: { encode: encodeOnnx, run: runOnnx, limit: 1e-6, reordered: true },
  safetensors: { encode: encodeModel, run: readBack(async (bytes) => (await decodeModel(bytes)).model), limit: 0 },
  module: {
    encode: (model, checked) => encodeModule(model, { checked }),
    run: runModule,
    limit: 0,
  },
  "16-bit module": {
    encode: (model, checked) => encodeModule(model, { half: true, checked }),
    run: runModule,
    limit: 0.01,
    exactly: halved,
  },
  json: {
    encode: encodeModelJson,
    run: readBack((bytes) => decodeModelJson(new TextDecoder().decode(bytes))),
    limit: 0,
  },
} satisfies Record<string, ExportFormat>;

/**
 * Examples of a verification: 1,000, fewer only above 2²⁴ parameters or 2¹⁵ inputs, so that it takes about a minute at
 * most.
 */
export function exampleCount({ network }: Model): number {
  const fits = Math.min(2 ** 34 / parameterCount(network), 2 ** 25 / network.layers[0]!);
  return Math.min(1000, Math.max(1, Math.floor(fits)));
}

/**
 * Write `model` to files. All are encoded, verified and compared with existing files before the first is written; then
 * each is written durably, read back and verified again. An existing file is kept if it has the same bytes, else
 * InvalidInput OUT_TAKEN, unless `overwrite` says so. Raises NumericalStop EXPORT_DIFFERS, after deleting the file,
 * where a prediction differs.
 */
export async function exportModel(
  wanted: readonly (readonly [ExportFormat, file: string])[],
  model: Model,
  examples: ExportExamples,
  overwrite?: Overwrite,
): Promise<ExportCheck[]> {
  const ready = [];
  for (const [format, file] of wanted) {
    const verified = await encodeVerified(format, file, model, examples);
    await refuseOther(file, verified.bytes, overwrite);
    ready.push({ format, file, ...verified });
  }
  for (const { format, file, bytes, checked } of ready) {
    await writeOnce(file, bytes, overwrite);
    try {
      await verifyBytes(format, file, model, examples, await readFile(file), checked.limit);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }
  return ready.map(({ checked }) => checked);
}
