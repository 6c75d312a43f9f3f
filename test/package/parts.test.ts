// What the parts of an installation weigh, and that they find each other.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { decode } from "@jridgewell/sourcemap-codec";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildLibrary } from "../../scripts/build.mjs";
import { ENTRIES } from "../../scripts/join.mjs";
import { packPages } from "../../scripts/pages.mjs";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { pageFiles, unpackedPage } from "../../src/cli/studio/static-files.ts";
import { rgba, writeJpeg, writeWebp } from "../data/write-pictures.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "deltaprop-parts-"));
const dist = join(folder, "dist");
const pages = join(folder, "dist", "pages");
let studio = "";

beforeAll(async () => {
  studio = await builtStudio();
  await buildLibrary(dist);
  packPages(dirname(studio), pages);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(dist, name), "utf8");

/** The files of a part, as dist names them. */
const filesOf = (part = ".", ending = ""): string[] =>
  readdirSync(join(dist, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map(({ parentPath, name }) => relative(dist, join(parentPath, name)).split(sep).join("/"));
const kilobytes = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0) / 1000;

test("an installation takes less than 6.1 MB on disk, in fewer than 470 files, and no part grows unseen", () => {
  const files = filesOf();
  const modules = files.filter((name) => /^(chunks\/|cli\/)?[^/]+\.js$/.test(name));
  const cjs = filesOf("cjs", ".js");
  expect(kilobytes(files)).toBeLessThan(6_000); // package.json, README, CHANGELOG and LICENSE have 50 more
  expect(files.length).toBeLessThan(465);
  expect(kilobytes(modules)).toBeLessThan(1_750);
  expect(kilobytes(cjs)).toBeLessThan(1_260);
  expect(kilobytes(filesOf(".", ".map"))).toBeLessThan(310);
  expect(kilobytes(filesOf(".", ".d.ts"))).toBeLessThan(360);
  expect(kilobytes(filesOf("vendor"))).toBeLessThan(1_700);
  expect(kilobytes(filesOf("pages"))).toBeLessThan(800);
  const others = files.filter((name) => !/\.(js|d\.ts|js\.map)$|^(vendor|pages)\//.test(name));
  expect(others).toEqual(["cjs/package.json"]);
});

test("the packed pages are the built ones, byte for byte", async () => {
  const packed = unpackedPage(brotliDecompressSync(readFileSync(join(pages, "studio.br"))));
  const built = await pageFiles(studio);
  expect([...packed.keys()].sort()).toEqual([...built.keys()].sort());
  for (const [address, file] of built) {
    const found = packed.get(address)!;
    expect([found.type, found.keep], address).toEqual([file.type, file.keep]);
    expect(Buffer.compare(await found.read(), await file.read()), address).toBe(0);
  }
  for (const page of ["report.html", "serve.html"])
    expect(brotliDecompressSync(readFileSync(join(pages, `${page}.br`))).toString()).toBe(
      readFileSync(join(dirname(studio), page), "utf8"),
    );
});

test("every file that a module names is there: of ours, of other packages, and WebAssembly", () => {
  const named = filesOf(".", ".js").flatMap((file) =>
    [...read(file).matchAll(/["'`](\.\.?\/[\w./-]+\.(?:js|wasm))["'`]/g)].map(([, name]) => [file, name!] as const),
  );
  expect(named.map(([, name]) => name)).toEqual(
    expect.arrayContaining(["../vendor/mozjpeg_dec.wasm", "../vendor/fastify.js", "./worker.js", "./kernels.js"]),
  );
  const missing = named.filter(([file, name]) => !existsSync(join(dist, dirname(file), name)));
  expect(missing.map(([file, name]) => `${file}: ${name}`)).toEqual([]);
  expect(filesOf()).toEqual(expect.arrayContaining(["chunks/rank-worker.js", "cli/main.js", "cli/start.js"]));
  expect(filesOf("chunks", ".js").some((file) => read(file).includes("./rank-worker"))).toBe(true); // beside it
});

test("what a page can load imports nothing of Node", () => {
  const reached = new Set(ENTRIES.filter((entry) => entry !== "node").map((entry) => `${entry}.js`));
  for (const file of reached)
    for (const [, name] of read(file).matchAll(/\b(?:from |import |import\()"(\.[^"]+)"/g))
      reached.add(join(dirname(file), name!).split(sep).join("/"));
  expect(reached.size).toBeGreaterThan(20);
  const asking = [...reached].filter((file) => /^(?:import|export)\b[^\n]*"node:/m.test(read(file)));
  expect(asking).toEqual([]);
});

test("declarations lie once: an entry's leads to those of the CommonJS copy", () => {
  const outside = filesOf(".", ".d.ts").filter((name) => !name.startsWith("cjs/"));
  expect(outside.sort()).toEqual(ENTRIES.map((entry) => `${entry}.d.ts`).sort());
  for (const entry of ENTRIES) {
    expect(read(`${entry}.d.ts`)).toBe(`export * from "./cjs/${entry}.js";\n`);
    expect(read(`cjs/${entry}.d.ts`)).not.toMatch(/\bexport default\b/); // which `export *` leaves out
  }
});

test("source maps lead to lines of this version's sources in the repository", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const maps = filesOf(".", ".map");
  expect(maps).toEqual(expect.arrayContaining(["predict.js.map", "chunks/library.js.map", "cli/train.js.map"]));
  let lines = 0;
  for (const file of maps) {
    const map = JSON.parse(read(file)) as { sourceRoot: string; sources: string[]; mappings: string };
    expect(map.sourceRoot).toBe(`https://raw.githubusercontent.com/deltaprop/deltaprop/v${version}/`);
    const lengths = map.sources.map((source) => readFileSync(join(root, source), "utf8").split("\n").length);
    for (const [, source, line] of decode(map.mappings).flat()) {
      expect(line!, `${file}: ${map.sources[source!]}`).toBeLessThan(lengths[source!]!);
      lines++;
    }
  }
  expect(lines).toBeGreaterThan(20_000);
});

test("pictures are decoded by WebAssembly that lies beside the modules, and beside the CommonJS copy", async () => {
  const spotted = (spot: number) => rgba(8, 8, (x) => (x < spot ? [250, 250, 250, 255] : [5, 5, 5, 255]));
  for (const [label, spot] of [["a", 2] as const, ["b", 6] as const]) {
    mkdirSync(join(folder, "pictures", label), { recursive: true });
    writeFileSync(join(folder, "pictures", label, "1.jpg"), await writeJpeg(spotted(spot)));
    writeFileSync(join(folder, "pictures", label, "2.webp"), await writeWebp(spotted(spot)));
  }
  const source = 'loadSource("pictures").then(({ train }) => console.log(train.rows, train.classes.join()));';
  const run = (name: string, text: string) => {
    writeFileSync(join(folder, name), `${text} ${source}`);
    return execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" });
  };
  expect(run("pictures.mjs", 'import { loadSource } from "./dist/node.js";')).toBe("4 a,b\n");
  expect(run("pictures.cjs", 'const { loadSource } = require("./dist/cjs/node.js");')).toBe("4 a,b\n");
});
