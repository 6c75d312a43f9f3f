// What the bundler makes of tsc's modules: few files, because each costs Node some 0.5 ms to load. dist/*.js and
// dist/chunks: the entries as modules. dist/cjs: the same entries as CommonJS, for tools that cannot `require` a
// module: Jest's default transform, ts-node, old resolvers of TypeScript. Node itself takes the modules by the
// condition "module-sync", so one program never holds both copies.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { minifySync } from "rolldown/utils";

export const ENTRIES = ["index", "node", "predict", "training", "files", "sessions", "check"];
const VENDOR = /^(temml|jsquash-.*)\.js$/;
const OTHER = /^(cli|serve|studio|cjs|vendor|chunks)[\\/]/;

// Jest looks a global up through its sandbox at every use; a constant of the module is as fast as in Node.
const GLOBALS =
  "const { Math, Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, DataView } = globalThis;";

/** The entries and the worker, by the name of the file that each becomes. */
function inputsOf(dist, worker) {
  const entries = Object.fromEntries(ENTRIES.map((name) => [name, join(dist, `${name}.js`)]));
  return { ...entries, [worker]: join(dist, "engines", "worker.js") };
}

export async function buildCommonJs(dist) {
  const bundle = await rolldown({ input: inputsOf(dist, "worker"), platform: "node", external: /^node:/ });
  const folder = join(dist, "cjs");
  await bundle.write({ dir: folder, format: "cjs", comments: false, chunkFileNames: "[name].js", intro: GLOBALS });
  await bundle.close();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    const placed = text.replaceAll(/"\.\.\/\.\.\/vendor\/([^"/]+\.wasm)"/g, '"../vendor/$1"'); // seen from dist/cjs
    const others = VENDOR.test(name); // code of other packages alone
    const written = others ? minifySync(name, placed, { module: false }).code : placed;
    if (written !== text) writeFileSync(join(folder, name), written);
  }
  if (!existsSync(join(folder, "worker.js"))) throw new Error("dist/cjs has no worker.js");
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  const types = readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const name of types.filter((file) => file.endsWith(".d.ts") && !OTHER.test(file))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(dist, name), join(folder, name));
  }
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
 * Replace the entries by joined ones, and remove the modules that the command line does not use. dist/predict.js shares
 * the errors with the other entries and nothing else, so that it stays one small file.
 */
export async function joinEntries(dist) {
  const errors = join(dist, "chunks", "errors.js");
  const external = (id) => id.startsWith("node:") || /[\\/]vendor[\\/]/.test(id) || resolve(id) === errors;
  const { predict, ...input } = inputsOf(dist, "chunks/worker");
  // what is imported later stays a file of its own
  const kernels = reachedFrom([input["chunks/worker"]], NOW); // a chunk: the worker must not load what starts it
  const library = reachedFrom([input.index], NOW);
  for (const modules of [kernels, library])
    for (const entry of [input.index, input["chunks/worker"]]) modules.delete(entry);
  const groups = [
    { name: "errors", test: (id) => id === join(dist, "errors.js"), priority: 3 },
    { name: "kernels", test: (id) => kernels.has(id), priority: 2 },
    { name: "library", test: (id) => library.has(id), priority: 1 },
  ];
  const joined = [...(await chunksOf(input, [], groups)), ...(await chunksOf({ predict }, [sharedErrors(errors)], []))];

  async function chunksOf(entries, plugins, groups) {
    const all = [WITH_MAPS, ...plugins];
    const bundle = await rolldown({ cwd: dist, input: entries, platform: "neutral", external, plugins: all });
    const { output } = await bundle.generate({
      dir: dist,
      format: "esm",
      comments: false,
      sourcemap: true,
      entryFileNames: "[name].js",
      chunkFileNames: "chunks/[name].js",
      codeSplitting: { groups },
      minifyInternalExports: false, // predict.js imports errors by their names
    });
    await bundle.close();
    return output.filter(({ type }) => type === "chunk");
  }
  for (const { fileName, code, map } of joined) {
    mkdirSync(dirname(join(dist, fileName)), { recursive: true });
    writeFileSync(join(dist, fileName), code);
    if (map) writeFileSync(join(dist, `${fileName}.map`), map.toString());
  }
  removeUnused(dist, new Set(joined.map(({ fileName }) => join(dist, fileName))));
}

/** Every import of errors.js leads to the joined one. */
const sharedErrors = (errors) => ({
  name: "shared-errors",
  resolveId: (id) => (/[\\/]errors\.js$/.test(id) ? { id: errors, external: true } : undefined),
});

const NOW = /\b(?:from\s*|import\s*)"(\.[^"]*)"/g;
const IMPORT = /\b(?:from\s*|import\s*|import\(\s*)"(\.[^"]*)"/g;

/** These modules and all that they import, now or, by default, later. */
function reachedFrom(roots, imports = IMPORT) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(imports)) visit(resolve(dirname(file), specifier));
  };
  for (const root of roots) visit(root);
  return reached;
}

const WITHOUT_COMMENTS = {
  module: true,
  compress: false,
  mangle: false,
  codegen: { removeWhitespace: false, legalComments: "none" },
};

/** Remove tsc's modules that neither the command line nor its workers reach; maps and comments of the others. */
function removeUnused(dist, joined) {
  const modules = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const roots = modules.filter((name) => name.startsWith("cli") || name === join("engines", "worker.js"));
  const reached = reachedFrom(roots.map((name) => join(dist, name)));
  for (const name of modules) {
    const file = join(dist, name);
    if (joined.has(file) || /^(cjs|vendor|studio)[\\/]/.test(name)) continue;
    if (!reached.has(file)) rmSync(file);
    else writeFileSync(file, minifySync(file, readFileSync(file, "utf8"), WITHOUT_COMMENTS).code);
    rmSync(`${file}.map`, { force: true });
  }
}
