// `deltaprop search` and `cross-validate` as commands: killed and gone on with, repeated with other workers, refused.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { writeIdx } from "../data/write-idx.ts";
import { deltaprop, type Ended, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const FIXED = ["--trials", "12", "--epochs", "9", "--engine", "wasm"];
const bytes = (out: string) =>
  ["search.json", "trials.jsonl", "search.html"].map((file) => readFileSync(path(out, file), "utf8"));
const SPACE = {
  learningRate: { from: 0.005, to: 0.1, scale: "log" },
  hidden: { choices: [[8], [16], [8, 8]] },
  dropout: { from: 0, to: 0.4 },
  mixup: { choices: [0, 0.2] },
  averageDecay: { choices: [0, 0.9] },
  layerNorm: { choices: [false, true] },
  warmupEpochs: { from: 0, to: 3 },
};
const SPACED = [...FIXED, "--space", "space.json"];
let whole: Ended;

beforeAll(async () => {
  writeTable(path("t.csv"), 120);
  writeFileSync(path("space.json"), JSON.stringify(SPACE));
  whole = await deltaprop(home, ["search", "t.csv", ...SPACED, "--workers", "1", "--out", "whole"]);
});
afterAll(remove);

test("a search says every trial, the best, the noise, and the command that trains it", async () => {
  expect([whole.code, whole.err]).toEqual([0, ""]);
  expect(whole.out.match(/^trial +\d+ +\d+ epochs/gm)).toHaveLength(12 + 3 + 1 + 1 + 1);
  expect(whole.out).toMatch(/^12 trials, 2 with all epochs; the best of these:$/m);
  expect(whole.out).toMatch(/^noise: with other seeds the best one has [\d.]+ % ± /m);
  const call = /^train it .* (train t\.csv .*)$/m.exec(whole.out)![1]!;
  const trained = await deltaprop(home, [...call.split(" "), "--out", "r", "--quiet"]);
  expect([trained.code, trained.err]).toEqual([0, ""]);
  const { best } = JSON.parse(readFileSync(path("whole", "search.json"), "utf8"));
  const { hidden, layerNorm, ...values } = best.values;
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));
  const run = JSON.parse(readFileSync(path("r", "run.json"), "utf8"));
  expect(run).toMatchObject({ layers: [4, ...hidden, 3], options: { optimizer: "adamw", epochs: 9, ...given } });
  expect(run.layerNorm ?? false).toBe(layerNorm);
});

test("a search that is killed again and again goes on, to the same bytes with other workers", async () => {
  for (const fits of [2, 4, 3]) {
    const killed = await deltaprop(
      home,
      ["search", "t.csv", ...SPACED, "--workers", "2", "--out", "killed"],
      (out, child) => {
        if ((out.match(/^trial/gm)?.length ?? 0) >= fits) child.kill("SIGKILL");
      },
    );
    expect(killed.code).not.toBe(0);
  }
  writeFileSync(
    path("killed", "trials.jsonl"),
    `${readFileSync(path("killed", "trials.jsonl"), "utf8")}{"trial":9,"ru`,
  );
  const ended = await deltaprop(home, ["search", "t.csv", ...SPACED, "--workers", "2", "--out", "killed"]);
  expect(ended.code).toBe(0);
  expect(ended.err).toMatch(/^note killed holds \d+ fits of this search, which goes on from there\.\n$/);
  expect(bytes("killed")).toEqual(bytes("whole"));
});

test("Ctrl-C keeps the fits that ended and says how to go on", async () => {
  const words = ["search", "t.csv", ...SPACED, "--workers", "2", "--out", "stopped"];
  let asked = false; // a second signal would end it at once
  const stopped = await deltaprop(home, words, (out, child) => {
    if (!asked && /^trial +2/m.test(out)) asked = child.kill("SIGINT");
  });
  expect(stopped.code).toBe(130);
  expect(stopped.err).toContain("note the fits that ended are kept in stopped. The same command goes on.");
  expect(readFileSync(path("stopped", "trials.jsonl"), "utf8").split("\n").length).toBeGreaterThan(1);
});

