// The studio as a whole, over all its views: its scripts, its requests, without its host, on a plain host, and with
// names of files that are markup.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { VIEWS } from "../../src/studio/state/setup.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { type Host, hostFolder } from "./host.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
let plain: Host; // a static web host: a folder below its root, and no headers

beforeAll(async () => {
  plain = await hostFolder(await builtStudio(), { base: "/teaching/deltaprop/" });
});
afterAll(() => plain.close());

const SETUP = "hidden=24,16&epochs=1&rows=2000&seed=3";
const FIRST_LOAD = 300_000; // bytes of compressed script

const tab = (page: Page, v: number) => page.locator("nav button").nth(v);
const ready = (page: Page) => page.locator("button.play:enabled").waitFor();

/** Every view one after another, each with something in it. */
async function lookAround(page: Page): Promise<void> {
  for (const [v, view] of VIEWS.entries()) {
    await tab(page, v).click();
    await page.locator(`main.view-${view} > :not(h1)`, { hasNotText: "Loading …" }).first().waitFor();
  }
  await tab(page, VIEWS.indexOf("train")).click();
}

/** Play to the end; the SHA-256 of the parameters then. */
async function playOut(page: Page): Promise<string | null> {
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("The run has ended").waitFor({ state: "attached" });
  return page.locator("[data-sha256]").first().getAttribute("data-sha256");
}

browserTest(
  "it loads little script, asks nobody but its host, complains of nothing, and goes on without its host",
  async () => {
    const { page, problems } = await browser.open("about:blank");
    const asked: string[] = [];
    const scripts = new Map<string, Promise<number>>();
    page.context().on("request", (request) => asked.push(request.url()));
    page.context().on("response", (response) => {
      const isScript = response.headers()["content-type"]?.startsWith("text/javascript");
      if (isScript)
        scripts.set(
          response.url(),
          response.body().then((body) => gzipSync(body, { level: 9 }).length),
        );
    });
    await page.goto(`${studio.url}#${SETUP}`);
    await ready(page);
    await page.locator(".chart svg").first().waitFor();
    const sizes = await Promise.all(scripts.values());
    // the lab; Playwright does not see the 12 kB of its thread team
    expect([...scripts.keys()].filter((url) => /worker/.test(url))).toHaveLength(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(FIRST_LOAD);
    await lookAround(page);
    expect(problems).toEqual([]);
    await page.context().setOffline(true);
    await lookAround(page);
    const alone = await playOut(page);
    await page.context().setOffline(false);
    // offline, only the fetch of data/index.json fails
    const missed = problems.filter((text) => !text.includes("ERR_INTERNET_DISCONNECTED"));
    expect(missed).toEqual([]);
    const elsewhere = asked.filter(
      (url) => !/^(blob|data):/.test(url) && new URL(url).host !== `127.0.0.1:${studio.port}`,
    );
    expect([elsewhere, asked.length > 5]).toEqual([[], true]);

    // the same address from a plain host in a subfolder: one worker, and the same bits
    const other = await browser.open(`${plain.url}#${SETUP}`);
    await ready(other.page);
    expect(await other.page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    expect(await playOut(other.page)).toBe(alone);
    await lookAround(other.page);
    expect(other.problems).toEqual([]);
  },
);

test("the licences of what the page contains go with it", async () => {
  const text = readFileSync(join(await builtStudio(), "licences.txt"), "utf8");
  for (const name of ["preact", "@preact/signals", "@observablehq/plot", "d3-scale", "temml", "csv-parse", "hyparquet"])
    expect(text).toMatch(new RegExp(`^(.*, )?${name}(, .*)?$`, "m"));
  expect(text).toContain("Copyright (c) 2015-present Jason Miller");
});

browserTest("a view that was never looked at says so when the host is gone", async () => {
  const { page } = await browser.open(studio.url);
  await ready(page);
  await page.context().setOffline(true);
  await tab(page, VIEWS.indexOf("draw")).click();
  await page.getByRole("alert").getByText("error VIEW_NOT_LOADED").waitFor();
});

browserTest("names of files, columns and classes are text in every view, whatever markup they are", async () => {
  const { page, problems } = await browser.open(studio.url);
  await ready(page);
  const payloads = [
    "<img src=x onerror=ran=1>",
    "<script>ran=1</script>",
    "<svg/onload=ran=1>",
    "javascript:ran=1",
    "{{ran=1}}",
  ];
  const head = [...payloads, "sort"].map((name) => `"${name}"`).join(",");
  const rows = Array.from(
    { length: 50 },
    (_, i) => `${i % 7},${i % 5},${i % 3},${i % 2},${i % 4},"${payloads[i % 5]}"`,
  );
  const buffer = Buffer.from(`${head}\n${rows.join("\n")}\n`);
  const name = "<img src=x onerror=ran=1>.csv";
  await page.getByLabel("Data or model files").setInputFiles({ name, mimeType: "text/csv", buffer });
  await page.getByText("40 rows").first().waitFor();
  await page.getByRole("button", { name: "Step" }).click();
  await lookAround(page);
  await playOut(page);
  await lookAround(page);
  expect(await page.evaluate(() => "ran" in globalThis)).toBe(false);
  expect(await page.locator('img[src="x"], main script').count()).toBe(0);
  expect(problems).toEqual([]);
});
