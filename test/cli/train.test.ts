import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { resolveOptions } from "../../src/training/defaults.ts";
import { hashOf } from "../../src/training/training-result.ts";
import { signalTest } from "../needs.ts";
import { deltaprop, type Ended, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const SMALL = ["--hidden", "8", "--epochs", "3"];
let first: Ended;

beforeAll(async () => {
  writeTable(join(home, "things.csv"), 120);
  first = await deltaprop(home, ["train", "things.csv", "--label", "sort", ...SMALL, "--json"]);
});
afterAll(remove);

const path = (...parts: string[]) => join(home, ...parts);
const record = (run: string) => JSON.parse(readFileSync(path(run, "run.json"), "utf8"));

test("a table is trained on with defaults, and every line of --json is an object", () => {
  expect(first.err).toBe("");
  expect(first.code).toBe(0);
  const lines = jsonLines(first);
  expect(lines.map(({ event }) => event)).toEqual(["data", "start", "epoch", "epoch", "epoch", "done"]);
  expect(lines.at(-1)).toMatchObject({ model: "runs/things-1/model.safetensors", epochs: 3, keptEpoch: 3 });
  expect(lines.at(-1)?.testAccuracy).toBeGreaterThanOrEqual(0);
  for (const key of ["testLoss", "seconds"]) expect(lines.at(-1)?.[key]).toBeGreaterThan(0);
});

test("the run's folder says everything: options, data, versions and the parameters after each epoch", async () => {
  expect(readdirSync(path("runs", "things-1")).sort()).toEqual(["metrics.jsonl", "model.safetensors", "run.json"]);
  const run = record("runs/things-1");
  const done = jsonLines(first).at(-1)!;
  expect(run).toMatchObject({
    format: 1,
    data: { name: "things", label: "sort", heldOut: 0.2, rows: { train: 96, validation: 0, test: 24 } },
    layers: [4, 8, 3],
    activation: "relu",
    options: resolveOptions({ epochs: 3 }, { rows: 96, classes: 3, bytes: false }),
    precision: "float32",
    ending: "finished",
    versions: { node: process.version },
    testAccuracy: done.testAccuracy,
    parametersSha256: done.parametersSha256,
  });
  expect(run.data.sha256).toMatch(/^[0-9a-f]{64}$/);
  const lines = readFileSync(path("runs/things-1/metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).parametersSha256)).toEqual(run.epochParametersSha256);
  expect(run.epochParametersSha256).toHaveLength(3);
  const { model } = await decodeModel(readFileSync(path("runs/things-1/model.safetensors")));
  expect(await hashOf(model.parameters)).toBe(run.parametersSha256);
  expect(model.classes).toEqual(["kind 0", "kind 1", "kind 2"]);
  expect(model.featureNames).toEqual(["width", "height", "depth", "mass"]);
});

test("the same run may be repeated and gives the same bits on another engine; --out never takes the folder of a different one", async () => {
  const before = record("runs/things-1");
  const words = ["train", "things.csv", "--label", "sort", "--hidden", "8", "--json"];
  const again = await deltaprop(home, [...words, "--epochs", "3", "--engine", "reference", "--threads", "1"]);
  expect(again.code).toBe(0);
  expect(record("runs/things-1").epochParametersSha256).toEqual(before.epochParametersSha256);
  const other = await deltaprop(home, [...words, "--epochs", "4", "--out", "runs/things-1"]);
  expect(other.code).toBe(2);
  expect(jsonLines(other)).toMatchObject([{ event: "error", code: "OUT_TAKEN", file: "runs/things-1" }]);
  expect(other.err).toContain("error OUT_TAKEN runs/things-1: ");
  expect(other.err).toContain("epochs 3, now 4");
  expect(record("runs/things-1").options.epochs).toBe(3);
});

test("a second experiment goes to the next free folder and says so; its repeat goes there again", async () => {
  const words = ["train", "things.csv", "--label", "sort", "--hidden", "5", "--epochs", "2", "--seed", "7", "--json"];
  const outOf = (ended: Ended) => [ended.code, jsonLines(ended).at(-1)?.out];
  const one = await deltaprop(home, words);
  expect([outOf(one), one.err]).toEqual([[0, "runs/things-7"], ""]);
  const bytes = readFileSync(path("runs/things-7/run.json"), "utf8");
  mkdirSync(path("runs/things-7-2"));
  writeFileSync(path("runs/things-7-2/model.safetensors"), "precious");
  const two = await deltaprop(home, [...words, "--hidden", "6"]);
  expect(outOf(two)).toEqual([0, "runs/things-7-3"]);
  expect(two.err).toMatch(/^note runs.things-7 holds another run, so this one goes to runs.things-7-3\. .*\n$/);
  expect(outOf(await deltaprop(home, [...words, "--hidden", "6"]))).toEqual([0, "runs/things-7-3"]);
  expect(outOf(await deltaprop(home, words))).toEqual([0, "runs/things-7"]);
  expect(record("runs/things-7").parametersSha256).toBe(JSON.parse(bytes).parametersSha256);
  expect(readFileSync(path("runs/things-7-2/model.safetensors"), "utf8")).toBe("precious");
  expect(readdirSync(path("runs")).filter((name) => name.startsWith("things-7"))).toHaveLength(3);
});

test("a model without its run.json is never replaced", async () => {
  mkdirSync(path("mine"));
  writeFileSync(path("mine", "model.safetensors"), "precious");
  const { code, err } = await deltaprop(home, ["train", "things.csv", ...SMALL, "--out", "mine"]);
  expect(code).toBe(2);
  expect(err).toContain("OUT_TAKEN mine/model.safetensors");
  expect(readFileSync(path("mine", "model.safetensors"), "utf8")).toBe("precious");
});

test("away from a terminal there are plain lines without colours, and the next command to try", async () => {
  const { code, out, err } = await deltaprop(home, ["train", "things.csv", ...SMALL, "--out", "plain"]);
  expect([code, err]).toEqual([0, ""]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for escape sequences
  expect(out).not.toMatch(/[\x1b\r]/);
  expect(out).toMatch(/^epoch 1\/3 {2}loss \d/m);
  expect(out).toMatch(/test +accuracy \d+\.\d\d %/);
  expect(out).toContain("plain/model.safetensors");
  expect(out).toMatch(/^Next: .* test plain things\.csv$/m);
});

test("--quiet prints nothing and saves the run", async () => {
  const { code, out, err } = await deltaprop(home, ["train", "things.csv", ...SMALL, "--out", "quiet", "--quiet"]);
  expect([code, out, err]).toEqual([0, "", ""]);
  expect(existsSync(path("quiet", "run.json"))).toBe(true);
});

test("every option reaches the run", async () => {
  const words = [
    ...["train", "things.csv", "--layers", "4,5,3", "--activation", "tanh", "--initialization", "glorot"],
    ...["--batch-size", "7", "--learning-rate", "1e-2", "--epochs", "5", "--rule", "adamw", "--schedule", "cosine"],
    ...["--warmup-epochs", "1", "--weight-decay", "0.01", "--label-smoothing", ".1", "--class-weights", "1,2,0.5"],
    ...["--validation", "0.25", "--patience", "4", "--seed", "9007199254740991", "--engine", "reference"],
    ...["--threads", "1", "--out", "options", "--json"],
  ];
  const { code, err } = await deltaprop(home, words);
  expect([code, err]).toEqual([0, ""]);
  expect(record("options")).toMatchObject({
    ...{ layers: [4, 5, 3], activation: "tanh", engine: "reference", threads: 1 },
    options: {
      ...{ optimizer: "adamw", learningRate: 0.01, batchSize: 7, epochs: 5, schedule: "cosine", warmupEpochs: 1 },
      ...{ initialization: "glorot", weightDecay: 0.01, labelSmoothing: 0.1, classWeights: [1, 2, 0.5] },
      ...{ validation: 0.25, patience: 4, seed: 9007199254740991 },
    },
    data: { rows: { train: 72, validation: 24, test: 24 } },
  });
});

test("numbers that run away give exit 4, name step and layer, and leave finite parameters", async () => {
  const words = ["train", "things.csv", "--hidden", "8", "--learning-rate", "1e38", "--out", "hot", "--json"];
  const ended = await deltaprop(home, words);
  expect(ended.code).toBe(4);
  expect(ended.err).toMatch(/^error NOT_FINITE training diverged at step \d+ \(epoch 1, .*layer \d/);
  expect(jsonLines(ended).at(-1)).toMatchObject({ event: "error", code: "NOT_FINITE", exit: 4 });
  expect(jsonLines(ended).at(-2)).toMatchObject({ event: "stopped", model: "hot/model.safetensors", keptEpoch: 0 });
  expect(record("hot").ending).toBe("stopped");
  await decodeModel(readFileSync(path("hot", "model.safetensors"))); // refuses what is not finite
});

signalTest(
  "Ctrl-C ends the run with 130 and keeps the model so far, but never in place of the finished one",
  async () => {
    const words = ["train", "things.csv", "--hidden", "8", "--epochs", "100000", "--json", "--out", "long"];
    const stopInEpoch4 = () => {
      let asked = false;
      return (out: string, child: { kill(signal: "SIGINT"): unknown }) => {
        if (!asked && out.includes('"epoch":3,')) {
          asked = true;
          child.kill("SIGINT");
        }
      };
    };
    const ended = await deltaprop(home, words, stopInEpoch4());
    expect(ended.code).toBe(130);
    expect(jsonLines(ended).at(-1)).toMatchObject({ event: "interrupted", model: "long/model.safetensors" });
    expect(record("long")).toMatchObject({ ending: "interrupted", status: "interrupted" });

    const refused = await deltaprop(home, words);
    expect([refused.code, jsonLines(refused).map(({ event }) => event)]).toEqual([2, ["error"]]);
    expect(refused.err).toMatch(
      /OUT_TAKEN long: this run was interrupted in epoch \d+ .* Resume it with --resume long/,
    );

    writeFileSync(
      path("long", "run.json"),
      JSON.stringify({ ...record("long"), status: "complete", ending: "finished" }),
    );
    const again = await deltaprop(home, words, stopInEpoch4());
    expect(again.code).toBe(130);
    expect(jsonLines(again).at(-1)).toMatchObject({ event: "interrupted", model: null });
    expect(record("long").status).toBe("complete");
  },
);

const refused: Record<string, readonly [words: string[], err: RegExp]> = {
  "a count in exponent notation": [["--epochs", "1e2"], /--epochs must be an integer in \[1, 1000000\], got "1e2"/],
  "a count in hexadecimal": [["--batch-size", "0x10"], /--batch-size/],
  NaN: [["--learning-rate", "NaN"], /--learning-rate must be a number > 0, got "NaN"/],
  "minus zero": [["--weight-decay", "-0"], /--weight-decay/],
  infinity: [["--learning-rate", "1e999"], /--learning-rate/],
  "an empty number": [["--seed", ""], /--seed/],
  "a layer of no units": [["--hidden", "8,0"], /--hidden/],
  "an unknown option": [["--epoch", "3"], /error UNKNOWN_OPTION .*Did you mean --epochs\?/],
  "an unknown optimizer": [["--rule", "rmsprop"], /rmsprop/],
  "an unknown engine": [["--engine", "abacus"], /abacus/],
  "layers that do not fit the data": [
    ["--layers", "5,3"],
    /the first number of --layers must be 4, as the data have 4 features, got 5/,
  ],
  "outputs that are not the classes": [["--layers", "4,5"], /the last number of --layers must be 3, as .*\(kind 0, /],
  "weights that are not the classes": [
    ["--class-weights", "1,2"],
    /--class-weights must be 3 numbers, one a class .*2/,
  ],
  "class weights that are all 0": [["--class-weights", "0,0,0"], /--class-weights must be at least one number > 0/],
  "a class weight that is no float32": [["--class-weights", "1e39,1,1"], /--class-weights must be .* got "1e39"/],
  "a validation share of no row": [["--validation", "1e-9"], /things\.csv: 96 rows are too few to hold out 1e-9 of/],
  "both --layers and --hidden": [["--layers", "4,3", "--hidden", "2"], /--hidden/],
  "a label that is no column": [["--label", "sorts"], /things\.csv:row 1: .*Did you mean "sort"\?/],
  "a second data set": [["more.csv"], /TOO_MANY_ARGUMENTS|EXCESS_ARGUMENTS/],
};
for (const [what, [words, err]] of Object.entries(refused))
  test(`${what} is refused with exit 2, one line, and nothing written`, async () => {
    const before = readdirSync(home).length;
    const ended = await deltaprop(home, ["train", "things.csv", "--out", "never", ...words]);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toMatch(err);
    expect(ended.err).toMatch(/^error [A-Z_]+ .*\n$/);
    expect(readdirSync(home).length).toBe(before);
  });

test("a broken file is refused with its row, and nothing is written", async () => {
  writeFileSync(path("broken.csv"), `${readFileSync(path("things.csv"), "utf8")}1,2,x,4,kind 0\n`);
  const ended = await deltaprop(home, ["train", "broken.csv", "--out", "never"]);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(ended.err).toMatch(/^error BAD_CSV broken\.csv:row 122 column 3 \(depth\): /);
  expect(existsSync(path("never"))).toBe(false);
});

test("a folder that cannot be made is refused before training", async () => {
  const ended = await deltaprop(home, ["train", "things.csv", "--out", "things.csv/run"]);
  expect([ended.code, ended.out]).toEqual([2, ""]);
  expect(statSync(path("things.csv")).isFile()).toBe(true);
});