test.each([
  [
    "other options",
    ["--space", "space.json", "--epochs", "10", "--out", "whole"],
    "OUT_TAKEN whole: it holds another search: epochs is 9 there, and 10 here",
  ],
  [
    "another space",
    ["--space", "wider.json", "--out", "whole"],
    "OUT_TAKEN whole: it holds another search: space.dropout.to is 0.4 there, and 0.5 here",
  ],
  [
    "an unknown option",
    ["--space", "bad.json", "--out", "no"],
    'BAD_SPACE bad.json: an option of the space must be one that can be searched, got "lr". Did you mean learningRate? Options: hidden, ',
  ],
  [
    "a value out of range",
    ["--space", "share.json", "--out", "no"],
    "BAD_SPACE share.json: dropout must be a number in (0, 1), got 1.3",
  ],
  ["no JSON", ["--space", "t.csv", "--out", "no"], "BAD_SPACE t.csv: it is no JSON"],
  ["no file", ["--space", "none.json", "--out", "no"], "BAD_SPACE none.json: it cannot be read"],
  [
    "what no trial could be",
    ["--space", "rate.json", "--optimizer", "lbfgs", "--out", "no"],
    "INVALID_ARGUMENT --learning-rate must be left out with lbfgs",
  ],
  [
    "distortions of rows that are no images",
    ["--augment", "digits", "--out", "no"],
    "NOT_IMAGES t has rows of 4 numbers, not images",
  ],
  [
    "the usual activation as a flag and a range",
    ["--space", "activation.json", "--activation", "relu", "--out", "no"],
    "BAD_SPACE activation.json: activation is searched here and settled by a flag",
  ],
  [
    "a flag and a range",
    ["--space", "rate.json", "--learning-rate", "0.1", "--out", "no"],
    "BAD_SPACE rate.json: learningRate is searched here and settled by a flag",
  ],
])("%s: refused by name, nothing written", async (_, words, message) => {
  writeFileSync(path("wider.json"), JSON.stringify({ ...SPACE, dropout: { from: 0, to: 0.5 } }));
  writeFileSync(path("share.json"), '{"dropout":{"from":0,"to":1.3}}');
  writeFileSync(path("bad.json"), '{"lr":{"from":0.1,"to":1}}');
  writeFileSync(path("activation.json"), '{"activation":{"choices":["relu","tanh"]}}');
  writeFileSync(path("rate.json"), '{"learningRate":{"from":0.1,"to":1}}');
  const before = bytes("whole");
  const ended = await deltaprop(home, ["search", "t.csv", "--trials", "12", "--epochs", "9", ...words]);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(ended.err).toContain(`error ${message}`);
  expect(existsSync(path("no"))).toBe(false);
  expect(bytes("whole")).toEqual(before);
});

test("other data are refused, and a folder that holds something else", async () => {
  writeTable(path("u.csv"), 150);
  const other = await deltaprop(home, ["search", "u.csv", ...SPACED, "--out", "whole"]);
  expect([other.code, other.err]).toEqual([
    2,
    expect.stringContaining("error OUT_TAKEN whole: it holds another search: data is"),
  ]);
  const run = await deltaprop(home, ["search", "t.csv", ...FIXED, "--out", "."]);
  expect([run.code, run.err]).toEqual([2, expect.stringContaining("error OUT_TAKEN .: it holds other files")]);
});

test("a test part is never looked at: other test rows change no trial", async () => {
  for (const [name, rows] of [
    ["one", 90],
    ["two", 60],
  ] as const)
    writeTable(path(`test-${name}.csv`), rows);
  const figures = [];
  for (const name of ["one", "two"]) {
    const ended = await deltaprop(home, [
      "search",
      "t.csv",
      ...FIXED,
      "--test-data",
      `test-${name}.csv`,
      "--out",
      name,
    ]);
    expect(ended.code).toBe(0);
    figures.push(readFileSync(path(name, "trials.jsonl"), "utf8"));
  }
  expect(figures[0]).toBe(figures[1]);
});

test("numbers are scored by R², in folds and in a search", async () => {
  const lines = Array.from(
    { length: 90 },
    (_, i) => `${i % 13},${i % 7},${((i % 13) * 0.5 - (i % 7) + (i % 3) * 0.01).toFixed(2)}`,
  );
  writeFileSync(path("numbers.csv"), `a,b,price\n${lines.join("\n")}\n`);
  const folds = await deltaprop(home, [
    "cross-validate",
    "numbers.csv",
    "--folds",
    "3",
    "--engine",
    "wasm",
    "--task",
    "regress",
  ]);
  expect([folds.code, folds.err]).toEqual([0, ""]);
  expect(folds.out).toContain("price");
  expect(Number(/^R² +([\d.]+) ± /m.exec(folds.out)![1])).toBeGreaterThan(0.95);
  const found = await deltaprop(home, [
    "search",
    "numbers.csv",
    "--label",
    "price",
    ...FIXED,
    "--loss",
    "huber=1",
    "--out",
    "numbers",
  ]);
  expect([found.code, found.err]).toEqual([0, ""]);
  const call = /^train it .* (train numbers\.csv .*)$/m.exec(found.out)![1]!;
  expect(call).toContain("--loss huber=1");
  const trained = await deltaprop(home, [...call.split(" "), "--out", "n", "--quiet", "--engine", "wasm"]);
  expect([trained.code, trained.err]).toEqual([0, ""]);
});

