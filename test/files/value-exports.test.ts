// Models of numbers and labels as ONNX, module, safetensors and JSON: every loss and activation, run again on raw rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { EXPORT_FORMATS, exportModel } from "../../src/files/export/export-model.ts";
import { encodeModule } from "../../src/files/export/js-module.ts";
import { moduleTypes } from "../../src/files/export/js-types.ts";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { evaluateOnnx } from "../../src/files/export/onnx-reader.ts";
import { answer, type ExportAnswers, type ExportFormat } from "../../src/files/export/verify-export.ts";
import { valueModelOf } from "../../src/index.ts";
import { checkLoss, LOSSES, type LossName, lossTask, outputsPerTarget } from "../../src/network/losses.ts";
import { ACTIVATIONS, type Activation, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { ValuePrediction } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-value-exports-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (ending: string) => join(folder, `${files++}.${ending}`);

const D = 5;
const random = new Random(11, 7);
const features = Float64Array.from({ length: 30 * D }, () => 1e4 + 100 * random.normal());

/** Two targets in units far apart. */
function modelOf(name: LossName, activation: Activation | readonly Activation[] = ["gelu", "tanh"]): Model {
  const loss = checkLoss(name);
  const network = defineNetwork([D, 9, 7, 2 * outputsPerTarget(loss)], activation);
  const scaled = lossTask(loss) === "regress" && name !== "poisson";
  return {
    network,
    parameters: initialize(network, "glorot", 3).map((w) => (w === 0 ? Math.fround(random.normal() / 4) : w)),
    scaling: { kind: "standardize", mean: new Float64Array(D).fill(1e4), deviation: new Float64Array(D).fill(100) },
    classes: ["price", "</script> \u2028"],
    loss,
    ...(scaled && { targetScaling: { mean: [4e5, -3], deviation: [1e5, 0.01] } }),
  };
}

const VALUE_LOSSES = LOSSES.filter((name) => name !== "softmax-cross-entropy");
const writings = (...names: (keyof typeof EXPORT_FORMATS)[]) =>
  names.map((name) => [EXPORT_FORMATS[name] as ExportFormat, fresh(name)] as const);
const examplesOf = async (model: Model) => ({ features, answers: await answer(model, features), data: "drawn rows" });

describe.each(VALUE_LOSSES)("a model of %s", (name) => {
  const model = modelOf(name);

  test("is the same model in every format: ONNX in onnxruntime, module, safetensors and JSON bit for bit", async () => {
    const formats = writings("onnx", "module", "safetensors", "json", "16-bit module");
    const [onnx, ...others] = await exportModel(formats, model, await examplesOf(model));
    expect(onnx!.runner).toMatch(/^onnxruntime/);
    expect(onnx!.largestDifference).toBeLessThanOrEqual(1e-6);
    expect(others.slice(0, 3).map(({ largestDifference }) => largestDifference)).toEqual([0, 0, 0]);
    expect([onnx!, ...others].map(({ labelChanges }) => labelChanges)).toEqual([0, 0, 0, 0, 0]);
  });

  test("is answered by our own reader of the graph, where no runtime is installed", async () => {
    const { answers } = evaluateOnnx(encodeOnnx(model), features, D);
    const ours = (await answer(model, features)) as ValuePrediction;
    const theirs = answers as Extract<ExportAnswers, { values: unknown }>;
    expect([Object.keys(theirs).sort(), theirs.names]).toEqual([[...Object.keys(ours), "names"].sort(), model.classes]);
    for (const key of ["values", "quantiles", "deviations"] as const)
      for (const [k, x] of (ours[key] ?? []).entries())
        expect(Math.abs(theirs[key]![k]! - x), `${key} ${k}`).toBeLessThanOrEqual(2e-6 * (1 + Math.abs(x)));
  });

  test("answers from its module as the library does, by name", async () => {
    const text = encodeModule(model);
    const module = await import(/* @vite-ignore */ `data:text/javascript;base64,${btoa(text)}`);
    const row = [...features.subarray(0, D)];
    expect(module.predict(row)).toEqual(valueModelOf(model).predict(row));
    expect(text).not.toMatch(/[^\n -~]|<\/script/);
    const declared = [...moduleTypes(model).matchAll(/export declare (?:const|function) (\w+)/g)].map(([, one]) => one);
    expect(declared.sort()).toEqual(Object.keys(module).sort());
  });
});

test.each(ACTIVATIONS)("our own reader of the graph knows %s", async (activation) => {
  const model = modelOf("squared-error", activation);
  const { answers } = evaluateOnnx(encodeOnnx(model), features, D);
  const { values } = (await answer(model, features)) as ValuePrediction;
  const theirs = (answers as Extract<ExportAnswers, { values: unknown }>).values;
  for (const [k, x] of values.entries()) expect(Math.abs(theirs[k]! - x) / Math.abs(x)).toBeLessThan(1e-6);
});

test("a file with another scaling of the targets, or labels on the other side of ½, is refused and deleted", async () => {
  const wrong = (change: (model: Model) => Model): ExportFormat => ({
    ...EXPORT_FORMATS.onnx,
    encode: (model) => encodeOnnx(change(model)),
  });
  const price = modelOf("huber");
  const shifted = wrong((model) => ({ ...model, targetScaling: { mean: [4e5 + 1, -3], deviation: [1e5, 0.01] } }));
  await expect(exportModel([[shifted, fresh("onnx")]], price, await examplesOf(price))).rejects.toThrow(
    /a number, in deviations of its target, is off by 0\.000010\d \(limit/,
  );
  const labels = modelOf("focal");
  const turned = wrong((model) => ({ ...model, parameters: model.parameters.map((w) => -w) }));
  await expect(exportModel([[turned, fresh("onnx")]], labels, await examplesOf(labels))).rejects.toThrow(
    /a probability is off .* and [1-9]\d* labels change/,
  );
});
