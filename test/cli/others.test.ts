import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/files/model/safetensors.ts";
import { writeNpy } from "../data/write-npy.ts";
import { deltaprop, type Ended, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
let text = "";
let trained: Ended;

beforeAll(async () => {
  text = writeTable(path("things.csv"), 120);
  trained = await deltaprop(home, ["train", "things.csv", "--hidden", "6", "--epochs", "5", "--json", "--out", "run"]);
});
afterAll(remove);

test("test uses the rows that training held out and finds its very accuracy", async () => {
  const ended = await deltaprop(home, ["test", "run", "things.csv", "--json"]);
  const { testAccuracy, testLoss } = jsonLines(trained).at(-1)!;
  expect(ended.err).toBe("");
  expect(jsonLines(ended)[0]).toMatchObject({ rows: 24, accuracy: testAccuracy, loss: testLoss });
});

test("test on other data uses all its rows and prints the figures of each class", async () => {
  writeFileSync(path("others.csv"), text.split("\n").slice(0, 61).join("\n"));
  const { code, out, err } = await deltaprop(home, ["test", "run/model.safetensors", "others.csv"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^run\/model\.safetensors on others: all rows\naccuracy \d+\.\d\d % {3}loss \S+ {3}60 rows\n/);
  for (const word of ["precision", "macro mean", "weighted mean", "kind 1", "true \\ predicted"])
    expect(out).toContain(word);
});

test("test names the file of a class that the model never saw, and verify a record whose counts are not the data's", async () => {
  writeFileSync(path("zebra.csv"), text.replaceAll("kind 2", "zebra"));
  const strange = await deltaprop(home, ["test", "run", "zebra.csv"]);
  expect([strange.code, strange.err]).toEqual([
    2,
    expect.stringMatching(/^error UNKNOWN_CLASS zebra\.csv: example \d+ has class "zebra"/),
  ]);
  cpSync(path("run"), path("counts"), { recursive: true });
  const record = JSON.parse(readFileSync(path("counts", "run.json"), "utf8"));
  record.data.rows.train = 5;
  writeFileSync(path("counts", "run.json"), JSON.stringify(record));
  const { code, err } = await deltaprop(home, ["verify", "counts"]);
  expect([code, err]).toEqual([
    2,
    "error BAD_RUN counts/run.json:content: it says 5 rows of its train part, these data have 96.\n",
  ]);
});

test("verify prints some twenty lines of a run of a hundred epochs, and compares them all", async () => {
  const words = ["train", "things.csv", "--hidden", "2", "--epochs", "100", "--out", "long", "--quiet"];
  expect((await deltaprop(home, words)).code).toBe(0);
  const { code, out } = await deltaprop(home, ["verify", "long"]);
  expect([code, out.match(/^epoch .* same /gm)?.length]).toEqual([0, 21]);
  expect(out).toContain("reproduced bit for bit: the parameters after 100 epochs");
});

test("predict reads a table with or without its label, in any order of columns, and agrees with itself", async () => {
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  const write = (name: string, lines: string[][]) =>
    writeFileSync(path(name), lines.map((l) => l.join(",")).join("\n"));
  write(
    "bare.csv",
    rows.map((r) => r.slice(0, 4)),
  );
  write(
    "turned.csv",
    rows.map((r) => [r[3]!, r[1]!, r[0]!, r[2]!]),
  );
  write(
    "headless.csv",
    rows.slice(1).map((r) => r.slice(0, 4)),
  );
  write("labelled.csv", rows.slice(1));
  const predict = async (file: string) =>
    jsonLines(await deltaprop(home, ["predict", "run", file, "--json"])).map(({ file: _, ...row }) => row);
  const known = await predict("things.csv");
  expect(known).toHaveLength(120);
  for (const file of ["bare.csv", "turned.csv", "headless.csv", "labelled.csv"])
    expect(await predict(file)).toEqual(known);
  const row = known[0] as { class: string; probability: number; probabilities: Record<string, number> };
  expect(row.probabilities[row.class]).toBe(row.probability);
});

test("predict refuses a table of other columns, naming what is missing, and prints nothing else", async () => {
  writeFileSync(path("alien.csv"), "a,b,c,d\n1,2,3,4\n");
  const { code, out, err } = await deltaprop(home, ["predict", "run", "things.csv", "alien.csv"]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toBe(
    'error WRONG_COLUMNS alien.csv:row 1: there is no column "width", which training had. It has ["a", "b", "c", "d"].\n',
  );
});

test("a reader that goes away ends predict without a word", async () => {
  writeFileSync(path("long.csv"), `${text}${text.split("\n").slice(1).join("\n").repeat(200)}`);
  const { code, err } = await deltaprop(home, ["predict", "run", "long.csv"], (_, child) => child.stdout?.destroy());
  expect([code, err]).toEqual([0, ""]);
});

test("data tells shape, classes and first rows, and draws images", async () => {
  const table = await deltaprop(home, ["data", "things.csv"]);
  expect(table.out).toContain("120 rows to train on");
  expect(table.out).toMatch(/^kind 2 +40 +33\.33 %$/m);
  expect(table.out).toContain("width");
  const digits = await deltaprop(home, ["data", "digits"]);
  expect(digits.out).toContain("grey images, 28 × 28");
  expect(digits.out).toMatch(/█/);
  const [json] = jsonLines(await deltaprop(home, ["data", "things.csv", "--json"]));
  expect(json).toMatchObject({
    rows: { train: 120, test: null },
    features: 4,
    counts: { train: [40, 40, 40], test: null },
  });
});

/** An NPY file of version 1.0. */
test("gradients gives the derivative of its own loss: central differences of the logits' layer agree", async () => {
  const B = 5;
  const X = Float64Array.from({ length: B * 4 }, (_, k) => ((k * 37) % 11) / 5 - 1);
  const y = [0, 1, 2, 1, 0];
  writeFileSync(path("X.npy"), writeNpy("f8", [B, 4], X));
  writeFileSync(path("y.npy"), writeNpy("i8", [B], y));
  const words = ["gradients", "run", "--inputs", "X.npy", "--labels", "y.npy", "--out", "g.safetensors"];
  const ended = await deltaprop(home, [...words, "--engine", "reference-float64", "--json"]);
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const { tensors } = decodeSafetensors(readFileSync(path("g.safetensors")));
  const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
  expect(shapes).toEqual({
    ...{
      loss: [],
      losses: [B],
      inputs: [B, 4],
      "inputs.delta": [B, 4],
      logits: [B, 3],
      "delta.1": [B, 6],
      "delta.2": [B, 3],
    },
    ...{ "layers.0.weight.grad": [6, 4], "layers.0.bias.grad": [6] },
    ...{ "layers.1.weight.grad": [3, 6], "layers.1.bias.grad": [3] },
  });
  const at = (name: string) => tensors.get(name)!.values as Float64Array;
  const loss = (shift: (i: number, c: number) => number) => {
    let sum = 0;
    for (let i = 0; i < B; i++) {
      const z = [0, 1, 2].map((c) => at("logits")[3 * i + c]! + shift(i, c));
      sum += Math.log(z.reduce((s, v) => s + Math.exp(v), 0)) - z[Number(y[i])]!;
    }
    return sum / B;
  };
  expect(at("loss")[0]).toBeCloseTo(
    loss(() => 0),
    12,
  );
  const h = 1e-5;
  for (let c = 0; c < 3; c++) {
    const bias = (loss((_, k) => (k === c ? h : 0)) - loss((_, k) => (k === c ? -h : 0))) / (2 * h);
    expect(at("layers.1.bias.grad")[c]).toBeCloseTo(bias, 8);
    for (let i = 0; i < B; i++) {
      const one = (sign: number) => loss((row, k) => (row === i && k === c ? sign * h : 0));
      expect(at("delta.2")[3 * i + c]! / B).toBeCloseTo((one(1) - one(-1)) / (2 * h), 8);
    }
  }
});

test("gradients refuses arrays that do not fit, and writes nothing", async () => {
  writeFileSync(path("X3.npy"), writeNpy("f4", [2, 3], new Float32Array(6)));
  writeFileSync(path("X4.npy"), writeNpy("f4", [2, 4], new Float32Array(8)));
  writeFileSync(path("y9.npy"), writeNpy("i8", [2], [0, 9]));
  writeFileSync(path("T.npy"), writeNpy("f4", [2, 3], Float32Array.of(1, 0, 0, 0.5, 0.4, 0)));
  const refuse = async (words: string[], message: RegExp) => {
    const ended = await deltaprop(home, ["gradients", "run", "--out", "bad.safetensors", ...words]);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toMatch(message);
    expect(existsSync(path("bad.safetensors"))).toBe(false);
  };
  await refuse(["--inputs", "X3.npy", "--labels", "y9.npy"], /X3\.npy: its shape must be \[B × 4\]/);
  await refuse(["--inputs", "X4.npy", "--labels", "y9.npy"], /y9\.npy: element 1 must be a class in \[0, 3\), got 9/);
  await refuse(["--inputs", "X4.npy", "--targets", "T.npy"], /targets\[1\] must be a row that sums to 1/);
  await refuse(["--inputs", "X4.npy"], /--labels or --targets/);
  await refuse(["--inputs", "X4.npy", "--labels", "y9.npy", "--targets", "T.npy"], /y9\.npy: element 1/);
  await refuse(["--labels", "y9.npy"], /--inputs/);
});

test("a file that is no model is refused by its format, and a missing one by name", async () => {
  for (const command of ["test", "predict"]) {
    const bad = await deltaprop(home, [command, "things.csv", "things.csv"]);
    expect([bad.code, bad.out]).toEqual([2, ""]);
    expect(bad.err).toMatch(/^error BAD_SAFETENSORS things\.csv:byte 0: /);
    const none = await deltaprop(home, [command, "runs/none", "things.csv"]);
    expect(none.err).toMatch(/^error FILE_NOT_FOUND runs\/none: /);
  }
});

test("help is on standard output with exit 0; no command is exit 2; a misspelt one is corrected", async () => {
  const help = await deltaprop(home, ["train", "--help"]);
  expect([help.code, help.err]).toEqual([0, ""]);
  for (const option of ["--layers", "--hidden", "--class-weights", "--patience", "--data-dir", "--quiet"])
    expect(help.out).toContain(option);
  expect((await deltaprop(home, [])).code).toBe(2);
  expect(await deltaprop(home, ["trian", "digits"])).toMatchObject({
    code: 2,
    err: "error UNKNOWN_COMMAND unknown command 'trian'. Did you mean train?\n",
  });
});

test("a model whose numbers are all 0 is said to be one", async () => {
  const tensors = new Map([
    ["layers.0.weight", { shape: [2, 4], values: new Float32Array(8) }],
    ["layers.0.bias", { shape: [2], values: new Float32Array(2) }],
  ]);
  writeFileSync(path("zero.safetensors"), encodeSafetensors({ tensors, metadata: new Map() }));
  const { err } = await deltaprop(home, ["predict", "zero.safetensors", "things.csv"]);
  expect(err).toContain("zero.safetensors: all its numbers are 0, so every row has the same answer.");
});

test("--layer-order orders layers whose names and shapes leave it open, in every command that reads a model", async () => {
  const [a, b, out] = [Float32Array.of(0, 1, 1, 0), Float32Array.of(2, 0, 0, 1), Float32Array.of(1, 0, 0, -1)];
  const layer = (name: string, values: Float32Array): [string, Tensor][] => [
    [`${name}.weight`, { shape: [2, 2], values }],
    [`${name}.bias`, { shape: [2], values: new Float32Array(2) }],
  ];
  const tensors = new Map([...layer("enter", a), ...layer("middle", b), ...layer("out", out)]);
  writeFileSync(path("open.safetensors"), encodeSafetensors({ tensors, metadata: new Map() }));
  writeFileSync(path("two.npy"), writeNpy("f4", [2, 2], [1, 2, 3, 4]));
  const predict = (...words: string[]) => deltaprop(home, ["predict", "open.safetensors", "two.npy", ...words]);
  const refused = await predict();
  expect([refused.code, refused.out]).toEqual([2, ""]);
  expect(refused.err).toContain("its layers fit in more than one order");
  expect(refused.err).toContain("--layer-order on the command line");
  const chance = async (order: string) => (await predict("--layer-order", order, "--json")).out.split("\n")[0];
  expect(await chance("enter,middle,out")).not.toBe(await chance("middle,enter,out"));
  const wrong = await predict("--layer-order", "enter,out");
  expect(wrong.err).toContain('the layers must be ["enter", "middle", "out"] in some order, got ["enter", "out"]');
  const ours = await deltaprop(home, ["predict", "run", "things.csv", "--layer-order", "layers.0,layers.1"]);
  expect(ours.err).toContain("the order of the layers must be left out: the file says it");
  const near = await predict("--layers-order", "enter,middle,out");
  expect(near.err).toContain("It is --layer-order here.");
});

test("a model of float64 numbers says on the way that they were rounded", async () => {
  const values = { fc: Float64Array.of(0.1, -2.5, 1, 0.3), bias: Float64Array.of(0, 1) };
  const tensors = new Map([
    ["fc.weight", { shape: [2, 2], values: values.fc }],
    ["fc.bias", { shape: [2], values: values.bias }],
  ]);
  writeFileSync(path("wide.safetensors"), encodeSafetensors({ tensors, metadata: new Map() }));
  writeFileSync(path("rows.npy"), writeNpy("f4", [2, 2], [1, 2, 3, 4]));
  const { code, err } = await deltaprop(home, ["predict", "wide.safetensors", "rows.npy"]);
  expect([code, err]).toEqual([0, expect.stringContaining("wide.safetensors: F64 rounded to float32.")]);
});