test("layers are normalized and joined in folds and in every trial, where a flag says so", async () => {
  const flags = ["--layer-norm", "--residual", "--input-dropout", "0.2", "--ignore", "mass"];
  const words = [
    "cross-validate",
    "t.csv",
    "--folds",
    "2",
    "--hidden",
    "9,9",
    "--epochs",
    "3",
    "--engine",
    "wasm",
    "--json",
  ];
  const hashes = ({ out }: Ended) => out.match(/"parametersSha256":"\w+"/g);
  const [plain, between] = [await deltaprop(home, words), await deltaprop(home, [...words, ...flags])];
  expect([plain.code, between.code, hashes(between)?.length]).toEqual([0, 0, 2]);
  expect(hashes(between)).not.toEqual(hashes(plain));
  const out = ["--out", "between"];
  const found = await deltaprop(home, [
    "search",
    "t.csv",
    "--trials",
    "3",
    "--epochs",
    "3",
    "--engine",
    "wasm",
    ...flags,
    ...["--input-dropout", "0.1"], // in place of the one before
    ...out,
  ]);
  expect([found.code, found.err]).toEqual([0, ""]);
  const call = /^train it .* (train t\.csv .*)$/m.exec(found.out)![1]!;
  expect(call).toMatch(/ --layer-norm --residual --ignore mass --input-dropout 0\.1 /);
  expect(call).not.toContain("0.2");
  const trained = await deltaprop(home, [...call.split(" "), "--out", "trained", "--quiet", "--engine", "wasm"]);
  expect([trained.code, trained.err]).toEqual([0, ""]);
  const run = JSON.parse(readFileSync(path("trained", "run.json"), "utf8"));
  expect(run).toMatchObject({ layerNorm: true, residual: true, options: { inputDropout: 0.1 } });
  expect(run.layers[0]).toBe(3);
});

test("a search of pictures finds distortions, and the command that it prints trains with them", async () => {
  const { train } = await drawDigits({ train: 80, test: 1 });
  writeFileSync(path("few-images-idx3-ubyte"), writeIdx(8, [80, 28, 28], train.features));
  writeFileSync(path("few-labels-idx1-ubyte"), writeIdx(8, [80], train.labels));
  const space = { "augment.rotation": { from: 1, to: 20 }, dropout: { choices: [0, 0.2] } };
  writeFileSync(path("distortions.json"), JSON.stringify(space));
  const words = ["few-images-idx3-ubyte", "--epochs", "1", "--hidden", "8", "--augment", "digits", "--trials", "3"];
  const searched = ["search", ...words, "--space", "distortions.json", "--no-halving", "--engine", "wasm"];
  const found = await deltaprop(home, [...searched, "--out", "pictures"]);
  expect([found.code, found.err]).toEqual([0, ""]);
  const { best, search } = JSON.parse(readFileSync(path("pictures", "search.json"), "utf8"));
  expect(search.fixed).toMatchObject({ augment: "digits", hidden: [8] });
  const call = /^train it .* (train few-images.*)$/m.exec(found.out)![1]!;
  const trained = await deltaprop(home, [...call.split(" "), "--out", "turned", "--quiet"]);
  expect([trained.code, trained.err]).toEqual([0, ""]);
  const { augment } = JSON.parse(readFileSync(path("turned", "run.json"), "utf8")).options;
  expect(augment).toMatchObject({ rotation: best.values["augment.rotation"] ?? 15, elastic: 1.4 });
});

test("cross-validate prints a line a fold, mean, spread and standard error", async () => {
  const words = ["cross-validate", "t.csv", "--folds", "3", "--epochs", "9", "--engine", "wasm"];
  const ended = await deltaprop(home, words);
  expect([ended.code, ended.err]).toEqual([0, ""]);
  expect(ended.out.match(/^\d +40 +[\d.]+ % +[\d.]+$/gm)).toHaveLength(3);
  const {
    1: mean,
    2: error,
    3: spread,
  } = /^accuracy ([\d.]+) % ± ([\d.]+) \(folds spread by ([\d.]+)\)$/m.exec(ended.out)!;
  expect(Number(error)).toBeCloseTo(Number(spread) / Math.sqrt(3), 1);
  const lines = jsonLines(await deltaprop(home, [...words, "--json", "--workers", "1"]));
  expect(lines.map(({ event }) => event)).toEqual(["fold", "fold", "fold", "complete"]);
  expect((lines[3]!.score as { mean: number }).mean).toBeCloseTo(Number(mean) / 100, 4);
});
