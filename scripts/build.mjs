// Builds dist/: the library with tsc, the page with the bundler. The one thing tsc cannot know: the browser's worker is
// named by a URL, which must end in .js there.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { buildStudio } from "./studio.mjs";

rmSync("dist", { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit", shell: process.platform === "win32" });
const file = "dist/engines/worker-host.js";
const parts = readFileSync(file, "utf8").split('"./worker.ts"');
if (parts.length !== 2) throw new Error(`${file}: expected one "./worker.ts", found ${parts.length - 1}`);
writeFileSync(file, parts.join('"./worker.js"'));
await buildStudio();
