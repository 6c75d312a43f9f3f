// The page's downloads, made in Node as the page makes them: model files for other programs, and the run's record.
import { beforeAll, expect, test } from "vitest";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { decodeModelJson } from "../../src/files/model/model-json.ts";
import { readRunRecord } from "../../src/files/run/run-record.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { hashOf } from "../../src/training/training-result.ts";
import { memoryStore } from "./memory-store.ts";

const store = memoryStore();
const lab = new Lab({ base: "http://127.0.0.1/", store, versions: { deltaprop: "test" }, emit: () => {} });
const decoder = new TextDecoder();
let model: Model;
let pixels: Uint8Array;

beforeAll(async () => {
  await lab.open({ ...DEFAULT_SETUP, hidden: [20, 12], activation: "leaky-relu", rows: 300, epochs: 1 });
  for (let s = 0; s < 5; s++) await lab.step();
  ({ model } = await decodeModel((await lab.exportModel("safetensors")).bytes));
  pixels = (await lab.rawExample({ part: "test", row: 5 })).pixels as Uint8Array;
});

test("safetensors holds the parameters whose SHA-256 the page shows, and where they come from", async () => {
  const { name, note } = await lab.exportModel("safetensors");
  expect(name).toBe("digits-step-5.safetensors");
  expect(note).toMatch(/1,?000 rows of the data give the same classes, and probabilities to the bit/);
  expect(await hashOf(model.parameters)).toBe((await lab.parameterStatus()).parametersSha256);
  expect(model).toMatchObject({ image: { height: 28, width: 28 }, trainedOn: { name: "digits" } });
});

test("the module answers as the model does, and says how it was checked", async () => {
  const { bytes, name } = await lab.exportModel("js");
  expect(name).toBe("digits-step-5.js");
  const module = await import(`data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`);
  const { classes, probabilities } = await predict(model, pixels);
  expect(module.predict(pixels)).toMatchObject({ class: classes[0], probabilities });
  expect(module.checked).toMatchObject({ examples: 1000, largestDifference: 0, labelChanges: 0 });
});

test("onnxruntime runs the ONNX file to the same answers", async () => {
  const { bytes, name } = await lab.exportModel("onnx");
  expect(name).toBe("digits-step-5.onnx");
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes);
  const features = new ort.Tensor("float32", Float32Array.from(pixels), [1, 784]);
  const { probabilities, label } = await session.run({ features });
  const ours = await predict(model, pixels);
  expect(Number((label!.data as BigInt64Array)[0])).toBe(ours.classes[0]);
  ours.probabilities.forEach((p, c) => {
    expect((probabilities!.data as Float32Array)[c]).toBeCloseTo(p, 6);
  });
});

test("JSON reads back to the same model", async () => {
  const { bytes } = await lab.exportModel("json");
  expect(decodeModelJson(decoder.decode(bytes)).parameters).toEqual(model.parameters);
});

test("the record is a run's record, and counts taught steps", async () => {
  const untouched = readRunRecord(await lab.record(), "run.json");
  expect(untouched).toMatchObject({ data: { name: "digits" }, layers: [784, 20, 12, 10], studio: { taught: 0 } });
  expect(untouched.parametersSha256).toBe((await lab.parameterStatus()).parametersSha256);
  const { status } = await lab.teach(pixels, 4);
  const record = readRunRecord(await lab.record(), "run.json");
  expect(record).toMatchObject({ studio: { taught: 1 }, parametersSha256: status.parametersSha256 });
  await lab.undoTeaching();
  expect(readRunRecord(await lab.record(), "run.json").parametersSha256).toBe(untouched.parametersSha256);
});
