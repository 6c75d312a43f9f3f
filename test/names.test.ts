// Names that a reader can trust: no base name twice, no exported type name with two meanings, and every file and symbol
// that a banner names exists.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const filesOf = (folder: string, pattern: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((name) => pattern.test(name))
    .sort();
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const sources = filesOf("src", /\.tsx?$/);

/** Entrances, which may share a name: of folders by these names, of the package by lying in src itself. */
const DOORS = ["index", "view", "main"];
const isEntry = (file: string) => /^src\/[^/]+$/.test(file);

/** Keys that stand for more than one file, with these files. */
function repeated(pairs: readonly (readonly [key: string, file: string])[]): string[] {
  return [...Map.groupBy(pairs, ([key]) => key)]
    .filter(([, same]) => new Set(same.map(([, file]) => file)).size > 1)
    .map(([key, same]) => `${key}: ${same.map(([, file]) => file).join(", ")}`);
}

test("no base name stands twice in src, but those of entrances", () => {
  const names = sources.map((file) => [basename(file).replace(/\.(d\.)?tsx?$/, ""), file] as const);
  expect(repeated(names.filter(([name, file]) => !DOORS.includes(name) && !isEntry(file)))).toEqual([]);
  expect(
    repeated([
      ["run", "a/run.ts"],
      ["run", "b/run.ts"],
      ["walk", "a/walk.ts"],
    ]),
  ).toEqual(["run: a/run.ts, b/run.ts"]);
});

/** Names of types that a source exports. */
const exportedTypes = (source: string): string[] =>
  [...source.matchAll(/^export (?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm)].map(
    ([, name]) => name!,
  );

test("no exported type name has two meanings", () => {
  const names = sources.flatMap((file) => exportedTypes(read(file)).map((name) => [name, file] as const));
  expect(names.length).toBeGreaterThan(100);
  expect(repeated(names)).toEqual([]);
  expect(exportedTypes("export type A = 1;\nexport class B {}\ntype C = 2;\nexport { type D } from './d.ts';")).toEqual(
    ["A", "B"],
  );
});

const CODE = [
  ...sources,
  ...filesOf("native", /\.(c|h|mjs)$/),
  ...filesOf("bench", /\.(ts|mjs|c|py)$/),
  ...filesOf("test", /\.(ts|py)$/),
  ...filesOf("scripts", /\.(ts|mjs)$/),
];

/** The comment at the head of a file. */
const bannerOf = (source: string): string => /^(#!.*\n)?((\/\/.*\n|# .*\n)+|\/\*[\s\S]*?\*\/)/.exec(source)?.[2] ?? "";

/** Files that a banner names and symbols in backticks, other than `code` with blanks or punctuation. */
function namedIn(banner: string): { files: string[]; symbols: string[] } {
  const files = [...banner.matchAll(/(?<![\w./*-])((?:[\w-]+\/)*[\w-]+\.(?:tsx?|mjs|c|h|py|md|json))(?![\w/])/g)];
  const symbols = [...banner.matchAll(/`([A-Za-z_]\w*)(?:\(\))?`/g)];
  return { files: files.map(([, name]) => name!), symbols: symbols.map(([, name]) => name!) };
}

const EVERY = [
  ...CODE,
  ...filesOf("docs", /\.md$/),
  ...["README.md", "CONTRIBUTING.md", "package.json"],
  ...["run.json", "index.json", "test-set.json"], // written by the program, not in the repository
  ...["Encodings.md", "thrift-compact-protocol.md", "complex.h"], // of Parquet, Thrift and C
];
const exists = (name: string, from: string) =>
  EVERY.some((file) => file === name || file.endsWith(`/${name}`)) ||
  EVERY.includes(join(dirname(from), name).replaceAll("\\", "/"));

test("files and symbols that a banner names exist", () => {
  const all = CODE.map(read).join("\n");
  const missing = CODE.flatMap((file) => {
    const { files, symbols } = namedIn(bannerOf(read(file)));
    const rest = (name: string) => (all.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length;
    return [...files.filter((name) => !exists(name, file)), ...symbols.filter((name) => rest(name) < 2)].map(
      (name) => `${file} names ${name}`,
    );
  });
  expect(missing).toEqual([]);
  expect(namedIn("// See `walk` in engines/walk.ts, and `a b`.")).toEqual({
    files: ["engines/walk.ts"],
    symbols: ["walk"],
  });
});
