import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { halved } from "../../src/files/export/float16.ts";
import { encodeModule } from "../../src/files/export/js-module.ts";
import { MODULE_TYPES } from "../../src/files/export/js-types.ts";
import { ACTIVATIONS, type Activation } from "../../src/network/network.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";
import { EXPORTED, HOSTILE_NAMES, sample } from "./exported.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deltaprop-module-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
async function load(text: string) {
  const file = join(folder, `${files++}.mjs`);
  writeFileSync(file, text);
  return import(/* @vite-ignore */ pathToFileURL(file).href);
}

function rowsOf(features: Float32Array | Float64Array, { network }: Model): (Float32Array | Float64Array)[] {
  const cols = network.layers[0]!;
  return Array.from({ length: features.length / cols }, (_, i) => features.subarray(i * cols, (i + 1) * cols));
}

test.each(EXPORTED)("the module gives the library's bits for $title", async ({ model, features }) => {
  const module = await load(encodeModule(model));
  const { classes, probabilities } = await predict(model, features);
  const answers = rowsOf(features, model).map((row) => module.predict(row));
  expect(answers.map((answer) => answer.class)).toEqual([...classes]);
  expect(answers.map((answer) => answer.label)).toEqual([...classes].map((c) => model.classes[c]));
  expect(Float64Array.from(answers.flatMap((answer) => [...answer.probabilities]))).toEqual(probabilities);
});

test("the 16-bit form gives the bits of the network whose weights are rounded to float16", async () => {
  const { model, features } = EXPORTED[2]!;
  const module = await load(encodeModule(model, { half: true }));
  const answers = rowsOf(features, model).flatMap((row) => [...module.predict(row).probabilities]);
  expect(Float64Array.from(answers)).toEqual((await predict(halved(model), features)).probabilities);
  expect(Float64Array.from(answers)).not.toEqual((await predict(model, features)).probabilities);
  const parameters = model.parameters.slice().fill(7e4, 3, 4);
  expect(() => encodeModule({ ...model, parameters }, { half: true })).toThrow(
    "a weight of 70000 does not fit 16 bits",
  );
});

const FORBIDDEN = `const WebAssembly = { Module: class { constructor() { throw new Error("forbidden"); } } };\n`;

test.each<Activation | Activation[]>([...ACTIVATIONS, ["relu", "gelu"], ["mish", "identity"]])(
  "a large module on its kernel, and in loops where WebAssembly is forbidden, gives the library's bits, with %s",
  async (activation) => {
    const { model, features } = sample([1030, 33, 20, 3], activation, "divide");
    features.forEach((_, k) => {
      if (k % 3 > 0) features[k] = k % 2 ? 0 : -0;
    });
    const { probabilities } = await predict(model, features, { engine: "reference" });
    const { Module } = WebAssembly;
    let compiled = 0;
    WebAssembly.Module = class extends Module {
      constructor(bytes: BufferSource) {
        super(bytes);
        compiled++;
      }
    };
    try {
      for (const half of [false, true]) {
        const text = encodeModule(model, { half });
        const expected = half ? (await predict(halved(model), features)).probabilities : probabilities;
        for (const module of [await load(text), await load(FORBIDDEN + text)]) {
          const answers = rowsOf(features, model).flatMap((row) => [...module.predict(row).probabilities]);
          expect(Float64Array.from(answers)).toEqual(expected);
        }
      }
    } finally {
      WebAssembly.Module = Module;
    }
    expect(compiled).toBe(2);
  },
);

test("answers do not change when the next row is asked", async () => {
  for (const layers of [
    [3, 4, 2],
    [80, 64, 2],
  ]) {
    const { model, features } = sample(layers, "relu", "none");
    const module = await load(encodeModule(model));
    const [first, second] = rowsOf(features, model);
    const answer = module.predict(first);
    const kept = structuredClone(answer);
    module.predict(second);
    expect(answer).toEqual(kept);
  }
});

test("extreme inputs give the library's bits too", async () => {
  for (const activation of [...ACTIVATIONS, ["softplus"] as const]) {
    const { model } = sample([4, 3, 2], activation, "none");
    const features = Float32Array.of(3e38, -3e38, 1e-45, -0, 88, -104, 1e-30, 0, 0, 0, 0, 0, 1e4, 709, -745, 0.625);
    const module = await load(encodeModule(model));
    const answers = rowsOf(features, model).flatMap((row) => [...module.predict(row).probabilities]);
    expect(Float64Array.from(answers)).toEqual((await predict(model, features)).probabilities);
  }
});

test("a module of 784-128-128-128-10 is below 1 MB, has no import, and runs in a bare worker", async () => {
  const { model, features } = sample([784, 128, 128, 128, 10], "relu", "divide");
  const text = encodeModule(model);
  expect(text.length).toBe(Buffer.byteLength(text));
  expect(text.length).toBeLessThan(1e6);
  expect(encodeModule(model, { half: true }).length).toBeLessThan(5e5);
  expect(text).not.toMatch(/\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b/);
  const file = join(folder, "worker.mjs");
  const ask = `\nconst { parentPort } = await import("node:worker_threads");\nparentPort.on("message", (row) => parentPort.postMessage(predict(row)));\n`;
  writeFileSync(file, text + ask);
  const worker = new Worker(file);
  const answer = await new Promise<{ class: number; probabilities: Float64Array }>((resolve, reject) => {
    worker.on("message", resolve).on("error", reject);
    worker.postMessage(features.slice(0, 784));
  });
  await worker.terminate();
  const ours = await predict(model, features.slice(0, 784));
  expect(answer.class).toBe(ours.classes[0]);
  expect(answer.probabilities).toEqual(ours.probabilities);
});

test("names cannot break out of the module, and are given back as they were", async () => {
  const { model } = sample([2, 6], "relu", "none", HOSTILE_NAMES);
  const featureNames = ["*/ alert(1) /*", "</script>"];
  const text = encodeModule({ ...model, featureNames });
  expect(text).not.toMatch(/<\/script|<!--|[^\n -~]/);
  const module = await load(text);
  expect(module.classes).toEqual(HOSTILE_NAMES);
  expect(module.features).toEqual(featureNames);
  expect(module.image).toBe(null);
});

test("the types beside a module name everything that it exports", async () => {
  const module = await load(encodeModule(sample([2, 2], "relu", "none").model));
  const declared = [...MODULE_TYPES.matchAll(/export declare (?:const|function) (\w+)/g)].map(([, name]) => name);
  expect(declared.sort()).toEqual(Object.keys(module).sort());
});

test("a wrong number of values, and one that is not finite, are refused", async () => {
  const { predict: ask } = await load(encodeModule(sample([2, 2], "relu", "standardize").model));
  expect(() => ask([1])).toThrow("predict takes 2 numbers, got 1.");
  expect(() => ask()).toThrow("predict takes 2 numbers, got undefined.");
  expect(() => ask([1, Number.NaN])).toThrow("pixels[1] must be a finite number, got NaN.");
});
