// Packs the library as npm would, into a folder, with or without its pages: what tests and the table of tools install.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { buildLibrary } from "./build.mjs";
import { packedManifest, packedReadme } from "./manifest.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** npm, offline and quiet, in `cwd`; what it printed. */
export function npm(cwd, ...args) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  return execFileSync("npm", [...args, ...quiet], { cwd, encoding: "utf8", shell: process.platform === "win32" });
}

/** The tarball of the folder `packageFolder`, in `into`. */
export function pack(packageFolder, into) {
  mkdirSync(into, { recursive: true });
  const before = new Set(readdirSync(into));
  npm(packageFolder, "pack", "--ignore-scripts", "--pack-destination", resolve(into));
  return join(
    resolve(into),
    readdirSync(into).find((name) => !before.has(name)),
  );
}

/** The library built and packed in `into`: without the pages, which no import reaches. */
export async function packLibrary(into) {
  const folder = join(resolve(into), "library");
  await buildLibrary(join(folder, "dist"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const left = manifest.files.filter((name) => name.startsWith("!")).map((name) => join(root, name.slice(1)));
  cpSync(join(root, "src"), join(folder, "src"), {
    recursive: true,
    filter: (path) => !left.some((out) => path === out || path.startsWith(out + sep)),
  });
  const packed = packedManifest(manifest, { native: false });
  writeFileSync(join(folder, "package.json"), JSON.stringify(packed, null, 2));
  writeFileSync(join(folder, "README.md"), packedReadme(readFileSync(join(root, "README.md"), "utf8"), manifest));
  for (const file of ["LICENSE", "CHANGELOG.md"])
    if (existsSync(join(root, file))) cpSync(join(root, file), join(folder, file));
  return pack(folder, into);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await packLibrary(process.argv[2]));
