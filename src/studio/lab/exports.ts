// The model as a file. Before a download its bytes are read back in the page and must reproduce the model's answers on
// rows of the data. The page's content policy runs no text as a script, so a module's weights are read back, not its
// code.

import { encodeModule } from "../../files/export/js-module.ts";
import { encodeOnnx } from "../../files/export/onnx.ts";
import { evaluateOnnx } from "../../files/export/onnx-reader.ts";
import { withOddRows } from "../../files/export/raw-rows.ts";
import { answer, type ExportFormat, encodeVerified, readBack } from "../../files/export/verify-export.ts";
import { decodeModel, encodeModel } from "../../files/model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../../files/model/model-json.ts";
import { lossTask, SOFTMAX } from "../../network/losses.ts";
import { parameterCount } from "../../network/network.ts";
import { alignFeatures, type Model } from "../../training/model.ts";
import { modelOf, type OpenRun } from "./open-run.ts";
import type { ExportedFile, ExportKind } from "./protocol.ts";

const MOST_ROWS = 1000;
const MOST_WORK = 2 ** 28; // products of the check: about a second

type PageFormat = ExportFormat & { readonly extension: string; readonly how: string };

const FORMATS_IN_PAGE: Record<ExportKind, (model: Model) => PageFormat> = {
  safetensors: () => ({
    extension: "safetensors",
    how: "Read back and run",
    encode: encodeModel,
    limit: 0,
    run: readBack(async (bytes) => (await decodeModel(bytes)).model),
  }),
  onnx: () => ({
    extension: "onnx",
    how: "Its graph, read back and run",
    encode: encodeOnnx,
    limit: 1e-6,
    reordered: true,
    run: async (...given) => ({ ...evaluateOnnx(...given), runner: "our own evaluation of the graph, in a page" }),
  }),
  js: (model) => ({
    extension: "js",
    how: "Its weights, read back from the text and run",
    encode: (model, checked) => encodeModule(model, checked && { checked }),
    limit: 0,
    run: readBack((bytes) => ({ ...model, ...readModule(new TextDecoder().decode(bytes)) })),
  }),
  json: () => ({
    extension: "json",
    how: "Read back and run",
    encode: encodeModelJson,
    limit: 0,
    run: readBack((bytes) => decodeModelJson(new TextDecoder().decode(bytes))),
  }),
};

/**
 * The model at its current parameters, in that format. Raises NumericalStop EXPORT_DIFFERS where the file's answers
 * differ, InvalidInput where it is too large.
 */
export async function exportInPage(kind: ExportKind, open: OpenRun): Promise<ExportedFile> {
  const model = modelOf(open);
  const { extension, how, ...format } = FORMATS_IN_PAGE[kind](model);
  const { rows, name: data } = open.rows.test;
  const { features, cols } = alignFeatures(model, open.rows.test);
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_WORK / parameterCount(model.network))));
  const some = withOddRows(model, features.slice(0, Math.min(rows, most) * cols));
  const examples = some.length / cols;
  const name = `${fileName(open.source.name)}-step-${open.run.progress.steps}.${extension}`;
  const { bytes, checked } = await encodeVerified(format, name, model, {
    features: some,
    answers: await answer(model, some),
    data: `the first ${examples} rows of ${data}`,
  });
  const off = checked.largestDifference === 0 ? "to the bit" : `within ${checked.largestDifference.toPrecision(1)}`;
  const task = lossTask(model.loss ?? SOFTMAX);
  const decided = {
    classify: "classes, and probabilities",
    multilabel: "labels, and probabilities",
    regress: "numbers",
  };
  return { name, bytes, note: `${how}: ${examples} rows of the data give the same ${decided[task]} ${off}.` };
}

/** The classes and weights in a module's text. */
function readModule(text: string): Pick<Model, "classes" | "parameters"> {
  const [, names] = /^export const classes = (.*);$/m.exec(text)!;
  const parts = [...text.matchAll(/floats\("([A-Za-z0-9+/=]*)"\)/g)].map(([, base64]) =>
    Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0)),
  );
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { classes: JSON.parse(names!) as string[], parameters: new Float32Array(bytes.buffer) };
}

/** A data set's name as the start of a file's name. */
const fileName = (name: string): string => name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+/, "") || "model";
