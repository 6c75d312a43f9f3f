// Tables with words and holes through the command line: trained, tested, predicted from raw rows, resumed.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deltaprop } from "./run.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-words-"));
const put = (name: string, text: string) => writeFileSync(join(home, name), text);
const run = (...words: string[]) => deltaprop(home, words);

const OUTLOOKS = ["sunny", "rain", "overcast"];
const rows = Array.from({ length: 60 }, (_, k) => {
  const outlook = OUTLOOKS[k % 3]!;
  return `${k * 7},${outlook},${k % 11 === 0 ? "" : 10 + (k % 9)},${k % 2 === 0 ? "yes" : "no"},${outlook === "rain" ? "stay" : "go"}`;
});
put("out.csv", `id,outlook,temp,wet,plan\n${rows.join("\n")}\n`);
put("new.csv", "wet,note,temp,outlook\nno,hello,,rain\nyes,,12,SUNNY\nno,x,12,sunny\n");

test("a table with words and holes is trained, tested and predicted from raw rows by the names of its columns", async () => {
  const trained = await run("train", "out.csv", "--hidden", "8", "--out", "run");
  expect(trained.err).toMatch(/Left out: id \(an identifier of the rows\)/);
  expect([trained.code, trained.out]).toEqual([0, expect.stringContaining("6 → 8 → 2")]);
  const tested = JSON.parse((await run("test", "run", "out.csv", "--json")).out);
  expect([tested.part, tested.accuracy]).toEqual(["the rows held out of training", 1]);
  const { out } = await run("predict", "run", "new.csv", "--json");
  const answers = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).class);
  expect([answers[0], answers[2]]).toEqual(["stay", "go"]);
});
