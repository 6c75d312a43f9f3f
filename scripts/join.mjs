// What the bundler makes of tsc's modules: few files, because each costs Node some 0.5 ms to load. dist/*.js and
// dist/chunks: the entries as modules; dist/cli: the command line, on the same chunks. dist/cjs: the entries as
// CommonJS, for tools that cannot `require` a module: Jest's default transform, ts-node, old resolvers of TypeScript.
// Node itself takes the modules by the condition "module-sync", so one program never holds both copies.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { rolldown } from "rolldown";
import { rawFiles } from "./manifest.mjs";

export const ENTRIES = ["index", "node", "predict", "training", "files", "sessions", "check"];

// Jest looks a global up through its sandbox at every use; a constant of the module is as fast as in Node.
const GLOBALS =
  "const { Math, Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, DataView } = globalThis;";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const ofProgram = (id) => /[\\/]modules[\\/](cli|serve)[\\/]/.test(id);

/** As package.json says, wherever the modules lie: those of the library do nothing but export. */
const treeshake = { moduleSideEffects: ofProgram };

/** The entries and the worker, by the name of the file that each becomes. */
function inputsOf(modules, worker) {
  const entries = Object.fromEntries(ENTRIES.map((name) => [name, join(modules, `${name}.js`)]));
  return { ...entries, [worker]: join(modules, "engines", "worker.js") };
}

/** Without white space, and with the functions' names: a stack still says where. */
export async function buildCommonJs(modules, folder) {
  const bundle = await rolldown({
    input: inputsOf(modules, "worker"),
    platform: "node",
    external: /^node:/,
    treeshake,
  });
  await bundle.write({
    dir: folder,
    format: "cjs",
    comments: false,
    chunkFileNames: "[name].js",
    intro: GLOBALS,
    minify: { mangle: { keepNames: true }, compress: { keepNames: { function: true, class: true } } },
  });
  await bundle.close();
  if (!existsSync(join(folder, "worker.js"))) throw new Error("dist/cjs has no worker.js");
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n');
}

/** tsc's modules with tsc's maps, so that the maps of what is joined lead to the sources. */
const WITH_MAPS = {
  name: "with-maps",
  load(id) {
    if (!existsSync(`${id}.map`)) return undefined;
    return { code: readFileSync(id, "utf8"), map: JSON.parse(readFileSync(`${id}.map`, "utf8")) };
  },
};

/**
 * The entries and the command line from tsc's modules. dist/predict.js shares the errors with the others and nothing
 * else, so that it stays one small file.
 */
export async function buildModules(modules, dist) {
  const errors = join(modules, "chunks", "errors.js");
  const { predict, ...input } = inputsOf(modules, "chunks/worker");
  const program = {
    "chunks/rank-worker": join(modules, "engines", "ranks", "rank-worker.js"),
    "cli/start": join(modules, "cli", "start.js"),
    "cli/main": join(modules, "cli", "main.js"),
  };
  // what is imported later stays a file of its own
  const own = new Set(Object.values(input));
  const { node: _, ...ofPages } = inputsOf(modules, "chunks/worker");
  const inPages = reachedFrom(Object.values(ofPages), IMPORT);
  const byMain = reachedFrom([input.index], IMPORT);
  const reachedBy = (entry) => {
    const reached = reachedFrom([input[entry]]);
    return (id) => reached.has(id);
  };
  const [byNode, byFiles] = [reachedBy("node"), reachedBy("files")];
  // in this order: a module is in the first group that has it
  const groups = Object.entries({
    errors: (id) => [join(modules, "errors.js"), join(modules, "files", "library-version.js")].includes(id),
    kernels: reachedBy("chunks/worker"), // the worker must not load what starts it
    library: reachedBy("index"),
    reading: (id) => byNode(id) && inPages.has(id), // without node:, which a page has not
    disk: byNode,
    steps: reachedBy("training"),
    report: reachedBy("check"),
    formats: (id) => byFiles(id) && !byMain.has(id),
  }).map(([name, has], n) => ({ name, test: (id) => has(id) && !own.has(id), priority: 100 - n }));
  const folderOf = ({ moduleIds }) => (moduleIds.some(ofProgram) ? "cli" : "chunks");
  const chunks = [
    ...(await chunksOf({ ...input, ...program }, [], groups)),
    ...(await chunksOf({ predict }, [sharedErrors(errors)], [])),
  ];

  async function chunksOf(entries, plugins, groups) {
    const all = [WITH_MAPS, others(modules), ...plugins];
    const bundle = await rolldown({
      cwd: dist,
      input: entries,
      platform: "neutral",
      external: /^node:/,
      plugins: all,
      treeshake,
    });
    const { output } = await bundle.generate({
      dir: dist,
      format: "esm",
      comments: false,
      sourcemap: true,
      entryFileNames: "[name].js",
      chunkFileNames: (chunk) => `${folderOf(chunk)}/[name].js`,
      codeSplitting: { groups },
      minifyInternalExports: false, // predict.js imports errors by their names
    });
    await bundle.close();
    return output.filter(({ type }) => type === "chunk");
  }
  for (const { fileName, code, map } of chunks) {
    const file = join(dist, fileName);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code.replaceAll(/^\/\/ modules\/(.+)\.js$/gm, "// src/$1.ts"));
    if (map) writeFileSync(`${file}.map`, JSON.stringify(mapByLines(file, map)));
  }
}

/**
 * A map that leads to the lines of the sources, a quarter as large as one that leads to their columns. The sources are
 * those of this version in the repository: the package holds none.
 */
function mapByLines(file, { mappings, sources }) {
  const { version, repository } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const lines = decode(mappings).map((segments) =>
    segments.flatMap(([column, source, line], n) => {
      const [, source_, line_] = segments[n - 1] ?? [];
      return line === undefined || (source === source_ && line === line_) ? [] : [[column, source, line, 0]];
    }),
  );
  return {
    version: 3,
    sourceRoot: `${rawFiles(repository, version)}/`,
    sources: sources.map((source) =>
      relative(ROOT, resolve(dirname(file), source))
        .split(sep)
        .join("/"),
    ),
    names: [],
    mappings: encode(lines),
  };
}

/** Other packages' code stays in the files that vendor.mjs made. Places are as if `modules` were dist. */
const others = (modules) => ({
  name: "others",
  resolveId(id) {
    const [, file] = /[\\/]vendor[\\/](.+)$/.exec(id) ?? [];
    return file === undefined ? undefined : { id: join(modules, "vendor", file), external: true };
  },
});

/** Every import of errors.js leads to the shared one. */
const sharedErrors = (errors) => ({
  name: "shared-errors",
  resolveId: (id) => (/[\\/]errors\.js$/.test(id) ? { id: errors, external: true } : undefined),
});

const NOW = /\b(?:from\s*|import\s*)"(\.[^"]*)"/g;
const IMPORT = /\b(?:from\s*|import\s*|import\(\s*)"(\.[^"]*)"/g;

/** These modules and all that they import, by default without what is imported later. */
function reachedFrom(roots, imports = NOW) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(imports)) visit(resolve(dirname(file), specifier));
  };
  for (const root of roots) visit(root);
  return reached;
}
