// `deltaprop report` without a browser: what goes into the page, and what is refused. test/studio/report.test.ts opens
// it.
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fillReport, isReport, type ReportData } from "../../src/files/report-page.ts";
import { readEpochs } from "../../src/files/run/run-record.ts";
import { deltaprop, type Ended, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const report = (...words: string[]) => deltaprop(home, ["report", ...words]);
const dataOf = (page: string) => JSON.parse(/id="run">(.*?)<\/script>/s.exec(page)![1]!) as ReportData;
let first: Ended;
let page: string;

beforeAll(async () => {
  writeTable(path("things.csv"), 120);
  await deltaprop(home, ["train", "things.csv", "--hidden", "8", "--epochs", "3", "--validation", "0.2", "--quiet"]);
  first = await report("runs/things-1");
  page = readFileSync(path("runs/things-1/report.html"), "utf8");
});
afterAll(remove);

test("the page holds the run: epochs, figures, hashes, weights within a step, the rows it got worst", async () => {
  expect([first.code, first.err]).toEqual([0, ""]);
  expect(first.out).toMatch(/^report runs\/things-1\/report\.html {3}\d\.\d MB\n$/);
  const data = dataOf(page);
  const run = JSON.parse(readFileSync(path("runs/things-1/run.json"), "utf8"));
  expect(data.epochs.map((epoch) => epoch.parametersSha256)).toEqual(run.epochParametersSha256);
  expect(data.hashes).toContainEqual(["parameters", run.parametersSha256]);
  expect(data.tested?.metrics.accuracy).toBe(run.testAccuracy);
  expect(data.tested?.on).toBe("the rows held out of training");
  const { worst, metrics } = data.tested!;
  expect(worst).toHaveLength(24);
  const chances = worst.map(({ probability }) => probability);
  expect(chances).toEqual([...chances].sort((a, b) => a - b));
  const wrong = Math.round((1 - metrics.accuracy) * metrics.rows);
  expect(worst.filter(({ label, predicted }) => label !== predicted)).toHaveLength(wrong);
  expect(worst[0]!.values.map(([name]) => name)).toEqual(["width", "height", "depth", "mass"]);
  const tensors = readFileSync(path("runs/things-1/model.safetensors"));
  const header = JSON.parse(tensors.subarray(8, 8 + Number(tensors.readBigUInt64LE())).toString());
  const [at] = header["layers.0.weight"].data_offsets;
  const { steps, scale, inputs, outputs } = data.layers[0]!;
  const shown = new Int8Array(Uint8Array.from(Buffer.from(steps!, "base64")).buffer);
  for (let i = 0; i < inputs; i++)
    for (let o = 0; o < outputs; o++) {
      const weight = tensors.readFloatLE(8 + Number(tensors.readBigUInt64LE()) + at + 4 * (o * inputs + i));
      expect(Math.abs((shown[i * outputs + o]! / 127) * scale - weight)).toBeLessThanOrEqual(scale / 253);
    }
});

test("it tells typical rows by the norms of their gradients, doubted labels and what the columns are worth", () => {
  const { insights, tested } = dataOf(page);
  const norms = ({ norm }: { readonly norm: number }) => norm;
  const { typical, unusual, importance, suspected } = insights!;
  const [least, largest] = [typical.map(norms), unusual.map(norms)];
  expect([least, largest]).toEqual([least.toSorted((a, b) => a - b), largest.toSorted((a, b) => b - a)]);
  expect(least.at(-1)!).toBeLessThan(largest.at(-1)!);
  expect(importance!.map(({ column }) => column).sort()).toEqual(["depth", "height", "mass", "width"]);
  const rises = importance!.map(({ loss }) => loss);
  expect(rises).toEqual(rises.toSorted((a, b) => b - a));
  const wrong = tested!.worst.filter(({ label, predicted }) => label !== predicted).map(({ row }) => row);
  for (const { row, label, suggested } of suspected) {
    expect(label).not.toBe(suggested);
    expect(wrong).toContain(row);
  }
});

test("the command it gives trains to the same parameters", async () => {
  const [, command] = dataOf(page).commands.find(([name]) => name === "Train it again")!;
  const words = command.replace("npm run deltaprop -- ", "").split(" ");
  expect((await deltaprop(home, [...words, "--out", "again", "--quiet"])).err).toBe("");
  const hash = (run: string) => JSON.parse(readFileSync(path(run, "run.json"), "utf8")).parametersSha256;
  expect(hash("again")).toBe(hash("runs/things-1"));
});

test("a second report of the same run replaces the first with the same bytes; nothing else is ever replaced", async () => {
  const again = await report("runs/things-1", "--data", "things.csv", "--threads", "2");
  expect([again.code, readFileSync(path("runs/things-1/report.html"), "utf8") === page]).toEqual([0, true]);
  writeFileSync(path("thesis.html"), "<!doctype html><title>my thesis</title>");
  for (const [out, code] of [
    ["thesis.html", 2],
    ["runs", 2],
    ["runs/things-1/run.json", 2],
    ["nowhere/report.html", 3],
  ] as const) {
    const before = existsSync(path(out)) && out.includes(".") ? readFileSync(path(out), "utf8") : "";
    const ended = await report("runs/things-1", "--data", "things.csv", "--out", out);
    expect([out, ended.code, ended.out]).toEqual([out, code, ""]);
    expect(ended.err).toMatch(code === 2 ? /^error OUT_TAKEN / : /^error WRITE_FAILED /);
    if (before) expect(readFileSync(path(out), "utf8")).toBe(before);
  }
});

test("where the data are gone or are others, the page says so and leaves the test out", async () => {
  cpSync(path("runs/things-1"), path("moved"), { recursive: true });
  rmSync(path("moved/report.html"));
  renameSync(path("things.csv"), path("away.csv"));
  const { code, out } = await report("moved");
  renameSync(path("away.csv"), path("things.csv"));
  expect([code, out.split("\n")[0]]).toEqual([0, expect.stringMatching(/^without the test: The data are not here: /)]);
  const data = dataOf(readFileSync(path("moved/report.html"), "utf8"));
  expect([data.tested, data.missing]).toEqual([null, expect.stringContaining("The data are not here")]);
  writeTable(path("other.csv"), 90);
  const other = await report("moved", "--data", "other.csv");
  expect([other.code, other.out]).toEqual([0, expect.stringContaining("other bytes")]);
  const lost = await report("moved", "--data", "nothing.csv"); // what the user names must be there
  expect([lost.code, lost.err]).toEqual([2, expect.stringContaining("DATA_NOT_FOUND nothing.csv")]);
});

test("a folder without a run, and a model that is not the run's, are refused with nothing written", async () => {
  cpSync(path("runs/things-1"), path("mixed"), { recursive: true });
  rmSync(path("mixed/report.html"));
  const text = readFileSync(path("mixed/run.json"), "utf8");
  const other = text.replace(/("parametersSha256": ?")[0-9a-f]{64}/, `$1${"0".repeat(64)}`);
  writeFileSync(path("mixed/run.json"), other);
  const mixed = await report("mixed", "--data", "things.csv");
  expect([mixed.code, mixed.err]).toEqual([
    2,
    expect.stringMatching(/^error BAD_RUN mixed\/model\.safetensors: .*0000/),
  ]);
  const none = await report(".");
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("NO_RUN")]);
  expect([existsSync(path("mixed/report.html")), existsSync(path("report.html"))]).toEqual([false, false]);
});

test("metrics.jsonl is read strictly, but for a last line that a crash has torn", () => {
  const lines = readFileSync(path("runs/things-1/metrics.jsonl"), "utf8");
  const [first, second, third] = lines.split("\n");
  expect(readEpochs(lines, "m").map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  for (const cut of [1, 40, third!.length])
    expect(readEpochs(lines.slice(0, -1 - third!.length + cut), "m").map(({ epoch }) => epoch)).toEqual([1, 2]);
  for (const change of [
    () => "{}",
    () => "null",
    (text: string) => text.replace(/"trainLoss":[\d.e-]+/, '"trainLoss":1e999'),
    (text: string) => text.replace(/"trainLoss":[\d.e-]+/, '"trainLoss":"1"'),
    (text: string) => text.replace(/"validationLoss":[^,]+/, '"validationLoss":true'),
    (text: string) => text.replace(/"epoch":\d/, '"epoch":7'),
    (text: string) => text.replace("{", '{"epoch":2,'),
    (text: string) => text.replace(/"parametersSha256":"\w/, '"parametersSha256":"<'),
    (text: string) => text.slice(0, -3),
  ])
    expect(() => readEpochs([first, change(second!), third, ""].join("\n"), "m")).toThrow("the record of epoch 2.");
});

test("no text of a run can end the element that its data stand in", () => {
  const template = page.replace(/(id="run">).*?(<\/script>)/s, "$1null$2");
  const evil = "</script><script>alert(1)</script><!--\u2028$&$'";
  const filled = fillReport(template, { ...dataOf(page), run: evil, classes: [evil] });
  expect(dataOf(filled)).toMatchObject({ run: evil, classes: [evil] });
  expect(filled.split("<script").length).toBe(template.split("<script").length);
  expect([isReport(filled), isReport('<!doctype html>\n<html lang="en">')]).toEqual([true, false]);
});
