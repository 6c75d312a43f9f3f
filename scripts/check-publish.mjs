// Packs the package as npm publishes it, and shows it to those who judge packages: npm itself, publint, and
// are-the-types-wrong on every entry. Nothing is published. Needs a network: the two are fetched by npx.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PUBLINT = "publint@0.3.25";
const TYPES = "@arethetypeswrong/cli@0.18.5";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "deltaprop-publish-"));
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
try {
  const [packed] = JSON.parse(run("npm", "pack", "--json", "--loglevel=error", "--pack-destination", folder));
  const file = join(folder, packed.filename);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(2);
  const unpacked = megabytes(packed.unpackedSize);
  console.log(
    `${packed.filename}: ${megabytes(statSync(file).size)} MB packed, ${unpacked} MB in ${packed.entryCount} files`,
  );
  console.log(run("npx", "--yes", PUBLINT, "run", file, "--strict").trim());
  run("npx", "--yes", TYPES, file, "--profile", "strict");
  console.log("are-the-types-wrong: every entry, strict profile: nothing to mend");
  run("npm", "publish", file, "--dry-run", "--loglevel=error");
  console.log("npm publish --dry-run: done");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
