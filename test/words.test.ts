// Messages use the user's words (file, row, column, class, an option's name), not those of our sources.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync } from "rolldown/utils";
import { expect, test } from "vitest";
import { show } from "../src/errors.ts";
import { folder, writeTable } from "./cli/run.ts";
import { call } from "./hostile/fuzz-cli.ts";

const SRC = resolve(import.meta.dirname, "../src");

/** What a message must not say; `…` stands for a value that is filled in. */
const INNER = [
  /\blayers\[/, //                                 the inputs, the outputs of the network
  /\bpart [\d…]/, //                               the test part, the rows held out
  /\bcodec [\d…]/, //                              snappy, zstd
  /\bencoding [\d…]/,
  /(Uint8|Int32|Uint32|Float32|Float64)Array\(/, // 8 bytes, 100 float32 numbers
  /\bdescr must\b/, //                             its dtype
  /\bthe (plan|journal|arena|scratch|rank)\b/,
  /\b(undefined|NaN|null) (was|is) passed\b/,
  /\[object /,
];

/**
 * Sources whose callers gave those very arrays, the sessions' floor, whose words are in docs/glossary.md, and the code
 * of exported modules.
 */
const THEIR_OWN = ["network/network.ts", "training/trainer.ts", "engines/", "files/export/js-"];

type Node = { readonly type: string; readonly [key: string]: unknown };

/** Texts of a source that have a blank, so that they can be a message or a part of one. */
function textsOf(source: string, file = "x.ts"): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    if (typeof value !== "object" || value === null || typeof (value as Node).type !== "string") return;
    const node = value as Node;
    if (node.type === "Literal" && typeof node.value === "string") found.push(node.value);
    if (node.type === "TemplateLiteral")
      found.push((node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join("…"));
    for (const child of Object.values(node)) if (typeof child === "object") visit(child);
  };
  visit(parseSync(file, source).program);
  return found;
}

const innerWords = (texts: readonly string[]) =>
  texts.filter((text) => /[ []/.test(text) && INNER.some((word) => word.test(text)));

test("no text of the sources that can be shown has a word of ours", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !/^studio\/|\.d\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(200);
  const texts = files
    .filter((file) => !THEIR_OWN.some((own) => file.startsWith(own)))
    .map((file) => [file, textsOf(readFileSync(join(SRC, file), "utf8"), file)] as const);
  expect(texts.flatMap(([file, all]) => innerWords(all).map((text) => `${file}: ${text}`))).toEqual([]);
  expect(texts.reduce((sum, [, all]) => sum + all.length, 0)).toBeGreaterThan(3000);
  const planted = 'must(ok, "layers[0]", `codec $' + "{n}`); const a = `part $" + "{p + 1}`;";
  expect(innerWords(textsOf(planted))).toEqual(["layers[0]", "codec …", "part …"]);
});

test("an array in a message is told by its length and its kind of number", () => {
  const arrays = [
    new Uint8Array(100),
    new Uint8ClampedArray(3),
    new Float32Array(100),
    new Float64Array(7),
    new Int32Array(2),
    new Uint16Array(4),
    new BigInt64Array(5),
    new DataView(new ArrayBuffer(9)),
  ];
  expect(arrays.map((array) => show(array))).toEqual([
    "100 bytes",
    "3 bytes",
    "100 float32 numbers",
    "7 float64 numbers",
    "2 integers",
    "4 integers",
    "5 integers",
    "9 bytes",
  ]);
});

test("on the command line an option is named as it is typed, whoever refuses its value", async () => {
  const [home, remove] = folder();
  try {
    const table = join(home, "t.csv");
    writeTable(table, 60);
    const refused = async (...words: string[]) => (await call(words)).err;
    const train = (...words: string[]) => refused("train", table, "--out", join(home, "run"), ...words);
    expect(await train("--patience", "3", "--validation", "0")).toMatch(
      /^error INVALID_ARGUMENT --validation must be a number in \(0, 1\) when patience is set, got 0\./,
    );
    expect(await train("--engine", "fast")).toMatch(/^error INVALID_ARGUMENT --engine must be auto or one of native, /);
    expect(await refused("check", "--layers", "4")).toMatch(/^error INVALID_ARGUMENT --layers must be 2 to 257 sizes/);
    expect(await train("--class-weights", "1,1,1e39")).toMatch(
      /^error INVALID_ARGUMENT (number 3 of )?--class-weights must be /,
    );
    expect(await train("--layers", "5,3")).toMatch(
      /the first number of --layers must be 4, as the data have 4 features/,
    );
  } finally {
    remove();
  }
});
