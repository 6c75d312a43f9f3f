// One seed, one result: awkward nets give in browsers the very parameters that Node's slow reference defines.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserTest, firefoxTest, useBrowser } from "./browser.ts";
import { findFirefox } from "./find-browser.ts";
import { type Host, hostFolder } from "./host.ts";
import { type Trained, trainNets } from "./same-bits/nets.ts";
import type { Told } from "./same-bits/page.ts";

const browser = useBrowser();
const home = mkdtempSync(join(tmpdir(), "deltaprop-page-"));
const hosts: Host[] = [];
let known: readonly Trained[];

beforeAll(async () => {
  await build({
    root: join(import.meta.dirname, "same-bits"),
    base: "./",
    configFile: false,
    logLevel: "warn",
    worker: { format: "es" },
    build: { outDir: join(home, "page"), emptyOutDir: true, target: "es2023" },
  });
  known = await trainNets(["reference"], [1]);
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(home, { recursive: true });
});

/** The page's post after `open`, with the headers that isolate it or without. `open` returns a function to close it. */
async function told(isolated: boolean, open: (url: string) => Promise<() => Promise<unknown>>): Promise<Told> {
  const host = await hostFolder(join(home, "page"), { isolated });
  hosts.push(host);
  const posted = host.posted();
  const close = await open(`${host.url}?threads=1&threads=2&threads=3`);
  const text = await posted;
  await close();
  return JSON.parse(text) as Told;
}

async function openChromium(url: string) {
  const { page } = await browser.open(url);
  return () => page.close();
}

/** Firefox as a visitor starts it, at the address, with nothing that drives it and a profile of its own. */
async function openFirefox(url: string) {
  const profile = mkdtempSync(join(home, "firefox-"));
  const words = ["--headless", "--no-remote", "--profile", profile, url];
  const firefox = spawn(findFirefox()!, words, { stdio: "ignore", timeout: 100_000 });
  const ended = new Promise((settle) => firefox.on("close", settle));
  return () => {
    firefox.kill();
    return ended;
  };
}

/** Every run of the page beside Node's of the same net. */
function expectKnown({ trained }: Told, threads: readonly number[]): void {
  expect(trained.map((run) => run.threads)).toEqual(threads.flatMap((n) => known.map(() => n)));
  for (const { net, engine, parametersSha256, losses } of trained) {
    expect(engine).toBe("wasm");
    const { parametersSha256: hash, losses: means } = known[net]!;
    expect([net, parametersSha256, losses]).toEqual([net, hash, means]);
  }
}

test("every awkward net has parameters of its own, and training changed them in every epoch", () => {
  expect(new Set(known.map((run) => run.parametersSha256)).size).toBe(known.length);
  for (const { losses } of known) expect(new Set(losses).size).toBe(3);
});

browserTest("an isolated page in Chromium trains on 1, 2 and 3 threads to Node's bits", async () => {
  const page = await told(true, openChromium);
  expect(page).toMatchObject({ isolated: true, agent: expect.stringContaining("Chrome") });
  expectKnown(page, [1, 2, 3]);
});

browserTest("a page of a static host in Chromium, not isolated, trains on one thread to Node's bits", async () => {
  const page = await told(false, openChromium);
  expect(page).toMatchObject({ isolated: false, agent: expect.stringContaining("Chrome") });
  expectKnown(page, [1, 1, 1]);
});

firefoxTest.each([
  [true, [1, 2, 3]],
  [false, [1, 1, 1]],
])("Firefox, isolated: %s, trains to Node's bits", async (isolated, threads) => {
  const page = await told(isolated, openFirefox);
  expect(page).toMatchObject({ isolated, agent: expect.stringContaining("Firefox") });
  expectKnown(page, threads);
});
