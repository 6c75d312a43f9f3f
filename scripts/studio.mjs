// Builds the web page into dist/studio, the page of a report into dist/report.html and that of a server into
// dist/serve.html: always, or with --if-older only where a source is newer than the page. With --if-possible it is
// quiet, and a place without the bundler is no failure (the prepare script of a checkout). One build at a time:
// others wait and look again.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { billOf, licensesOf } from "./licenses.mjs";
import { onePage } from "./one-page.mjs";

/** Options of the bundler: no warning that a build took long on a busy machine. */
export const UNTIMED = { checks: { bundlerTimings: false } };

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const folder = join(dist, "studio");
const PAGES = [{ name: "report" }, { name: "serve", connect: "'self'" }];
const lock = join(dist, "studio.lock");

/** Whether dist/studio is there and younger than everything in src/. */
export function isFresh() {
  const page = join(folder, "index.html");
  if (!existsSync(page)) return false;
  const built = statSync(page).mtimeMs;
  const sources = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true });
  return sources.every((entry) => !entry.isFile() || statSync(join(entry.parentPath, entry.name)).mtimeMs < built);
}

/** Build the pages beside the old ones, then put them in their places. Raises what the bundler raises. */
export async function buildStudio({ ifOlder = false } = {}) {
  if (ifOlder && isFresh()) return;
  mkdirSync(dist, { recursive: true });
  while (!take()) await wait(50);
  const made = join(dist, "studio.new");
  const old = join(dist, "studio.old");
  try {
    if (ifOlder && isFresh()) return;
    process.env.NODE_ENV = "production"; // a test's would bring the components' checks for developers along
    const { build } = await import("vite");
    const modules = new Set();
    const watch = { name: "modules", moduleParsed: ({ id }) => void modules.add(id) };
    await build({
      root: join(root, "src/studio"),
      logLevel: "warn",
      build: { outDir: made, rolldownOptions: UNTIMED },
      plugins: [watch],
      worker: { format: "es", plugins: () => [watch], rolldownOptions: UNTIMED },
    });
    writeFileSync(join(made, "licences.txt"), licensesOf([...modules]));
    writeFileSync(join(made, "sbom.cdx.json"), billOf([...modules], "deltaprop studio"));
    for (const { name, connect } of PAGES) {
      const page = join(dist, `${name}.html`);
      writeFileSync(`${page}.new`, await onePage(name, connect));
      renameSync(`${page}.new`, page);
    }
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(made, folder);
  } finally {
    for (const path of [old, made, lock]) rmSync(path, { recursive: true, force: true });
  }
}

/** Whether this process now holds the lock. A lock whose process is gone is taken away. */
function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    if (owner > 0) process.kill(owner, 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(lock, { force: true });
  }
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flags = process.argv.slice(2);
  try {
    await buildStudio({ ifOlder: flags.includes("--if-older") });
  } catch (error) {
    if (!flags.includes("--if-possible")) throw error;
  }
}
