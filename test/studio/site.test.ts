// The documentation as a site: every link leads somewhere, commands in it are commands, its first view is small, search
// works without a network, and axe finds nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildSite, commandsPage } from "../../scripts/site.mjs";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { type Host, hostFolder } from "./host.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "deltaprop-site-"));
const browser = useBrowser();
let pages: readonly string[];
let commands: string;
let host: Host;

beforeAll(async () => {
  commands = await commandsPage();
  pages = await buildSite(folder, { commands, studio: await builtStudio() });
  host = await hostFolder(folder);
}, 240_000);
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

const read = (page: string) => readFileSync(join(folder, page), "utf8");

test("every link, picture, script and style of every page is there, and asks no other host", () => {
  const ids = new Map(
    pages.map((page) => [page, new Set([...read(page).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id))]),
  );
  let links = 0;
  for (const page of pages)
    for (const [, kind, target] of read(page).matchAll(/\s(href|src|action)="([^"]*)"/g)) {
      if (/^(?:https:|mailto:|data:)/.test(target!)) {
        expect(kind === "href", `${page}: ${target}`).toBe(true); // a link, which the reader follows or not
        continue;
      }
      const [path, anchor] = target!.split("#");
      const file = path === "" ? page : posix.join(posix.dirname(page), path!);
      expect(statSync(join(folder, file)).isFile(), `${page}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(ids.get(file)?.has(anchor) ?? true, `${page}: ${target}`).toBe(true);
      links++;
    }
  expect(links).toBeGreaterThan(1000);
});

test("every command in the documentation is one, with options that it has", () => {
  const helps = new Map(
    [...commands.matchAll(/^## (\S+)\n\n```text\n(.*?)^```/gms)].map(([, name, text]) => [name!, text!]),
  );
  expect(helps.size).toBeGreaterThan(15);
  const files = [
    "README.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  const wrong: string[] = [];
  let lines = 0;
  for (const file of files)
    for (const [, block] of readFileSync(join(ROOT, file), "utf8").matchAll(/^```(?:sh|)\n(.*?)^```/gms))
      for (const [line, name, rest] of block!
        .replaceAll("\\\n", " ")
        .matchAll(/\bdeltaprop (?:-- )?([a-z-]+)(.*)$/gm)) {
        const help = helps.get(name!);
        if (help === undefined) wrong.push(`${file}: ${line}`);
        const options = rest!.replace(/ #.*|[|;&].*/, "").match(/(?<=\s)--[a-z][a-z-]*/g) ?? [];
        for (const option of options) if (!help?.includes(option)) wrong.push(`${file}: ${name} has no ${option}`);
        lines++;
      }
  expect(wrong).toEqual([]);
  expect(lines).toBeGreaterThan(20);
});

test("the first view of a page has at most 150 kB, and search is fetched when it is asked", () => {
  const shared = ["assets/site.js", "assets/site.css"].reduce(
    (sum, file) => sum + statSync(join(folder, file)).size,
    0,
  );
  const pictures = [...read("index.html").matchAll(/src="(pictures\/[^"]*)"/g)].map(
    ([, file]) => statSync(join(folder, file!)).size,
  );
  expect(shared + Buffer.byteLength(read("index.html")) + pictures[0]!).toBeLessThan(150_000);
});

browserTest.each([
  [1280, "light"],
  [390, "dark"],
] as const)(
  "at %i pixels, %s: pages are no wider than the window, and axe finds nothing",
  async (width, colorScheme) => {
    const { page, problems } = await browser.open(host.url, {
      viewport: { width, height: 900 },
      colorScheme,
      bypassCSP: true,
    });
    for (const name of ["index.html", "serve.html", "errors.html", "note.html", "equations.html", "commands.html"]) {
      await page.goto(`${host.url}${name}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0);
      expect(await violations(page), name).toEqual([]);
    }
    expect(problems).toEqual([]);
  },
);

browserTest("search finds a part by its words, from a page below, and a page reads without a script", async () => {
  const { page, problems } = await browser.open(`${host.url}api/predict.html`);
  await page.getByLabel("Search").fill("noise scale");
  // the formulas, which name it often and far down, before pages that name it once
  await expect.poll(() => page.getByRole("link", { name: "Beyond the note: What δ tells: X30" }).count()).toBe(1);
  await page.getByLabel("Search").fill("binary tensor extension");
  await page
    .getByRole("link", { name: /Open Inference Protocol/ })
    .first()
    .click();
  await page.waitForURL(/serve\.html#/);
  expect(problems).toEqual([]);
  const { page: still } = await browser.open(`${host.url}serve.html`, { javaScriptEnabled: false });
  expect(await still.locator("h1").textContent()).toBe("Serving a model");
  expect(await still.locator("form[role=search]").isVisible()).toBe(false);
});

browserTest("an equation opens the note in the page, with the values of a network that trains there", async () => {
  const { page, problems } = await browser.open(`${host.url}note.html`);
  expect(await page.locator("iframe").count()).toBe(0); // nothing of the studio before it is asked for
  const equation = (name: string) => page.getByRole("link", { name, exact: true });
  expect(await page.locator("a.live").count()).toBe(37);
  await equation("E17").click();
  const note = page.frameLocator("iframe");
  await note.getByRole("button", { name: "Play" }).click();
  await note.getByRole("button", { name: "Pause" }).click();
  const frame = page.frames()[1]!;
  expect(frame.url()).toMatch(/\/studio\/index\.html#.*equation=E17/);
  const before = await frame.evaluate(() => performance.timeOrigin);
  await equation("E8").click();
  await expect.poll(() => frame.url()).toMatch(/equation=E8/);
  expect(await frame.evaluate(() => performance.timeOrigin)).toBe(before); // the run goes on
  expect(problems).toEqual([]);
  const { page: still } = await browser.open(`${host.url}note.html`, { javaScriptEnabled: false });
  expect(await still.locator("a.live").first().getAttribute("href")).toBe("studio/index.html#view=note&equation=E1");
});
