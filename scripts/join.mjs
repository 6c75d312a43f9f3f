// What the bundler makes of tsc's modules. dist/cjs: the same entries as CommonJS, for tools that cannot `require` a
// module: Jest's default transform, ts-node, old resolvers of TypeScript. Node itself takes the modules by the
// condition "module-sync", so one program never holds both copies.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

export const ENTRIES = ["index", "node", "predict", "check", "sessions"];
const OTHER = /^(cli|studio|cjs|vendor)[\\/]/;

// Jest looks a global up through its sandbox at every use; a constant of the module is as fast as in Node.
const GLOBALS =
  "const { Math, Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, DataView } = globalThis;";

export async function buildCommonJs(dist) {
  const input = Object.fromEntries(ENTRIES.map((name) => [name, join(dist, `${name}.js`)]));
  input.worker = join(dist, "engines", "worker.js");
  const bundle = await rolldown({ input, platform: "node", external: /^node:/ });
  const folder = join(dist, "cjs");
  await bundle.write({ dir: folder, format: "cjs", comments: false, chunkFileNames: "[name].js", intro: GLOBALS });
  await bundle.close();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    const placed = text.replaceAll(/"\.\.\/\.\.\/vendor\/([^"/]+\.wasm)"/g, '"../vendor/$1"'); // seen from dist/cjs
    if (placed !== text) writeFileSync(join(folder, name), placed);
  }
  if (!existsSync(join(folder, "worker.js"))) throw new Error("dist/cjs has no worker.js");
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  const types = readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const name of types.filter((file) => file.endsWith(".d.ts") && !OTHER.test(file))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(dist, name), join(folder, name));
  }
}

/** dist/predict.js as one module beside errors.js: a dozen small ones take Node 30 ms to load, this takes 5. */
export async function joinPredict(dist) {
  const file = join(dist, "predict.js");
  const bundle = await rolldown({ input: file, platform: "neutral", external: [/^node:/, join(dist, "errors.js")] });
  const { output } = await bundle.generate({ format: "esm", comments: false });
  await bundle.close();
  writeFileSync(file, output[0].code);
  rmSync(`${file}.map`);
}
