// Rows that --memory has no room for: the commands give what they give with all rows in memory.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../src/numerics/random.ts";
import { deltaprop, folder, jsonLines } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);
const record = (run: string) => JSON.parse(readFileSync(path(run, "run.json"), "utf8"));
const SMALL = ["--memory", "1", "--cache", "cache"];
const JOB = ["train", "large.csv", "--hidden", "9", "--epochs", "3", "--batch-size", "128", "--validation", "0.2"];

beforeAll(async () => {
  const random = new Random(7, 1);
  const rows = Array.from({ length: 24_000 }, (_, i) =>
    [...Array.from({ length: 5 }, (_, j) => random.normal() + (j === i % 3 ? 1 : 0)), "abc"[i % 3]].join(),
  );
  writeFileSync(path("large.csv"), `v,w,x,y,z,kind\n${rows.join("\n")}\n`);
  expect(await deltaprop(home, [...JOB, "--out", "whole", "--json"])).toMatchObject({ code: 0, err: "" });
});
afterAll(remove);

test("training by pieces ends with the bits of training in memory, says where the rows are, and is reproduced", async () => {
  const pieces = await deltaprop(home, [...JOB, ...SMALL, "--out", "pieces"]);
  expect(pieces).toMatchObject({ code: 0, err: "" });
  expect(pieces.out).toMatch(/The rows take more than 1 MiB: they are stored in cache\S+, and read by pieces/);
  const [whole, own] = [record("whole"), record("pieces")];
  expect(own.epochParametersSha256).toEqual(whole.epochParametersSha256);
  expect([own.testAccuracy, own.testLoss]).toEqual([whole.testAccuracy, whole.testLoss]);
  const verified = await deltaprop(home, ["verify", "pieces", ...SMALL, "--json"]);
  expect(jsonLines(verified).at(-1)).toMatchObject({ event: "verified", epochs: 3 });
  const test = (more: string[]) => deltaprop(home, ["test", "pieces", "large.csv", "--json", ...more]);
  expect((await test(SMALL)).out).toBe((await test([])).out);
});

test("a run by pieces that was stopped goes on by pieces, from the copy that is there, to the same bits", async () => {
  let sent = false;
  const words = [...JOB, ...SMALL, "--out", "cut", "--json", "--checkpoint-minutes", "0"];
  const cut = await deltaprop(home, words, (out, child) => {
    if (sent || !out.includes('"epoch":1,')) return;
    sent = child.kill("SIGINT");
  });
  expect(cut.code).toBe(130);
  const copies = readdirSync(path("cache"));
  expect(await deltaprop(home, ["train", "--resume", "cut", ...SMALL, "--json"])).toMatchObject({ code: 0, err: "" });
  expect(record("cut").epochParametersSha256).toEqual(record("whole").epochParametersSha256);
  expect(readdirSync(path("cache"))).toEqual(copies);
});

test("predict answers by pieces as with all rows in memory, into every kind of file, and explain reads the first rows", async () => {
  for (const ending of ["csv", "jsonl", "parquet"]) {
    for (const [name, more] of [
      ["a", []],
      ["b", SMALL],
    ] as const) {
      const words = ["predict", "whole", "large.csv", "--keep", "kind", "--out", `${name}.${ending}`, ...more];
      const { code, out, err } = await deltaprop(home, words);
      expect([code, /24,000 rows: /.test(out), err.includes("read by pieces")]).toEqual([0, true, name === "b"]);
    }
    expect(readFileSync(path(`b.${ending}`)).equals(readFileSync(path(`a.${ending}`)))).toBe(true);
  }
  const printed = async (more: readonly string[]) =>
    (await deltaprop(home, ["predict", "whole", "large.csv", ...more])).out;
  expect(await printed(SMALL)).toBe(await printed([]));
  const explained = async (more: readonly string[]) =>
    (await deltaprop(home, ["explain", "whole", "large.csv", "--rows", "3", ...more])).out;
  expect(await explained(SMALL)).toBe(await explained([]));
});

test("data shows the same content of the table in memory and on the disk", async () => {
  const content = async (more: string[]) =>
    jsonLines(await deltaprop(home, ["data", "large.csv", "--json", ...more]))[0]!.contentSha256;
  expect(await content(SMALL)).toEqual(await content([]));
  expect(await content(SMALL)).toMatchObject({ train: expect.stringMatching(/^[0-9a-f]{64}$/), test: null });
});

test("a cache that cannot be written is said, with what to do, and nothing is left", async () => {
  writeFileSync(path("taken"), "");
  const { code, err } = await deltaprop(home, ["data", "large.csv", "--memory", "1", "--cache", "taken"]);
  expect(code).toBe(3);
  expect(err).toMatch(/^error WRITE_FAILED .*could not be stored: .*--cache names another folder/);
});
