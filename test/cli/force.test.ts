// Every option that writes a file where the user says: what is there stays, unless --force is given.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNpy } from "../data/write-npy.ts";
import { deltaprop, folder, writeTable } from "./run.ts";

const [home, remove] = folder();
const path = (...parts: string[]) => join(home, ...parts);

beforeAll(async () => {
  writeTable(path("things.csv"), 60);
  writeFileSync(path("X.npy"), writeNpy("f4", [2, 4], new Float32Array(8)));
  writeFileSync(path("y.npy"), writeNpy("i8", [2], [0, 1]));
  const words = ["train", "things.csv", "--hidden", "4", "--epochs", "1", "--out", "run", "--quiet"];
  expect((await deltaprop(home, words)).code).toBe(0);
});
afterAll(remove);

const WRITERS: Readonly<Record<string, readonly string[]>> = {
  "check --html": ["check", "--layers", "2,2", "--sample", "1", "--batch-size", "1", "--html", "FILE"],
  "gradients --out": ["gradients", "run", "--inputs", "X.npy", "--labels", "y.npy", "--out", "FILE"],
  "export --onnx": ["export", "run", "--onnx", "FILE"],
  "export --safetensors": ["export", "run", "--safetensors", "FILE"],
  "export --js": ["export", "run", "--js", "FILE.mjs"],
  "export --json": ["export", "run", "--json", "FILE"],
  "report --out": ["report", "run", "--out", "FILE"],
};

test.each(Object.entries(WRITERS))(
  "%s keeps a file that is there, says --force, and replaces it with it",
  async (name, given) => {
    const words = given.map((word) => word.replace("FILE", name.replaceAll(/\W/g, "")));
    const file = words.find((word, k) => given[k] !== word)!;
    writeFileSync(path(file), "precious");
    const precious = () => readFileSync(path(file), "utf8") === "precious";
    const kept = await deltaprop(home, words);
    expect([kept.code, precious()]).toEqual([2, true]);
    expect(kept.err).toMatch(
      new RegExp(`^error OUT_TAKEN ${file}: a .*file is there.* or replace it with --force\\.\n$`),
    );
    const forced = await deltaprop(home, [...words, "--force"]);
    expect([forced.code, forced.err]).toEqual([0, ""]);
    expect(precious()).toBe(false);
  },
);

test("with --force a folder or a link is not replaced either", async () => {
  mkdirSync(path("kept"));
  symlinkSync("things.csv", path("link"));
  for (const [file, what] of [
    ["kept", "a folder is there"],
    ["link", "it is no plain file"],
  ]) {
    const { code, err } = await deltaprop(home, ["check", "--layers", "2,2", "--html", file!, "--force"]);
    expect([code, err]).toEqual([2, `error OUT_TAKEN ${file}: ${what}. Choose another name.\n`]);
  }
  expect(existsSync(path("things.csv"))).toBe(true);
});
