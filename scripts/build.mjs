// Builds dist/: the library and the command line with tsc and the bundler, what they use of other packages, the
// CommonJS copy, the declarations, and the pages.
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommonJs, buildModules } from "./join.mjs";
import { placeDeclarations } from "./older-types.mjs";
import { packPages } from "./pages.mjs";
import { buildStudio } from "./studio.mjs";
import { vendor } from "./vendor.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The library and the command line, without the pages. What tsc made of each file lies in dist/modules meanwhile. */
export async function buildLibrary(dist) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const modules = join(dist, "modules");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", modules], {
    cwd: root,
    stdio: "inherit",
  });
  nameWorker(modules);
  await vendor(modules, join(dist, "vendor"));
  placeWebAssembly(modules, join(dist, "vendor"));
  await buildModules(modules, dist);
  await buildCommonJs(modules, join(dist, "cjs"));
  placeDeclarations(modules, dist);
  rmSync(modules, { recursive: true });
}

/** The one thing tsc cannot know: the browser's worker is named by a URL, which must end in .js there. */
function nameWorker(modules) {
  const file = join(modules, "engines", "worker-host.js");
  const parts = readFileSync(file, "utf8").split('"./worker.ts"');
  if (parts.length !== 2) throw new Error(`${file}: expected one "./worker.ts", found ${parts.length - 1}`);
  writeFileSync(file, parts.join('"./worker.js"'));
}

/** The decoders' WebAssembly beside the other packages' code; their notices are with it. */
function placeWebAssembly(modules, others) {
  const file = join(modules, "data", "pictures", "webassembly-decoders.js");
  const text = readFileSync(file, "utf8");
  const found = [...text.matchAll(/"(?:\.\.\/)+(node_modules\/[^"]+\/([^"/]+\.wasm))"/g)];
  if (found.length !== 2) throw new Error(`${file}: expected two addresses of WebAssembly, found ${found.length}`);
  let placed = text;
  for (const [address, path, name] of found) {
    copyFileSync(join(root, path), join(others, name));
    placed = placed.replace(address, `"../vendor/${name}"`); // as dist/chunks and dist/cjs see it
  }
  writeFileSync(file, placed);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await buildLibrary(join(root, "dist"));
  await buildStudio();
  packPages(join(root, "dist"));
}
