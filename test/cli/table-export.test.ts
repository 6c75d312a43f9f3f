// A model of a table with words and holes, exported by the command line and asked about raw rows in each format.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { fromJSON } from "../../src/classifier/load.ts";
import { deltaprop } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-table-export-"));
const path = (name: string) => join(home, name);
const run = (...words: string[]) => deltaprop(home, words);

const rows = Array.from({ length: 90 }, (_, k) => {
  const outlook = k % 13 === 5 ? "" : ["sunny", "rain", "overcast"][k % 3]!;
  return `${outlook},${k % 11 === 0 ? "" : 10 + (k % 9)},${k % 2 === 0 ? "yes" : "no"},${outlook === "rain" ? "stay" : "go"}`;
});
writeFileSync(path("out.csv"), `outlook,temp,wet,plan\n${rows.join("\n")}\n`);
writeFileSync(path("new.csv"), "outlook,temp,wet\nrain,12,no\nhail,,yes\n,13.5,no\nsunny,,yes\n");

test("a table's model is exported in every format, each run again on raw rows, with equal classes", async () => {
  const trained = await run("train", "out.csv", "--hidden", "8", "--out", "run");
  expect(trained.code).toBe(0);
  const words = ["--onnx", "m.onnx", "--js", "m.mjs", "--json", "m.json", "--safetensors", "m.safetensors"];
  const { code, out, err } = await run("export", "run", ...words);
  expect([code, err]).toEqual([0, ""]);
  const lines = out.trimEnd().split("\n");
  // 18 held out, two columns with missing values, one with levels
  expect(lines[0]).toBe("checked on 21 examples: out, the rows held out of training, and rows made odd");
  expect(lines[1]).toMatch(/^m\.onnx .*onnxruntime-web .* 0 classes changed$/);
  expect(lines[3]).toMatch(/in a worker thread of Node \S+: largest difference of a probability 0, 0 classes changed$/);

  const { predict } = await import(/* @vite-ignore */ pathToFileURL(path("m.mjs")).href);
  const asked = [
    { outlook: "rain", temp: 12, wet: false },
    { outlook: "hail", temp: null, wet: "yes" },
    { outlook: "", temp: "13.5", wet: "no" },
    { outlook: "sunny", temp: undefined, wet: true },
  ].map((row) => predict(row).label);
  expect(asked[0]).toBe("stay");
  for (const model of ["run", "m.safetensors"]) {
    const answers = await run("predict", model, "new.csv", "--json");
    const labels = answers.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).class);
    expect([model, answers.code, labels]).toEqual([model, 0, asked]);
  }
  const read = fromJSON(readFileSync(path("m.json"), "utf8"));
  expect(read.predict({ outlook: "hail", temp: null, wet: "yes" }).label).toBe(asked[1]);
  expect(readFileSync(path("m.d.mts"), "utf8")).toContain(
    'readonly "outlook": "overcast" | "rain" | "sunny" | (string & {}) | number | boolean | null | undefined;',
  );
});

test("without its data a table's model is checked on random rows, odd ones among them", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "deltaprop-table-export-"));
  const { code, out } = await deltaprop(elsewhere, [
    "export",
    path("m.safetensors"),
    "--onnx",
    "m.onnx",
    "--js",
    "m.js",
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(/^checked on 1,003 examples: random inputs, as its data were not found, and rows made odd\n/);
});
