// Models with layer normalization and residual connections as files and exports: every bit, every format.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EXPORT_FORMATS, exportModel } from "../../src/files/export/export-model.ts";
import { encodeModule } from "../../src/files/export/js-module.ts";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { evaluateOnnx } from "../../src/files/export/onnx-reader.ts";
import { answer, type ExportAnswers, type ExportFormat } from "../../src/files/export/verify-export.ts";
import { encodeChecked } from "../../src/files/model/checksums.ts";
import { decodeModel, encodeModel } from "../../src/files/model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../../src/files/model/model-json.ts";
import type { Tensor } from "../../src/files/model/safetensors.ts";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import { type Activation, defineNetwork, type LayerOptions } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { Model } from "../../src/training/model.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-between-"));
afterAll(() => rmSync(folder, { recursive: true }));

const D = 5;
const random = new Random(11, 8);
const features = Float64Array.from({ length: 40 * D }, () => random.normal());

function modelOf(options: LayerOptions, activation: Activation | readonly Activation[], width = 9): Model {
  const network = defineNetwork([D, width, width, width, 3], activation, options);
  return {
    network,
    parameters: initialize(network, "he", 3).map((w) => Math.fround(w + 0.2 * random.normal())),
    scaling: { kind: "none" },
    classes: ["a", "b", "c"],
  };
}

const MODELS: readonly (readonly [string, Model])[] = [
  ["layer normalization", modelOf({ layerNorm: true }, "relu")],
  ["residuals", modelOf({ residual: true }, ["gelu", "identity", "elu"])],
  ["both, on a kernel of the module", modelOf({ layerNorm: true, residual: true }, "relu", 48)],
  ["both, with a list of activations", modelOf({ layerNorm: true, residual: true }, ["tanh", "mish", "relu"], 48)],
];

test.each(MODELS)("%s: safetensors and JSON give the model back", async (_, model) => {
  const read = (await decodeModel(await encodeModel(model))).model;
  expect([read.network, read.parameters]).toEqual([model.network, model.parameters]);
  const json = decodeModelJson(encodeModelJson(model));
  expect([json.network, json.parameters]).toEqual([model.network, model.parameters]);
});

test.each(MODELS)("%s: every export is verified and answers as the library does", async (_, model) => {
  const wanted = Object.entries(EXPORT_FORMATS).map(
    ([name, format]) =>
      [
        format as ExportFormat,
        join(folder, `${name}-${random.integer(1e9)}.${name === "onnx" ? "onnx" : "mjs"}`),
      ] as const,
  );
  const checks = await exportModel(wanted, model, { features, answers: await answer(model, features), data: "drawn" });
  for (const { largestDifference, limit, labelChanges } of checks)
    expect([largestDifference <= limit, labelChanges]).toEqual([true, 0]);
  const theirs = evaluateOnnx(encodeOnnx(model), features, D).answers as Extract<ExportAnswers, { classes: unknown }>;
  const ours = await answer(model, features);
  expect(theirs.classes).toEqual([...(ours as { classes: Int32Array }).classes]);
  expect(encodeModule(model)).not.toMatch(/[^\n -~]/);
});

test("PyTorch's names: layers.0.weight beside norms.0.weight, and a version that older readers refuse", async () => {
  const [, model] = MODELS[2]!;
  const { tensors, metadata } = decodeSafetensors(await encodeModel(model));
  expect([...tensors.keys()].filter((name) => name.startsWith("norms."))).toHaveLength(6);
  expect(tensors.get("norms.1.bias")!.shape).toEqual([48]);
  expect([metadata.get("deltaprop"), metadata.get("layer_norm"), metadata.get("residual")]).toEqual([
    "3",
    "true",
    "true",
  ]);
  expect(JSON.parse(encodeModelJson(model)).deltaprop).toBe(3);
  const plain = modelOf({}, "relu");
  expect(decodeSafetensors(await encodeModel(plain)).metadata.get("deltaprop")).toBe("1");
});

type Parts = { tensors: Map<string, Tensor>; metadata: Map<string, string> };
test.each<readonly [string, (parts: Parts) => void, string]>([
  ["a norm left out", ({ tensors }) => tensors.delete("norms.1.weight"), "norms.1.weight"],
  [
    "a norm of another width",
    ({ tensors }) => tensors.set("norms.0.bias", { shape: [2], values: new Float32Array(2) }),
    "norms.0.bias",
  ],
  [
    "an infinite gain",
    ({ tensors }) => tensors.set("norms.0.weight", { shape: [9], values: new Float32Array(9).fill(Infinity) }),
    "norms.0.weight",
  ],
  ["layer_norm that is a word", ({ metadata }) => metadata.set("layer_norm", "yes"), "layer_norm"],
  ["the version of files without", ({ metadata }) => metadata.set("deltaprop", "1"), "format"],
  ["no layer_norm", ({ metadata }) => metadata.delete("layer_norm"), "format"],
])("a model with %s is refused by name", async (_, change, named) => {
  const content = decodeSafetensors(await encodeModel(modelOf({ layerNorm: true }, "relu")));
  const metadata = new Map([...content.metadata].filter(([key]) => !key.includes("sha256")));
  const parts = { tensors: new Map(content.tensors), metadata };
  change(parts);
  const bytes = await encodeChecked(parts);
  await expect(decodeModel(bytes, "file")).rejects.toThrow(named);
});
