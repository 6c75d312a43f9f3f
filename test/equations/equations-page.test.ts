// docs/equations.md and the numbers in the sources that it is made from.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { equationsPage, readSources, unknownNumbers } from "../../scripts/equations.ts";

const sources = readSources();
const PAGE = resolve(import.meta.dirname, "../../docs/equations.md");
const WASM = "src/engines/wasm/pointwise.ts";
const without = (file: string, comment: string) => {
  const text = sources.get(file)!;
  expect(text).toContain(comment);
  return new Map([...sources, [file, text.replace(comment, "//")]]);
};

test("docs/equations.md is current", async () => {
  const committed = readFileSync(PAGE, "utf8").replaceAll("\r\n", "\n");
  expect(committed, "stale: write it with `npm run equations`").toBe(await equationsPage(sources));
});

test("E17 leads to the functions of every engine", async () => {
  const row = (await equationsPage(sources)).split("\n").find((line) => line.startsWith("| E17 |"))!;
  for (const place of [
    "descend: `k.backpropagate(",
    "[`backpropagate`](../src/gradients/reference.ts)",
    "[`backpropagate`](../src/engines/wasm/products.ts)",
    "[`backpropagate`](../native/products.h)",
  ])
    expect(row).toContain(place);
});

test("an equation whose number leaves an engine's comments is missed", async () => {
  await expect(equationsPage(without(WASM, "// E36:"))).rejects.toThrow("No comment in WebAssembly has E36.");
});

test("every number in a comment of the sources is a row of the check", () => {
  expect(unknownNumbers(sources)).toEqual([]);
  const invented = new Map([["a.ts", "// E36 … E38, X1\nconst E99 = 1; // X99\n"]]);
  expect(unknownNumbers(invented)).toEqual(["a.ts: E38", "a.ts: X99"]);
});
