// The command line for tests that start it hundreds of times: the sources joined in few files, because each file costs
// Node about a millisecond to load. Built once for these sources, by whoever needs it first.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Plugin, rolldown } from "rolldown";

const ROOT = resolve(import.meta.dirname, "../..");
/** In node_modules, where the packages that stay outside are found. */
const BUILDS = join(ROOT, "node_modules/.cache/deltaprop-programs");
const DAY_MS = 86_400_000;

let built: Promise<string> | undefined;

/** The joined program's file, to be started in place of src/cli/main.ts: it does what that does. */
export function program(): Promise<string> {
  return (built ??= find());
}

async function find(): Promise<string> {
  const folder = join(BUILDS, stateOfSources());
  if (!existsSync(folder)) await build(folder);
  return join(folder, "main.js");
}

/** Another for every change of a source, of a package, or of what is done here. */
function stateOfSources(): string {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(ts|json)$/.test(name),
  );
  const hash = createHash("sha256");
  for (const name of [...sources.map((file) => join("src", file)).sort(), "package-lock.json", "test/cli/program.ts"]) {
    const { size, mtimeMs } = statSync(join(ROOT, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Build it beside, then put it in its place at once. Of several builders the first one's stays. */
async function build(folder: string): Promise<void> {
  mkdirSync(BUILDS, { recursive: true });
  for (const name of readdirSync(BUILDS))
    if (Date.now() - statSync(join(BUILDS, name)).mtimeMs > DAY_MS) rmSync(join(BUILDS, name), { recursive: true });
  const beside = mkdtempSync(join(BUILDS, "new-"));
  const source = (file: string) => join(ROOT, "src", file);
  const bundle = await rolldown({
    cwd: ROOT,
    input: { main: source("cli/main.ts"), worker: source("engines/worker.ts") },
    platform: "node",
    treeshake: false, // a command's file is there for its effects
    plugins: [addressesOfSources],
    checks: { bundlerTimings: false },
  });
  await bundle.write({ dir: beside, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" });
  await bundle.close();
  try {
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Modules that look for files find those of the checkout; the one that starts workers finds the joined worker. */
const addressesOfSources: Plugin = {
  name: "addresses-of-sources",
  transform: {
    filter: { id: /[\\/]src[\\/](?!engines[\\/]worker-host\.ts$).*\.ts$/, code: /import\.meta\.url/ },
    handler: (code, id) => code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)),
  },
};
