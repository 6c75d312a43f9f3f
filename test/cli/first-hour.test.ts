// What a new user tries in the first hour, and is answered.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeRefusal } from "../../src/cli/old-node.ts";
import { understood } from "../../src/cli/spelling.ts";
import { processors } from "../../src/engines/worker-host.ts";
import { deltaprop, folder, jsonLines, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);

beforeAll(async () => {
  writeTable(path("things.csv"), 60);
  const words = ["train", "things.csv", "--hidden", "4", "--epochs", "2", "--out", "run", "--quiet"];
  expect((await deltaprop(home, words)).code).toBe(0);
});
afterAll(remove);

test.each([
  ["train", ["train", "things.csv", "--hidden", "4", "--epochs", "2", "--out", "many"]],
  ["predict", ["predict", "run", "things.csv"]],
  ["verify", ["verify", "run"]],
])("%s on more threads than processors warns, and computes on as many as there are", async (_, words) => {
  const { code, err, out } = await deltaprop(home, [...words, "--json", "--threads", "99"]);
  expect(code).toBe(0);
  expect(err).toMatch(/^warning --threads 99: there (is|are) \d+ processors? here; /);
  const [used] = jsonLines({ code, err, out }).flatMap(({ event, threads }) => (event === "start" ? [threads] : []));
  if (used !== undefined) expect(used).toBe(processors());
});

test("a folder named like a built-in set is never passed over in silence", async () => {
  mkdirSync(path("digits"));
  writeTable(path("digits", "train.csv"), 30);
  const built = await deltaprop(home, ["data", "digits", "--json"]);
  expect(jsonLines(built)[0]).toMatchObject({ features: 784 });
  expect(built.err).toBe("warning digits is taken for the built-in set. The folder of that name here is ./digits.\n");
  const named = await deltaprop(home, ["data", "digits", "--json", "--data-dir", "digits"]);
  expect(named.err).toBe("");
  const own = await deltaprop(home, ["data", "./digits", "--json"]);
  expect([jsonLines(own)[0]?.features, own.err]).toEqual([4, ""]);
});

test("a table too small for a test part is refused by its name, in words of rows", async () => {
  writeFileSync(path("two.csv"), "a,k\n1,x\n2,y\n");
  for (const command of ["train"]) {
    const { code, out, err } = await deltaprop(home, [command, "two.csv"]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/error TOO_FEW_ROWS two\.csv: 2 rows are too few to hold out a fifth for the test\. .*\n$/);
  }
});

test("--resume of a complete run looks at the data that are named: other ones are refused, with the way on", async () => {
  writeTable(path("more.csv"), 66);
  const other = await deltaprop(home, ["train", "more.csv", "--resume", "run"]);
  expect([other.code, other.out]).toEqual([2, ""]);
  expect(other.err).toMatch(
    /^error OTHER_DATA more\.csv: this run is complete, .*Train on them with `.* train more\.csv`, .* `.* test run more\.csv`\.\n$/,
  );
  const same = await deltaprop(home, ["train", "things.csv", "--resume", "run"]);
  expect([same.code, same.err]).toEqual([0, ""]);
  expect(same.out).toMatch(/this run is complete: .*\nNothing is left to do\. .* without --resume\.\n$/);
});

test("--resume of an unfinished run with data of other columns blames the data and not the record", async () => {
  const words = ["train", "things.csv", "--epochs", "100000", "--out", "cut", "--json", "--checkpoint-minutes", "0"];
  await deltaprop(home, words, (out, child) => void (out.includes('"event":"epoch"') && child.kill("SIGINT")));
  writeFileSync(path("narrow.csv"), `a,k\n${"1,x\n2,y\n".repeat(20)}`);
  const { code, err } = await deltaprop(home, ["train", "narrow.csv", "--resume", "cut"]);
  expect(code).toBe(2);
  expect(err).toMatch(/^error OTHER_DATA narrow\.csv: these data differ from the run's: SHA-256 /m);
  cpSync(path("cut"), path("killed"), { recursive: true });
  rmSync(path("killed", "model.safetensors"), { force: true });
  for (const command of ["test", "predict"]) {
    const ended = await deltaprop(home, [command, "killed", "things.csv"]);
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(/^error RUN_NOT_ENDED killed: .* Go on with .* train --resume killed\n$/);
  }
});

test.each([
  [["trian", "digits"], "unknown command 'trian'. Did you mean train?"],
  [["fit", "things.csv"], "unknown command 'fit'. It is train here."],
  [["train", "things.csv", "--early-stopping", "3"], "unknown option '--early-stopping'. It is --patience here."],
  [["train", "things.csv", "--labl", "sort"], "unknown option '--labl'. Did you mean --label?"],
  [["train", "mnsit"], /"mnsit" is neither .* Did you mean mnist\?/],
])("%j is answered with the right name", async (words, reason) => {
  const { code, out, err } = await deltaprop(home, words);
  expect([code, out]).toEqual([2, ""]);
  if (typeof reason === "string") expect(err.trimEnd().endsWith(reason)).toBe(true);
  else expect(err).toMatch(reason);
});

test("--lr and --batch, -v, -V and version are understood, but not behind --", async () => {
  const words = ["train", "things.csv", "--lr", "0.05", "--batch=8", "--epochs", "1", "--out", "short", "--quiet"];
  expect((await deltaprop(home, words)).code).toBe(0);
  const { options } = JSON.parse(readFileSync(path("short", "run.json"), "utf8"));
  expect(options).toMatchObject({ learningRate: 0.05, batchSize: 8 });
  for (const word of ["-v", "-V", "--version", "version"])
    expect(await deltaprop(home, [word])).toEqual({
      code: 0,
      err: "",
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  expect(understood(["predict", "R", "--", "--lr"])).toEqual(["predict", "R", "--", "--lr"]);
});

test("an old Node is told so in one line", () => {
  for (const old of ["12.22.12", "20.20.2", "22.17.9"])
    expect(nodeRefusal(old)).toMatch(new RegExp(`^Deltaprop needs Node 22\\.18 or later; this is ${old}\\. [^\n]*$`));
  for (const fine of ["22.18.0", "24.11.0", "26.0.0"]) expect(nodeRefusal(fine)).toBeUndefined();
});

const FAILING: readonly (readonly string[])[] = [
  ["train", "none.csv"],
  ["test", "none", "things.csv"],
  ["verify", "none"],
  ["predict", "run", "none.csv"],
  ["data", "none.csv"],
  ["check", "--layers", "0"],
  ["gradients", "none", "--inputs", "x.npy", "--out", "g"],
  ["engines", "--speed"],
  ["report", "none"],
];
test.each(FAILING)("%s --json: an error is an object on standard output too", async (...words) => {
  const ended = await deltaprop(home, [...words, "--json"]);
  expect(ended.code).toBe(2);
  const [error, ...more] = jsonLines(ended);
  expect(more).toEqual([]);
  expect(error).toMatchObject({ event: "error", exit: 2 });
  expect(ended.err).toContain(`error ${error?.code} `);
  expect(ended.err).toContain(String(error?.message));
});
