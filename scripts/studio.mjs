// Builds the web page into dist/studio: always, or with --if-older only where a source is newer than the page. With --if-possible it
// is quiet, and a place without the bundler is no failure (the prepare script of a checkout).
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "dist/studio/index.html");

/** Whether dist/studio is there and younger than everything in src/. */
export function isFresh() {
  if (!existsSync(page)) return false;
  const built = statSync(page).mtimeMs;
  const sources = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true });
  return sources.every((entry) => !entry.isFile() || statSync(join(entry.parentPath, entry.name)).mtimeMs < built);
}

/** Build the page. Raises what the bundler raises. */
export async function buildStudio() {
  const { build } = await import("vite");
  await build({ root: join(root, "src/studio"), logLevel: "warn" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const flags = process.argv.slice(2);
  try {
    if (!(flags.includes("--if-older") && isFresh())) await buildStudio();
  } catch (error) {
    if (!flags.includes("--if-possible")) throw error;
  }
}
