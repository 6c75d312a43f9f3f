// The transform of a table with words and holes: what is fitted, what a row becomes, and that its file gives it back.
import { expect, test } from "vitest";
import { fit } from "../../src/classifier/fit.ts";
import { fromJSON, load } from "../../src/classifier/load.ts";
import { readCsv } from "../../src/data/csv-source.ts";
import { fitScaling, inputsOf, scaleFeatures } from "../../src/data/scaling.ts";
import { splitDataset } from "../../src/data/split.ts";
import { inputNames } from "../../src/data/transform.ts";
import { predict } from "../../src/training/evaluate.ts";
import { predict as plainPredict } from "../../src/training/plain-predict.ts";

const rows = Array.from({ length: 40 }, (_, k) => {
  const outlook = ["sunny", "rain", "overcast", k === 3 ? "" : "rain"][k % 4]!;
  return `${outlook},${k % 5 === 0 ? "?" : 15 + (k % 7)},${k % 2 === 0},${k % 2 === 0 && outlook !== "rain" ? "no" : "yes"}`;
});
const TABLE = `outlook,temp,wet,play\n${rows.join("\n")}\n`;

test("words are one input a level, yes and no a number, and a hole has an input of its own", async () => {
  const { data } = await readCsv(TABLE);
  expect(data.columns).toEqual([
    { name: "outlook", kind: "category", levels: ["overcast", "rain", "sunny"] },
    { name: "temp", kind: "number" },
    { name: "wet", kind: "boolean" },
  ]);
  const scaling = fitScaling(data);
  if (scaling.kind !== "columns") throw new Error(scaling.kind);
  const names = ["outlook=overcast", "outlook=rain", "outlook=sunny", "outlook missing", "temp", "temp missing", "wet"];
  expect(inputNames(scaling.columns)).toEqual(names);
  expect(inputsOf(scaling, data.cols)).toBe(7);
  const inputs = scaleFeatures(data, scaling);
  expect([...inputs.subarray(0, 4)]).toEqual([0, 0, 1, 0]);
  expect([...inputs.subarray(21, 25)]).toEqual([0, 0, 0, 1]); // row 4 has no outlook
  expect(inputs[5]).toBe(1); //                                  row 1 has no temperature
  const { mean, deviation, fill } = scaling.columns[1] as { mean: number; deviation: number; fill: number };
  expect(inputs[4]).toBe(Math.fround((fill - mean) / deviation));
});

test("rows of a table are predicted with the same bits by every way to ask", async () => {
  const { data } = await readCsv(TABLE);
  const { model } = await fit(data, { hidden: [8], epochs: 3 });
  const expected = plainPredict(model, data.features);
  expect(new Set(expected.probabilities).size).toBeGreaterThan(10);
  expect(await predict(model, data.features)).toEqual(expected);
  expect(await predict(model, data.features, { threads: 2 })).toEqual(expected);
});

test("what is fitted is fitted on the training rows alone", async () => {
  const { data } = await readCsv(TABLE);
  const [train] = splitDataset(data, 0.3, 1);
  const filled = [...train.features].filter((x, k) => k % 3 === 1 && !Number.isNaN(x)).sort((a, b) => a - b);
  const scaling = fitScaling(train);
  expect(scaling).toMatchObject({ columns: [{}, { fill: filled[(filled.length - 1) >> 1] }, {}] });
});

test("a level that training never had is 0 in every input, and its own where training had rare ones", async () => {
  const many = Array.from({ length: 1000 }, (_, k) => `${k % 100 === 0 ? `rare${k % 700}` : "abc"[k % 3]},${k % 2}`);
  const { data } = await readCsv(`letter,y\n${many.join("\n")}\n`);
  const model = await fit(data, { hidden: [4], epochs: 1 });
  const { scaling } = model.model;
  expect(scaling.kind === "columns" && inputNames(scaling.columns)).toEqual([
    ..."abc".split("").map((letter) => `letter=${letter}`),
    "letter other",
  ]);
  expect(model.predict({ letter: "never" })).toEqual(model.predict({ letter: "rare0" }));
});

test("a classifier of a table with words answers objects, and keeps its answers in a file and in JSON", async () => {
  const { data } = await readCsv(TABLE);
  const model = await fit(data, { hidden: [16], epochs: 60 });
  expect(model.predict({ outlook: "sunny", temp: 18, wet: true }).label).toBe("no");
  expect(model.predict({ outlook: "rain", temp: null, wet: "False" }).label).toBe("yes");
  const answers = await model.predictMany([
    ["sunny", 18, true],
    [" overcast", "20", "yes"],
    [null, undefined, false],
  ]);
  expect(answers.labels).toEqual(["no", "no", "yes"]);
  for (const again of [await load(await model.toBytes()), fromJSON(JSON.stringify(model))])
    expect(await again.predictMany([{ outlook: "sunny", temp: 18, wet: true, id: 7 }])).toEqual(
      await model.predictMany([{ outlook: "sunny", temp: 18, wet: true }]),
    );
  expect((await model.evaluate(data)).accuracy).toBeGreaterThan(0.9);
});

test.each<[string, unknown, RegExp]>([
  [
    "a word where a number is",
    { outlook: "rain", temp: "warm", wet: true },
    /column 2 \(temp\) must be a number, or null/,
  ],
  ["a number where yes or no is", { outlook: "rain", temp: 3, wet: 7 }, /column 3 \(wet\) must be true or false/],
  ["a column that is not there", { outlook: "rain", tmep: 3, wet: true }, /no column "temp"\. Did you mean "tmep"/],
  ["an object in a cell", { outlook: {}, temp: 3, wet: true }, /column 1 \(outlook\) must be a text/],
])("a row is refused with its column: %s", async (_, row, message) => {
  const { data } = await readCsv(TABLE);
  const model = await fit(data, { hidden: [2], epochs: 1 });
  expect(() => model.predict(row as never)).toThrow(message);
});
