// --augment as a user meets it: recorded, repeated after a kill, verified, drawn, and refused.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { writeIdx } from "../data/write-idx.ts";
import { deltaprop, folder } from "./run.ts";

const [home, remove] = folder();
afterAll(remove);
const path = (...parts: string[]) => join(home, ...parts);
const record = (run: string) => JSON.parse(readFileSync(path(run, "run.json"), "utf8"));
writeFileSync(
  path("limits.json"),
  JSON.stringify({ rotation: 12, elastic: 1, noise: 0.1, classes: { 1: { rotation: 3 } } }),
);
const { train } = await drawDigits({ train: 150, test: 1 });
writeFileSync(path("few-images-idx3-ubyte"), writeIdx(8, [150, 28, 28], train.features));
writeFileSync(path("few-labels-idx1-ubyte"), writeIdx(8, [150], train.labels));
const JOB = ["train", "few-images-idx3-ubyte", "--hidden", "8", "--epochs", "12", "--batch-size", "8"];
JOB.push("--augment", "limits.json");

test("a distorted run that is killed in mid-epoch goes on to the same bits on another engine, and verifies", async () => {
  expect((await deltaprop(home, [...JOB, "--out", "whole"])).code).toBe(0);
  let sent = false;
  const words = [...JOB, "--out", "cut", "--json", "--checkpoint-minutes", "0"];
  const { code } = await deltaprop(home, words, (out, child) => {
    if (!sent && out.includes('"epoch":2,')) sent = child.kill("SIGKILL");
  });
  expect(code).toBeNull();
  const on = await deltaprop(home, ["train", "--resume", "cut", "--engine", "wasm", "--threads", "2"]);
  expect([on.code, on.err]).toEqual([0, ""]);
  expect(record("cut").epochParametersSha256).toEqual(record("whole").epochParametersSha256);
  expect(record("whole").options.augment).toEqual({
    ...{ rotation: 12, shear: 0, scale: 0, shift: 0, elastic: 1, smoothness: 5.5 },
    ...{ noise: 0.1, erase: 0, eraseSize: 0.4, fill: 0, classes: { 1: { rotation: 3 } } },
  });
  const verified = await deltaprop(home, ["verify", "cut"]);
  expect([verified.code, verified.err]).toEqual([0, ""]);
});

test("data --augment draws the examples of the first three epochs below the stored ones", async () => {
  const plain = await deltaprop(home, ["data", "digits"]);
  const drawn = await deltaprop(home, ["data", "digits", "--augment", "digits"]);
  expect(drawn.out.startsWith(plain.out)).toBe(true);
  const more = drawn.out.slice(plain.out.length).split("\n");
  expect(more.filter((line) => line.startsWith("in epoch"))).toEqual(["in epoch 1", "in epoch 2", "in epoch 3"]);
  expect(more.filter((line) => line.includes("█")).length).toBeGreaterThan(20);
});

test("test --augment averages over distorted copies, says so, and needs --augment for --copies", async () => {
  const job = ["test", "whole", "few-images-idx3-ubyte"];
  const { code, out } = await deltaprop(home, [...job, "--augment", "digits", "--copies", "2"]);
  expect(code).toBe(0);
  expect(out).toContain("each answer is the mean over the image and 2 distorted copies of it (digits, seed 1)\n");
  const told = await deltaprop(home, [...job, "--augment", "digits", "--copies", "2", "--json"]);
  expect(JSON.parse(told.out).averaging).toEqual({ augment: "digits", copies: 2, seed: 1 });
  const alone = await deltaprop(home, [...job, "--copies", "2"]);
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining("--copies must be left out without --augment")]);
});

test.each([
  ["a table", ["train", "spiral", "--augment", "digits"], "error NOT_IMAGES "],
  [
    "an unknown name",
    ["train", "digits", "--augment", "digit"],
    "error INVALID_ARGUMENT --augment must be one of none, ",
  ],
  ["no such file", ["train", "digits", "--augment", "none.json"], "error FILE_NOT_FOUND none.json: "],
  ["no JSON", ["data", "digits", "--augment", "bad.json"], "error BAD_JSON bad.json: "],
  ["a limit twice", ["data", "digits", "--augment", "twice.json"], "error BAD_JSON twice.json: "],
  ["a list", ["train", "digits", "--augment", "list.json"], "error INVALID_ARGUMENT list.json: the file must be "],
  [
    "a limit out of range",
    ["train", "digits", "--augment", "far.json"],
    "error INVALID_ARGUMENT augment.shift must be ",
  ],
  ["an augmentation of a resumed run", ["train", "--resume", "whole", "--augment", "none"], "error FIXED_OPTION "],
])("%s is refused with its code, and nothing is written", async (_what, words, message) => {
  writeFileSync(path("bad.json"), "{");
  writeFileSync(path("twice.json"), '{"shift": 1, "shift": 2}');
  writeFileSync(path("list.json"), "[1]");
  writeFileSync(path("far.json"), '{"shift": -1}');
  const { code, out, err } = await deltaprop(
    home,
    [...words, "--out", "refused"].slice(0, words[0] === "data" ? 4 : 9),
  );
  expect(err.slice(0, message.length)).toBe(message);
  expect([code, out]).toEqual([2, ""]);
  expect(() => record("refused")).toThrow();
});
