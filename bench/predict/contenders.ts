// Who answers in `npm run bench:predict`: our ways of predicting and onnxruntime on our exported ONNX, all on one
// thread, with the same model and the same rows.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { PlainClassifier } from "../../src/classifier/plain-classifier.ts";
import { drawPart } from "../../src/data/digits/digits.ts";
import { ENGINES } from "../../src/engines/registry.ts";
import { encodeModule } from "../../src/files/export/js-module.ts";
import { encodeOnnx } from "../../src/files/export/onnx.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { predict } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";

/** Rows as they are in the data: float32 of pixels, or float64 of a table. */
export type Rows = Float32Array | Float64Array;

export type Contender = {
  readonly name: string;
  /** Answer one row, or rows [n×D]. A promise where there is one. */
  readonly ask: (rows: Rows, count: number) => unknown;
};

export type Work = { readonly name: string; readonly model: Model; readonly rows: Rows; readonly cols: number };

export const MOST_ROWS = 4096;

/** Digits for 784-256-256-256-10, whose pixels are mostly 0; a table without a 0 for 4-16-3. */
export function works(): readonly Work[] {
  const pixels = Float32Array.from(drawPart(1, "train", MOST_ROWS).features);
  const random = new Random(1, 77);
  const numbers = Float64Array.from({ length: 4 * MOST_ROWS }, () => 5 + random.normal());
  const large = defineNetwork([784, 256, 256, 256, 10]);
  const small = defineNetwork([4, 16, 3]);
  const mean = new Float64Array(4).fill(5);
  const deviation = new Float64Array(4).fill(1.5);
  const names = (count: number) => Array.from({ length: count }, (_, c) => `class ${c}`);
  const modelOf = (network: Model["network"], scaling: Model["scaling"]): Model => ({
    network,
    parameters: initialize(network, "he", 1),
    scaling,
    classes: names(network.layers.at(-1)!),
  });
  return [
    { name: "784-256-256-256-10", model: modelOf(large, { kind: "divide", by: 255 }), rows: pixels, cols: 784 },
    { name: "4-16-3", model: modelOf(small, { kind: "standardize", mean, deviation }), rows: numbers, cols: 4 },
  ];
}

/** Of the fast engines those that run here. */
export const enginesHere = (): readonly string[] =>
  ["native", "wasm"].filter((name) => ENGINES.find((engine) => engine.name === name)?.missing() === undefined);

/** Ours, and of onnxruntime those that are installed: here, or in `peerDir`. */
export async function contenders({ model, cols }: Work, peerDir: string | undefined): Promise<readonly Contender[]> {
  const classifiers = enginesHere().map((engine): Contender => {
    const warm = classifierOf(model, { engine, threads: 1 }).warm();
    return { name: `Classifier, ${engine}`, ask: (x, n) => (n === 1 ? warm.predict(x) : warm.predictMany(x)) };
  });
  const plain = new PlainClassifier(model);
  const text = encodeModule(model);
  const module = await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
  const peers = await Promise.all(["onnxruntime-node", "onnxruntime-web"].map((name) => peer(name, model, peerDir)));
  return [
    ...classifiers,
    { name: "predict(model, x)", ask: (x) => predict(model, x, { threads: 1 }) },
    { name: "deltaprop/predict", ask: (x, n) => (n === 1 ? plain.predict(x) : plain.predictMany(x)) },
    {
      name: "exported module",
      ask(x, n) {
        for (let i = 0; i < n; i++) module.predict(x.subarray(i * cols, (i + 1) * cols));
      },
    },
    ...peers.filter((one) => one !== undefined),
  ];
}

async function peer(name: string, model: Model, peerDir: string | undefined): Promise<Contender | undefined> {
  const folder = [peerDir, process.cwd()].find((place) => place && existsSync(join(place, "node_modules", name)));
  if (folder === undefined) return undefined;
  const require = createRequire(join(folder, "from-here.js"));
  const web = name === "onnxruntime-web";
  const ort = web ? await import(pathToFileURL(require.resolve(name).replace(/\.js$/, ".mjs")).href) : require(name);
  if (web) ort.env.wasm.numThreads = 1;
  const options = web ? { executionProviders: ["wasm"] } : { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(encodeOnnx(model), options);
  const cols = model.network.layers[0]!;
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
  return {
    name: `${name} ${version}`,
    ask: (x, n) =>
      session.run({ features: new ort.Tensor(x instanceof Float64Array ? "float64" : "float32", x, [n, cols]) }),
  };
}
