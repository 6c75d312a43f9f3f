// The package as npm hands it out: built, packed, installed without a network, and used.
import { execFileSync, spawnSync } from "node:child_process";
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
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENTRIES } from "../../scripts/join.mjs";
import { packedManifest, packedReadme } from "../../scripts/manifest.mjs";
import { nativePackages, ownPackage, writeNativePackage } from "../../scripts/native-package.mjs";
import { npm, pack, packLibrary } from "../../scripts/try-package.mjs";
import { findAddon, PREBUILT } from "../../src/engines/native/addon.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "deltaprop-package-"));
const app = join(folder, "app");
const installed = join(app, "node_modules", "deltaprop");
const addon = join(root, "build", `deltaprop-${process.platform}-${process.arch}.node`);
const native = "addon" in findAddon() && ownPackage() !== undefined;
let tarball = "";

beforeAll(async () => {
  tarball = await packLibrary(folder);
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{ "private": true }');
  npm(app, "install", "--offline", tarball);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program in the app prints, on this Node or another. */
function run(name: string, source: string, node = process.execPath): string {
  writeFileSync(join(app, name), source);
  return execFileSync(node, [name], { cwd: app, encoding: "utf8" }).trim();
}

const TASK = `
  const network = defineNetwork([784, 32, 10]);
  const { train: rows, test } = await drawDigits({ seed: 1, train: 500, test: 50 });
  const options = { epochs: 2, learningRate: 0.1, seed: 1, threads: 2 };
  const { model, parametersSha256 } = await train(network, rows, options);
  console.log((await predict(model, test.features)).classes.length, parametersSha256);`;
const NAMES = "{ defineNetwork, drawDigits, predict, train }";

test("an installation is one package, without scripts, and says on which Node it runs", () => {
  expect(readdirSync(join(app, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["deltaprop"]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<string, unknown>;
  for (const key of ["scripts", "workspaces", "allowScripts", "devDependencies", "dependencies"])
    expect(manifest).not.toHaveProperty(key);
  expect(manifest).toMatchObject({ name: "deltaprop", engines: { node: "^20.19 || ^22.12 || >=24" } });
  expect(readFileSync(join(installed, "dist/vendor/licences.txt"), "utf8")).toMatch(
    /commander[\s\S]*fastify[\s\S]*temml/,
  );
  expect(statSync(tarball).size).toBeLessThan(1_600_000); // without the pages
});

test("the bill of materials names every package whose code is in the archive, with its version and licence", () => {
  const text = readFileSync(join(installed, "dist/vendor/sbom.cdx.json"), "utf8");
  const { components, ...bill } = JSON.parse(text) as {
    components: { name: string; version: string; licenses: object[] }[];
  };
  expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  const names = components.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["commander", "csv-parse", "fastify", "ajv", "pino", "prom-client", "temml"]),
  );
  expect(names).not.toContain("vite");
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  for (const { name, version, licenses } of components) {
    expect(devDependencies[name] ?? version, name).toBe(version);
    expect(licenses, name).toHaveLength(1);
  }
  const notices = readFileSync(join(installed, "dist/vendor/licences.txt"), "utf8");
  expect(names.filter((name) => !notices.includes(name))).toEqual([]);
});

test("import and require give the same module in Node, and a tool that knows only require the CommonJS copy", () => {
  const both =
    'import { createRequire } from "node:module"; import * as a from "deltaprop"; const require = createRequire(import.meta.url);';
  expect(run("same.mjs", `${both} console.log(require("deltaprop").train === a.train)`)).toBe("true");
  const copy = join(installed, "dist/cjs/index.js");
  const names = run("copy.cjs", `console.log(Object.keys(require(${JSON.stringify(copy)})).sort().join())`);
  expect(names).toBe(run("names.mjs", 'console.log(Object.keys(await import("deltaprop")).sort().join())'));
  expect(names).toContain("train");
});

test("modules, CommonJS, and this checkout train to the same bits, on two threads", { timeout: 60_000 }, () => {
  const module = run("task.mjs", `import ${NAMES} from "deltaprop"; ${TASK}`);
  const copy = JSON.stringify(join(installed, "dist/cjs/index.js"));
  expect(module).toMatch(/^50 [0-9a-f]{64}$/);
  expect(run("task.cjs", `const ${NAMES} = require(${copy}); (async () => { ${TASK} })();`)).toBe(module);
  const source = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  expect(run("source.mjs", `import ${NAMES} from ${source}; ${TASK}`)).toBe(module);
});

test.each(["esm", "cjs"] as const)(
  "a bundle (%s) in another folder does on one thread what its worker cannot do, with the same bits, and says so once",
  { timeout: 60_000 },
  async (format) => {
    const here = run("task.mjs", `import ${NAMES} from "deltaprop"; ${TASK}`);
    writeFileSync(join(app, "entry.mjs"), `import ${NAMES} from "deltaprop"; (async () => { ${TASK} })();`);
    const bundle = await rolldown({ input: join(app, "entry.mjs"), cwd: app, platform: "node" });
    const { output } = await bundle.generate({ format, codeSplitting: false });
    await bundle.close();
    const elsewhere = mkdtempSync(join(folder, "bundle-"));
    const file = join(elsewhere, format === "esm" ? "bundle.mjs" : "bundle.cjs");
    writeFileSync(file, output[0].code);
    const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: elsewhere, encoding: "utf8" });
    expect(stdout.trim()).toBe(here);
    expect(stderr).toMatch(
      /^deltaprop: workers cannot start here, so one thread does the work, with the same bits \(.*\)\.\n$/,
    );
  },
);

describe.skipIf(!native)("with the platform package beside it", () => {
  beforeAll(() => {
    const made = writeNativePackage(join(folder, "native"), addon);
    npm(app, "install", "--offline", "--no-save", tarball, pack(made, join(folder, "packed")));
  });
  afterAll(() => rmSync(join(app, "node_modules", "@deltaprop"), { recursive: true }));

  test("the native engine is the first choice of an installed library, and of a bundle that lies elsewhere", async () => {
    const source = 'import { chooseEngine } from "deltaprop/sessions"; console.log(chooseEngine("auto").name);';
    expect(run("native.mjs", source)).toBe("native");
    const bundle = await rolldown({ input: join(app, "native.mjs"), platform: "node", cwd: app });
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
    await bundle.close();
    mkdirSync(join(app, "out"), { recursive: true });
    expect(run("out/bundle.mjs", output[0].code)).toBe("native");
  });
});

test("without the platform package, the native engine says what to install", () => {
  const source = 'import { ENGINES } from "deltaprop/sessions"; console.log(ENGINES[0].name, ENGINES[0].missing());';
  const said = run("missing.mjs", source);
  if ((PREBUILT as readonly string[]).includes(`${process.platform}-${process.arch}`))
    expect(said).toMatch(
      `native there is no native code here. Install it with: npm install @deltaprop/${process.platform}`,
    );
  else expect(said).toMatch(/native there is no native code for /);
});

test("every system that the library looks for has a platform package, and the other way round", () => {
  const systems = nativePackages().map(({ name }) => name.replace(/^@deltaprop\/|-musl$/g, ""));
  expect([...new Set(systems)]).toEqual([...PREBUILT]);
});

/** Compressed size of what a page with a bundle of `source` loads before it runs: without what is imported later. */
async function bundled(source: string): Promise<number> {
  writeFileSync(join(app, "entry.mjs"), source);
  const bundle = await rolldown({ input: join(app, "entry.mjs"), cwd: app, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = output.filter((part) => part.type === "chunk");
  const loaded = new Set([output[0]]);
  for (const { imports } of loaded)
    for (const name of imports) loaded.add(chunks.find(({ fileName }) => fileName === name)!);
  return [...loaded].reduce((bytes, { code }) => bytes + gzipSync(code).length, 0);
}

test("a bundle that only predicts is smaller than 13 kB compressed, with names of columns and classes than 15 kB, one that trains than 74 kB", async () => {
  const model = 'import { decodeModel, predict } from "deltaprop/predict"; console.log(decodeModel, predict);';
  expect(await bundled(model)).toBeLessThan(13_000);
  expect(await bundled('import { load } from "deltaprop/predict"; console.log(load);')).toBeLessThan(15_400);
  expect(await bundled('import { train } from "deltaprop"; console.log(train);')).toBeLessThan(74_000);
});

/** The files of ours that an import of `entry` loads. */
function loadedBy(entry: string): string[] {
  const source = `
    import { registerHooks } from "node:module";
    const files = [];
    registerHooks({ load(url, context, next) { files.push(url); return next(url, context); } });
    await import(${JSON.stringify(entry)});
    console.log(JSON.stringify(files.filter((url) => url.includes("/deltaprop/dist/"))));`;
  const files = JSON.parse(run("loaded.mjs", source)) as string[];
  return files.map((url) => url.replace(/^.*\/deltaprop\/dist\//, "")).sort();
}

test("an import loads few files: two to predict, four for everything that a classifier takes", () => {
  expect(loadedBy("deltaprop/predict")).toEqual(["chunks/errors.js", "predict.js"]);
  const main = ["chunks/errors.js", "chunks/kernels.js", "chunks/library.js", "index.js"];
  expect(loadedBy("deltaprop")).toEqual(main);
  expect(loadedBy("deltaprop/node")).toEqual(
    ["chunks/disk.js", "chunks/reading.js", "node.js", ...main.slice(0, 3)].sort(),
  );
  expect(loadedBy("deltaprop/training").length).toBeLessThanOrEqual(main.length + 1);
  expect(loadedBy("deltaprop/check").length).toBeLessThanOrEqual(main.length + 2);
  expect(loadedBy("deltaprop/sessions").length).toBe(main.length);
  expect(loadedBy("deltaprop/files").filter((file) => /parquet|png|npz|csv/.test(file))).toEqual([]);
});

test("the worker's files do not start workers: a bundler would follow them for ever", () => {
  const read = (file: string) => readFileSync(join(installed, "dist/chunks", file), "utf8");
  const imports = [...read("worker.js").matchAll(/from "\.\/([^"]+)"/g)].map(([, file]) => file!);
  expect(imports).toContain("kernels.js");
  for (const file of ["worker.js", ...imports]) expect(read(file), file).not.toMatch(/new Worker\(/);
  expect(read("library.js")).toContain('new Worker(new URL("./worker.js", import.meta.url)');
});

test("an error of one entry is of the class that another exports", () => {
  const source = `
    import { DeltapropError, InvalidInput } from "deltaprop";
    import { predict } from "deltaprop/predict";
    import { readNpy } from "deltaprop/files";
    const caught = (f) => { try { f(); } catch (error) { return error; } };
    const errors = [caught(() => predict({ network: { layers: [2, 2] } }, [])), caught(() => readNpy(new Uint8Array(3)))];
    console.log(errors.every((error) => error instanceof InvalidInput && error instanceof DeltapropError));`;
  expect(run("classes.mjs", source)).toBe("true");
});

test("a stack leads to the source's line", () => {
  const source =
    'import { fromArrays } from "deltaprop"; try { fromArrays([[1]], []); } catch (e) { console.log(e.stack); }';
  writeFileSync(join(app, "stack.mjs"), source);
  const stack = execFileSync(process.execPath, ["--enable-source-maps", "stack.mjs"], { cwd: app, encoding: "utf8" });
  const [, line] = /src[\\/]data[\\/]from-arrays\.ts:(\d+)/.exec(stack) ?? [];
  const sources = readFileSync(join(root, "src/data/from-arrays.ts"), "utf8").split("\n");
  expect(sources[Number(line) - 1]).toContain('"at least one label"');
});

test.each([
  ["node16", "typed.mts", "node16"],
  ["node16", "typed.cts", "node16"],
  ["bundler", "typed.ts", "esnext"],
])(
  "every entry's types are found and sound with moduleResolution %s in %s",
  { timeout: 60_000 },
  (resolution, file, module) => {
    const names = ENTRIES.map((entry) => (entry === "index" ? "deltaprop" : `deltaprop/${entry}`));
    const uses = names.map((name, n) => `import * as e${n} from "${name}";\nexport const n${n}: object = e${n};`);
    const fit =
      'import { fit, fromArrays } from "deltaprop";\nexport const label = async (): Promise<string> => (await fit(fromArrays([[1]], ["a"]), { engine: "wasm" })).predict([1]).label;';
    writeFileSync(join(app, file), [...uses, fit].join("\n"));
    const to = ["--module", module, "--moduleResolution", resolution, "--target", "es2024", "--types", "node"];
    const types = ["--typeRoots", join(root, "node_modules", "@types"), "--lib", "es2024,esnext.disposable,dom"];
    const tsc = [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "false"];
    const { status, stdout } = spawnSync(process.execPath, [...tsc, ...to, ...types, file], {
      cwd: app,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, ""]);
  },
);

test("the types ask for no library but es2022, and for no TypeScript after 5.4", { timeout: 60_000 }, () => {
  const names = ENTRIES.filter((entry) => entry !== "node").map((entry) => `deltaprop/${entry}`.replace("/index", ""));
  writeFileSync(join(app, "plain.mts"), names.map((name, n) => `export * as e${n} from "${name}";`).join("\n"));
  const to = ["--module", "node16", "--moduleResolution", "node16", "--target", "es2022", "--lib", "es2022"];
  const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--typeRoots", join(app, "none")];
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), ...options, ...to, "plain.mts"];
  const { status, stdout } = spawnSync(process.execPath, tsc, { cwd: app, encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
  const declared = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" });
  const newer = declared.filter(
    (name) => name.endsWith(".d.ts") && /Array<ArrayBuffer/.test(readFileSync(join(installed, "dist", name), "utf8")),
  );
  expect(newer).toEqual([]); // typed arrays are generic from 5.7 on; `npm run test:bundlers -- types` runs 5.4 and 5.6
});

test("the packed README's links and pictures lead to the repository, at this version", () => {
  const repository = { url: "git+https://github.com/deltaprop/deltaprop.git" };
  const packed = (text: string) => packedReadme(text, { version: "1.2.3", repository });
  const files = "https://github.com/deltaprop/deltaprop/blob/v1.2.3/";
  expect(packed("[a](docs/a.md#b) [c](https://c.org) [d](#e)")).toBe(
    `[a](${files}docs/a.md#b) [c](https://c.org) [d](#e)`,
  );
  expect(packed("![p](docs/p.svg)")).toBe(
    "![p](https://raw.githubusercontent.com/deltaprop/deltaprop/v1.2.3/docs/p.svg)",
  );
  const relative = [...readFileSync(join(installed, "README.md"), "utf8").matchAll(/\]\((?!https?:|#)[^)]*\)/g)];
  expect(relative).toEqual([]);
});

test("published platform packages are named as optional dependencies of the same version, and only then", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  expect(packedManifest(manifest, { native: false })).not.toHaveProperty("optionalDependencies");
  const { optionalDependencies } = packedManifest(manifest, { native: true }) as { optionalDependencies: object };
  expect(optionalDependencies).toHaveProperty(["@deltaprop/linux-x64"], manifest.version);
  expect(Object.keys(optionalDependencies)).toHaveLength(nativePackages().length);
});

test("the installed program starts, and on an old Node it says so in a line", () => {
  const program = join(installed, "dist/cli/start.js");
  expect(execFileSync(process.execPath, [program, "--version"], { encoding: "utf8" }).trim()).toMatch(
    /^\d+\.\d+\.\d+$/,
  );
  const old = `Object.defineProperty(process.versions, "node", { value: "18.20.8" }); await import(${JSON.stringify(program)});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", old], { encoding: "utf8" });
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(/^error OLD_NODE Deltaprop needs Node 22\.18 or later; this is 18\.20\.8\. [^\n]*\n$/),
  ]);
});

/** A Node 20 beside the one that runs the tests. */
const node20 = ["/usr/bin/node", "/usr/local/bin/node", process.env.NODE20 ?? ""].find(
  (path) => existsSync(path) && /^v20\./.test(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout),
);

test.skipIf(node20 === undefined)("Node 20 trains to the same bits, also on two threads", { timeout: 60_000 }, () => {
  const source = `import ${NAMES} from "deltaprop"; ${TASK}`;
  expect(run("old.mjs", source, node20)).toBe(run("new.mjs", source));
});
