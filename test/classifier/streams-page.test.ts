// The program of docs/streams.md prints what the page says.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

test("the program of docs/streams.md prints what the page says", () => {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(readFileSync(resolve(root, "docs/streams.md"), "utf8"))!;
  const [, expected] = /\n\/\/ (.*)\n$/.exec(program!)!;
  const index = pathToFileURL(resolve(root, "src/index.ts")).href;
  const source = program!.replace('from "deltaprop"', `from ${JSON.stringify(index)}`);
  const flags = ["--input-type=module-typescript", "--no-warnings", "-e", source];
  expect(execFileSync(process.execPath, flags, { encoding: "utf8" })).toBe(`${expected}\n`);
});
