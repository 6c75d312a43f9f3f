// A report in a real browser, opened from its file without network: complete, readable, and safe against markup in the
// run's files.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { deltaprop, folder } from "../cli/run.ts";
import { violations } from "./axe.ts";
import { browserTest, type OpenPage, useBrowser } from "./browser.ts";

const [home, remove] = folder();
const browser = useBrowser();
const EVIL = '<img src=x onerror="globalThis.ran = 1"></script><script>globalThis.ran = 1</script>';

beforeAll(async () => {
  const digits = [
    "train",
    "digits",
    "--hidden",
    "12",
    "--epochs",
    "2",
    "--validation",
    "0.1",
    "--noise-scale",
    "--quiet",
    "--out",
    "run",
  ];
  await deltaprop(home, digits);
  expect((await deltaprop(home, ["report", "run"])).err).toBe("");
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 3},${(i * 7) % 5},${i % 3 === 0 ? `"${EVIL.replaceAll('"', '""')}"` : `kind ${i % 3}`}`,
  );
  writeFileSync(join(home, "evil.csv"), [`"${EVIL.replaceAll('"', '""')}",b,sort`, ...rows].join("\n"));
  await deltaprop(home, ["train", "evil.csv", "--hidden", "3", "--epochs", "1", "--quiet", "--out", "evil"]);
  await deltaprop(home, ["report", "evil"]);
});
afterAll(remove);

const open = (run: string, options = {}): Promise<OpenPage> =>
  browser.open(pathToFileURL(join(home, run, "report.html")).href, { offline: true, ...options });

browserTest.each([
  [1440, "light"],
  [390, "dark"],
] as const)("at %i pixels, %s: whole without a network, and nothing for axe to find", async (width, colorScheme) => {
  const { page, problems } = await open("run", { viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  await page.locator(".curves figure").last().scrollIntoViewIfNeeded(); // a chart is drawn when it is seen
  await page.locator(".curves svg").nth(2).waitFor(); // loss, accuracy, noise scale
  expect(await page.title()).toBe("run – Deltaprop report");
  const count = (selector: string) => page.locator(selector).count();
  expect([
    await count(".worst:not(.told) canvas"),
    await count(".fields canvas"),
    await count(".layers canvas"),
  ]).toEqual([24, 12, 2]);
  expect(await count(".pushed li")).toBe(10);
  expect(await count(".pushed canvas")).toBe(30); // the row, its saliency, its integrated gradients
  expect(await count(".told:not(.pushed) canvas")).toBeGreaterThanOrEqual(24); // 12 typical, 12 unusual, the suspected
  expect(await page.locator("table.confusion tbody td").allTextContents()).toHaveLength(100);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.locator("summary").click();
  const run = JSON.parse(readFileSync(join(home, "run", "run.json"), "utf8"));
  for (const hash of run.epochParametersSha256) expect(await page.getByText(hash).count()).toBeGreaterThan(0);
  expect(await violations(page)).toEqual([]);
  expect(problems).toEqual([]);
});

browserTest("pictures are drawn: the first field has the colours of its weights", async () => {
  const { page } = await open("run");
  const colors = await page
    .locator(".fields canvas")
    .first()
    .evaluate((canvas) => {
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 28, 28);
      return new Set(Array.from({ length: 784 }, (_, k) => data.slice(4 * k, 4 * k + 3).join())).size;
    });
  expect(colors).toBeGreaterThan(50);
});

browserTest("names from files are text: markup in a class or a column neither runs nor asks for anything", async () => {
  const { page, problems } = await open("evil");
  expect(await page.getByText(EVIL).count()).toBeGreaterThan(1);
  await page.locator(".curves svg").nth(1).waitFor();
  expect(await page.evaluate(() => "ran" in globalThis)).toBe(false);
  expect(await page.locator("img").count()).toBe(0);
  expect(problems).toEqual([]);
});

browserTest("the page's policy lets its own script run and no other, and nothing be asked for", async () => {
  const { page } = await open("run", { offline: false });
  const refused = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.append("globalThis.ran = 1");
    document.head.append(script);
    const fetched = await fetch("data:text/plain,x").then(
      () => true,
      () => false,
    );
    return ["ran" in globalThis, fetched];
  });
  expect(refused).toEqual([false, false]);
});

browserTest("it prints, on white paper, in full", async () => {
  const { page } = await open("run", { colorScheme: "dark" });
  await page.locator(".curves svg").nth(1).waitFor();
  const bytes = await page.pdf({ path: join(home, "report.pdf") });
  expect([bytes.subarray(0, 5).toString(), existsSync(join(home, "report.pdf"))]).toEqual(["%PDF-", true]);
  const corner = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".worst canvas")!;
      return [...canvas.getContext("2d")!.getImageData(0, 0, 1, 1).data].slice(0, 3);
    });
  expect(await corner()).toEqual([12, 12, 12]);
  await page.emulateMedia({ media: "print" });
  const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(ground).toBe("rgb(255, 255, 255)");
  await vi.waitFor(async () => expect(await corner()).toEqual([255, 255, 255]), 10_000); // painted anew by an effect
});
