// Builds dist/: the library with tsc, what it uses of other packages, its CommonJS copy, and the page with the bundler.
// The one thing tsc cannot know: the browser's worker is named by a URL, which must end in .js there.
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommonJs, joinEntries } from "./join.mjs";
import { lowerDeclarations } from "./older-types.mjs";
import { buildStudio } from "./studio.mjs";
import { vendor } from "./vendor.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The library and the command line, without the pages. */
export async function buildLibrary(dist) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", dist], { cwd: root, stdio: "inherit" });
  const file = join(dist, "engines", "worker-host.js");
  const parts = readFileSync(file, "utf8").split('"./worker.ts"');
  if (parts.length !== 2) throw new Error(`${file}: expected one "./worker.ts", found ${parts.length - 1}`);
  writeFileSync(file, parts.join('"./worker.js"'));
  for (const folder of ["cli", "serve"].map((room) => join(dist, room))) // not imported: without types and maps
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
      if (/\.d\.ts(\.map)?$|\.js\.map$/.test(name)) rmSync(join(folder, name));
  lowerDeclarations(dist);
  pointMaps(dist);
  await vendor(dist);
  placeWebAssembly(dist);
  await buildCommonJs(dist);
  await joinEntries(dist);
}

/** The decoders' WebAssembly beside the other packages' code; their notices are with it. */
function placeWebAssembly(dist) {
  const file = join(dist, "data", "pictures", "webassembly-decoders.js");
  const text = readFileSync(file, "utf8");
  const found = [...text.matchAll(/"(?:\.\.\/)+(node_modules\/[^"]+\/([^"/]+\.wasm))"/g)];
  if (found.length !== 2) throw new Error(`${file}: expected two addresses of WebAssembly, found ${found.length}`);
  let placed = text;
  for (const [address, path, name] of found) {
    copyFileSync(join(root, path), join(dist, "vendor", name));
    placed = placed.replace(address, `"../../vendor/${name}"`);
  }
  writeFileSync(file, placed);
}

/** Maps name their sources as they lie in the package, wherever `dist` is. */
function pointMaps(dist) {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".map"))) {
    const file = join(dist, name);
    const map = JSON.parse(readFileSync(file, "utf8"));
    const inPackage = (source) => relative(root, resolve(dirname(file), source));
    const from = join(root, "dist", dirname(name));
    map.sources = map.sources.map((source) =>
      relative(from, join(root, inPackage(source)))
        .split(sep)
        .join("/"),
    );
    writeFileSync(file, JSON.stringify(map));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await buildLibrary(join(root, "dist"));
  await buildStudio();
}
