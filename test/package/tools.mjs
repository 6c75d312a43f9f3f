// `npm run test:bundlers [tool …]`: packs the library, installs it with each tool of examples/tools from npm into a
// folder of its own, builds, takes node_modules away where the build is to stand alone, runs, and prints the table of
// docs/bundlers.md: in each cell, how many threads trained, and whether a line said that workers cannot start.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { packLibrary } from "../../scripts/try-package.mjs";
import { FLAGS, findBrowser } from "../studio/find-browser.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples/tools");
const LINE = /(deltaprop 800 [0-9a-f]{64}) on (\d+ threads?)/g;

/**
 * `lines`: how often the task runs in `npm run try`. `alone`: without node_modules. `page`: also in Chromium, over
 * `file` or http.
 */
const TOOLS = {
  node: { lines: 1 },
  rolldown: { lines: 2, alone: true, page: "page.html", file: true },
  esbuild: { lines: 2, alone: true, page: "page.html", file: true },
  vite: { lines: 0, page: "index.html" },
  webpack: { lines: 1, alone: true, page: "page.html", file: true },
  vitest: { lines: 1 },
  jest: { lines: 1 },
  "ts-node": { lines: 1 },
  tsx: { lines: 1 },
  types: { lines: 1 },
  package: { lines: 0 },
  bun: { lines: 2 },
  workerd: { lines: 0, serve: "http://127.0.0.1:8787/" },
  next: { lines: 0, serve: "http://127.0.0.1:8788/api", pageOf: "http://127.0.0.1:8788/" },
};

const TYPES = { ".html": "text/html", ".js": "text/javascript" };
const work = mkdtempSync(join(tmpdir(), "deltaprop-tools-"));
const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(TOOLS, name));
if (unknown) throw new Error(`there is no tool ${unknown}; there are ${Object.keys(TOOLS).join(", ")}`);
const tarball = await packLibrary(work);
let wanted;

function run(folder, ...command) {
  const { stdout, stderr, status } = spawnSync("nice", command, { cwd: folder, encoding: "utf8", timeout: 900_000 });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  return `${stdout}${stderr}`;
}

/** Compare each line of the task with Node's; returns the threads, and whether a warning came with them. */
function judge(text, count, place) {
  const lines = [...text.matchAll(LINE)];
  wanted ??= lines[0]?.[1];
  if (lines.length < count || lines.some(([, line]) => line !== wanted))
    throw new Error(`${place}: ${lines.length} lines of ${count}\n${text.slice(-1500)}`);
  const threads = [...new Set(lines.map(([, , counted]) => counted))].join(" and ");
  return text.includes("workers cannot start") ? `${threads}, and a line says why` : threads;
}

/** The title that the page at `address` ends with, and what it warned of. */
async function titleOf(address) {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: [...FLAGS] });
  try {
    const page = await browser.newPage();
    const said = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    await page.goto(address);
    await page.waitForFunction(() => /deltaprop|failed/.test(document.title), null, { timeout: 120_000 });
    return `${await page.title()}\n${said.join("\n")}`;
  } finally {
    await browser.close();
  }
}

/** Serve `folder` to a page that may share memory. */
async function served(folder, use) {
  const server = createServer(({ url }, response) => {
    const file = join(folder, url === "/" ? "index.html" : new URL(url, "http://x").pathname);
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
  }
}

/** The answer of the server that `npm run serve` starts, once it is up. */
async function answerOf(folder, address, use) {
  const server = spawn("npm", ["run", "serve"], { cwd: folder, detached: true, stdio: "ignore" });
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await use(await (await fetch(address)).text());
      } catch (error) {
        if (tries === 60) throw error;
        await wait(1000);
      }
    }
  } finally {
    process.kill(-server.pid);
  }
}

async function attempt(name, { lines, alone, page, file, serve, pageOf }) {
  const folder = join(work, name);
  cpSync(join(EXAMPLES, name), folder, { recursive: true });
  cpSync(join(EXAMPLES, "task.js"), join(folder, "task.js"));
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  manifest.dependencies = { ...manifest.dependencies, deltaprop: `file:${tarball}` };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  run(folder, "npm", "install", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error");
  const cells = [];
  if (manifest.scripts.build) run(folder, "npm", "run", "build");
  if (manifest.scripts.check) {
    run(folder, "npm", "run", "check");
    cells.push(["nothing to mend", ""]);
  }
  if (alone) renameSync(join(folder, "node_modules"), join(work, `${name}-modules`));
  if (lines > 0) cells.push(["run", judge(run(folder, "npm", "run", "--silent", "try"), lines, "run")]);
  const out = join(folder, "out");
  if (page && existsSync(join(folder, page)) && !existsSync(join(out, page)))
    cpSync(join(folder, page), join(out, page));
  if (page) cells.push(["isolated page", judge(await served(out, (at) => titleOf(at + page)), 1, "page")]);
  if (file) cells.push(["file: page", judge(await titleOf(pathToFileURL(join(out, page)).href), 1, "file: page")]);
  if (serve)
    await answerOf(folder, serve, async (text) => {
      cells.push(["server", judge(text, 1, "server")]);
      if (pageOf) cells.push(["page", judge(await titleOf(pageOf), 1, "page")]);
    });
  return cells.map(([cell, threads]) => `${cell}: ${threads}`).join("; ");
}

const rows = [];
try {
  mkdirSync(work, { recursive: true });
  for (const [name, tool] of Object.entries(TOOLS)) {
    if (named.length > 0 && name !== "node" && !named.includes(name)) continue;
    const begun = Date.now();
    try {
      rows.push(`| ${name} | ${await attempt(name, tool)} |`);
    } catch (error) {
      rows.push(`| ${name} | failed |`);
      console.error(`${name}: ${error.message}`);
      process.exitCode = 1;
    }
    console.error(`${rows.at(-1)} ${Math.round((Date.now() - begun) / 1000)} s`);
  }
  console.log(`| tool | the same bits, and on how many threads |\n|---|---|\n${rows.join("\n")}`);
} finally {
  if (!process.env.KEEP) rmSync(work, { recursive: true, force: true });
}
