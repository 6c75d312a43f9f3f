import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);

const OPTIONS = ["--epochs", "5", "--batch-size", "16", "--learning-rate", "0.1", "--schedule", "constant"];

beforeAll(async () => {
  writeTable(path("things.csv"), 120);
  await deltaprop(home, ["train", "things.csv", "--hidden", "6", ...OPTIONS, "--out", "run"]);
});
afterAll(remove);

test("export writes every format, each run again on the data that the model was trained on", async () => {
  const words = ["--onnx", "m.onnx", "--js", "m.mjs", "--json", "m.json", "--safetensors", "m.safetensors"];
  const { code, out, err } = await deltaprop(home, ["export", "run", ...words]);
  expect([code, err]).toEqual([0, ""]);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]).toBe("checked on 24 examples: things, the rows held out of training");
  expect(lines[1]).toMatch(
    /^m\.onnx {2}[\d,]+ bytes; in onnxruntime-web [\d.]+: largest difference of a probability \S+ \(limit 0\.000001\), 0 classes changed$/,
  );
  expect(lines.slice(2, 6).map((line) => line.split(" ")[0])).toEqual(["m.safetensors", "m.mjs", "m.json", "m.d.mts"]);
  expect(lines[3]).toMatch(/in a worker thread of Node \S+: largest difference of a probability 0, 0 classes changed$/);
  const { predict } = await import(/* @vite-ignore */ pathToFileURL(path("m.mjs")).href);
  const [, row] = readFileSync(path("things.csv"), "utf8").split("\n");
  expect(predict(row!.split(",").slice(0, 4).map(Number)).label).toBe(row!.split(",")[4]);
  expect((await deltaprop(home, ["predict", "m.safetensors", "things.csv"])).code).toBe(0);
});

test("from another folder the data are found where run.json says", async () => {
  mkdirSync(path("elsewhere"));
  const { out } = await deltaprop(path("elsewhere"), ["export", "../run", "--safetensors", "alone.safetensors"]);
  expect(out).toMatch(/^checked on 24 examples: things, the rows held out of training\n/);
});

test("without its data a model is checked on random inputs, and that is said", async () => {
  const words = ["export", "alone.safetensors", "--js", "m.js", "--half"];
  const { code, out } = await deltaprop(path("elsewhere"), words);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^checked on 1,000 examples: random inputs, as its data were not found\nm\.js .* 0 classes changed\nm\.d\.ts /,
  );
});

test("a different file that is there is not replaced", async () => {
  writeFileSync(path("mine.onnx"), "mine");
  const { code, err } = await deltaprop(home, ["export", "run", "--onnx", "mine.onnx"]);
  expect([code, err]).toEqual([
    2,
    "error OUT_TAKEN mine.onnx: a different file is there. Choose another name, or replace it with --force.\n",
  ]);
  expect(readFileSync(path("mine.onnx"), "utf8")).toBe("mine");
});

test.each([
  [[], "export must be told what to write"],
  [["--half", "--onnx", "a"], "--half must be given with --js"],
  [["--js", "a.txt"], "--js must be a name that ends in .js or .mjs"],
  [["--js", "a.js", "--json", "a.js"], "the files must be different"],
  [["--onnx", "a", "--data", "nowhere.csv"], "nowhere.csv"],
  [["--onnx", "a", "--activation", "relu6"], "--activation must be one of relu"],
  [["--onnx", "a", "--activation", "tanh"], "the activation must be relu, as the file says, got"],
])("export %j is refused with exit code 2", async (words, reason) => {
  const { code, err, out } = await deltaprop(home, ["export", "run", ...words]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(reason);
  expect(existsSync(path("a"))).toBe(false);
});

/** An onnxruntime-node where the user works. */
function installRuntime(place: string, text: string): string {
  const at = path(place, "node_modules", "onnxruntime-node");
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name: "onnxruntime-node", main: "index.cjs" }));
  writeFileSync(join(at, "index.cjs"), text);
  return path(place);
}

test("a runtime that disagrees by one class ends the export with 4 and leaves no file", async () => {
  const cwd = installRuntime(
    "off",
    `exports.env = { versions: { node: "0.0" }, wasm: {} };
    exports.Tensor = class { constructor(type, data, dims) { Object.assign(this, { data, dims }); } };
    exports.InferenceSession = { create: async () => ({ release: async () => {}, run: async ({ features: { dims: [n] } }) => ({
      probabilities: { data: new Float32Array(n * 3) }, label: { data: new BigInt64Array(n).fill(7n) },
      class: { data: new Array(n).fill("none") } }) }) };`,
  );
  const { code, out, err } = await deltaprop(cwd, ["export", "../elsewhere/alone.safetensors", "--onnx", "m.onnx"]);
  expect([code, out]).toEqual([4, "checked on 1,000 examples: random inputs, as its data were not found\n"]);
  expect(err).toMatch(
    /^error EXPORT_DIFFERS m\.onnx: in onnxruntime-node 0\.0 a probability is off by .* 1000 classes change/,
  );
  expect(existsSync(join(cwd, "m.onnx"))).toBe(false);
});

test("a runtime that is installed and does not start is named, with exit code 3", async () => {
  const cwd = installRuntime("broken", "throw new Error('wrong machine')");
  const { code, err } = await deltaprop(cwd, ["export", "../elsewhere/alone.safetensors", "--onnx", "m.onnx"]);
  expect(code).toBe(3);
  expect(err).toMatch(/^error RUNTIME_BROKEN .*: onnxruntime-node is installed but does not start: wrong machine\./);
});
