import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { VERSION } from "../../src/files/library-version.ts";
import { predict } from "../../src/training/evaluate.ts";
import { EXPORTED, runOnnx } from "./exported.ts";

type Manifest = { readonly version: string };

test.each(EXPORTED)("onnxruntime gives our probabilities and classes for $title", async ({ model, features }) => {
  const cols = model.network.layers[0]!;
  const ours = await predict(model, features);
  const theirs = await runOnnx(encodeOnnx(model), features, cols);
  expect(theirs.dims).toEqual([[features.length / cols, model.classes.length], [features.length / cols]]);
  expect(theirs.label).toEqual(ours.classes);
  expect([...theirs.names]).toEqual(Array.from(ours.classes, (c) => model.classes[c]));
  let largest = 0;
  theirs.probabilities.forEach((p, k) => {
    largest = Math.max(largest, Math.abs(p - ours.probabilities[k]!));
  });
  expect(largest).toBeLessThanOrEqual(1e-6);
  if (model.classes.length > 1) expect(new Set(ours.probabilities).size).toBeGreaterThan(1);
});

test("one session takes a batch of any size, and its inputs and outputs have names and types", async () => {
  const { model, features } = EXPORTED[2]!;
  const { session } = await runOnnx(encodeOnnx(model), features, 64);
  expect(session.inputMetadata).toMatchObject([{ name: "features", type: "float32", shape: ["batch", 64] }]);
  expect(session.outputMetadata).toMatchObject([
    { name: "probabilities", type: "float32", shape: ["batch", 6] },
    { name: "label", type: "int64", shape: ["batch"] },
    { name: "class", type: "string", shape: ["batch"] },
  ]);
  const all = await runOnnx(encodeOnnx(model), features, 64);
  const one = await runOnnx(encodeOnnx(model), features.slice(64, 128), 64);
  expect(one.label).toEqual(all.label.slice(1, 2));
});

test("the file names the library and its version, as package.json has it", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;
  expect(VERSION).toBe(version);
  const text = new TextDecoder("latin1").decode(encodeOnnx(EXPORTED[0]!.model).subarray(0, 40));
  expect(text).toContain(`\x12\x09deltaprop\x1a${String.fromCharCode(version.length)}${version}`); // fields 2 and 3
});
