import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EnvironmentFailure, InvalidInput } from "../../src/errors.ts";
import { makeFolder, writeDurably } from "../../src/files/disk.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-durable-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is written whole, replaces the old one, and nothing else is left", async () => {
  const path = join(folder, "a");
  await writeDurably(path, "one");
  await writeDurably(path, Uint8Array.of(116, 119, 111));
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("where the new file cannot take its place, the reason is given and no temporary file stays", async () => {
  const inner = join(folder, "b");
  mkdirSync(join(inner, "taken", "full"), { recursive: true });
  const failure = writeDurably(join(inner, "taken"), "x");
  await expect(failure).rejects.toThrow(EnvironmentFailure);
  await expect(failure).rejects.toThrow(/could not write/);
  expect(readdirSync(inner)).toEqual(["taken"]);
});

test("a folder that does not exist is an environment failure, not a crash", async () => {
  await expect(writeDurably(join(folder, "nowhere", "x"), "x")).rejects.toThrow("the folder does not exist");
});

test("a file in the place of a folder is named", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file", "inner"))).rejects.toThrow(InvalidInput);
  await expect(makeFolder(join(folder, "file"))).rejects.toThrow(
    expect.objectContaining({ file: join(folder, "file") }),
  );
});
