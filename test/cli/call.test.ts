// The commands that the command line advises.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callWords } from "../../src/cli/call.ts";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
const ROOT = resolve(import.meta.dirname, "../..");
const MAIN = join(ROOT, "src/cli/main.ts");

beforeAll(() => {
  mkdirSync(join(home, "my data"));
  writeTable(join(home, "my data", "-things.csv"), 60);
});
afterAll(remove);

/** The commands below "Next:". */
const advised = (out: string) =>
  out
    .slice(out.indexOf("Next: ") + 6)
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());

test("the commands after a run work as they stand: after a table a test, then predict", async () => {
  const cwd = join(home, "my data");
  const words = ["train", "--hidden", "5", "--epochs", "2", "--out", "a run", "--", "-things.csv"];
  const { out, err, code } = await deltaprop(cwd, words);
  expect([code, err]).toEqual([0, ""]);
  const calls = advised(out);
  expect(calls.map((call) => / (test|predict) 'a run' \.\/-things\.csv$/.exec(call)?.[1])).toEqual(["test", "predict"]);
  for (const call of calls) {
    const ended = spawnSync("bash", ["-c", call], { cwd, encoding: "utf8" });
    const noted = / predict /.test(call) ? /^note .*The model was trained on this table\..*\n$/ : /^$/;
    expect([call, ended.status, ended.stderr]).toEqual([call, 0, expect.stringMatching(noted)]);
  }
});

test("a named set is tested with the folder of its files", async () => {
  const dir = join(home, "sets");
  mkdirSync(dir);
  const pixels = (count: number) => Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256);
  const idx = (shape: readonly number[], values: Uint8Array) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.writeUInt16BE(0x0800 + shape.length, 2);
    for (const [k, size] of shape.entries()) head.writeUInt32BE(size, 4 + 4 * k);
    return Buffer.concat([head, values]);
  };
  for (const part of ["train", "t10k"]) {
    writeFileSync(join(dir, `${part}-images-idx3-ubyte`), idx([20, 28, 28], pixels(20)));
    writeFileSync(
      join(dir, `${part}-labels-idx1-ubyte`),
      idx(
        [20],
        Uint8Array.from({ length: 20 }, (_, i) => i % 10),
      ),
    );
  }
  const { out } = await deltaprop(home, ["train", "mnist", "--data-dir", "sets", "--hidden", "3", "--epochs", "1"]);
  expect(advised(out)[0]).toMatch(/ test runs\/mnist-1 mnist --data-dir sets$/);
});

test("npm run is advised below the checkout only; installed, what starts the package there", () => {
  const node = process.execPath;
  const env = { PATH: `/nowhere${delimiter}${dirname(node)}` };
  const words = (main: string, cwd: string, more = {}) => callWords({ main, cwd, node, env: { ...env, ...more } });
  expect(words(MAIN, ROOT)).toEqual(["npm", "run", "deltaprop", "--"]);
  expect(words(MAIN, join(ROOT, "src/cli"))).toEqual(["npm", "run", "deltaprop", "--"]);
  expect(words(MAIN, home)).toEqual(["node", MAIN]);
  expect(callWords({ main: MAIN, cwd: home, node, env: { PATH: "" } })).toEqual([node, MAIN]);
  const installed = join(home, "node_modules/deltaprop/dist/cli/main.js");
  expect(words(installed, home)).toEqual(["node", installed]);
  expect(words(installed, home, { npm_lifecycle_event: "npx" })).toEqual(["npx", "deltaprop"]);
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "deltaprop"), "");
  chmodSync(join(bin, "deltaprop"), 0o755);
  expect(words(installed, home, { PATH: bin })).toEqual(["deltaprop"]);
  mkdirSync(join(home, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(home, "node_modules/.bin/deltaprop"), "");
  expect(words(installed, home, { PATH: bin })).toEqual(["npx", "deltaprop"]);
});

test("npm run reads the files of the folder where it is called", () => {
  const below = { ...process.env, npm_lifecycle_event: "deltaprop", npm_package_json: join(ROOT, "package.json") };
  const words = [MAIN, "data", "./-things.csv", "--json"];
  const env = { ...below, INIT_CWD: join(home, "my data") };
  const out = execFileSync(process.execPath, words, { cwd: ROOT, env, encoding: "utf8" });
  expect(JSON.parse(out).features).toBe(4);
});
