// Calls that people make at first: they work, or say what to do. No raw TypeError.
import { expect, test } from "vitest";
import { readCsv } from "../../src/data/csv-source.ts";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { splitDataset } from "../../src/data/split.ts";
import { InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { loadModel } from "../../src/node.ts";
import { evaluate, predict } from "../../src/training/evaluate.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const text = "sl,sw,kind\n5.1,3.5,setosa\n6.2,2.9,virginica\n";

test("a table can be a text, bytes, or chunks of bytes", async () => {
  const bytes = new TextEncoder().encode(text);
  const { data } = await readCsv(text);
  expect(data).toMatchObject({ rows: 2, cols: 2, classes: ["setosa", "virginica"], featureNames: ["sl", "sw"] });
  expect(await readCsv(bytes)).toEqual(await readCsv(text));
  expect(await readCsv([bytes.slice(0, 20), bytes.slice(20)])).toEqual(await readCsv(text));
  await expect(readCsv(5 as never)).rejects.toThrow(/^source must be a text, bytes or chunks of bytes, got 5/);
});

test("one number splits off a share, and a list has as many parts as shares", () => {
  const [train, rest] = splitDataset(blobs(100), 0.2, 1);
  expect([train.rows, rest.rows]).toEqual([80, 20]);
  const parts = splitDataset(blobs(100), [0.5, 0.3, 0.2], 1);
  expect(parts.map(({ rows }) => rows).reduce((a, b) => a + b)).toBe(100);
  expect(() => splitDataset(undefined as never, 0.2, 1)).toThrow(/^data must be a dataset/);
});

test("digits can be drawn without options, and have a test part", async () => {
  const { train, test: held } = await drawDigits({ train: 20, test: 10 });
  expect([train.rows, held.rows]).toEqual([20, 10]);
  expect(train).toEqual((await drawDigits({ seed: 1, train: 20, test: 10 })).train);
});

test("predict and evaluate of what is no model say what to pass", async () => {
  const features = new Float64Array(4);
  const result = { model: { network: defineNetwork([4, 3]) } } as never;
  await expect(predict(result, features)).rejects.toThrow(/^model must be a model, got an object\. Pass its \.model\./);
  await expect(evaluate(undefined as never, blobs(9))).rejects.toThrow(/^model must be a model, got undefined/);
});

test("the message of an error names the file and the place, once", async () => {
  const error = await loadModel("nope.safetensors").catch((caught: InvalidInput) => caught);
  expect(error).toMatchObject({
    message: "nope.safetensors: there is no such file. Expected a model or the folder of a run.",
    reason: "there is no such file. Expected a model or the folder of a run.",
    line: "error FILE_NOT_FOUND nope.safetensors: there is no such file. Expected a model or the folder of a run.",
  });
  const place = new InvalidInput("BAD_CSV", "wrong.", { file: "a.csv", at: "row 2" });
  expect([place.message, place.line]).toEqual(["a.csv:row 2: wrong.", "error BAD_CSV a.csv:row 2: wrong."]);
  expect(new InvalidInput("BAD_CSV", "wrong.", { at: "row 2" }).message).toBe("row 2: wrong.");
});

test("a run and its session close at the end of their block", async () => {
  let session: { readParameters(): unknown };
  {
    await using run = await openRun(defineNetwork([4, 3]), blobs(30));
    session = run.session;
  }
  expect(() => session.readParameters()).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
});
