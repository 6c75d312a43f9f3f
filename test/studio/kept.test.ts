// Nothing lost, in a real browser: each tab its own run, undo, runs kept and opened again, training on, settings that
// change while it plays, and what the page says of them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import { browserTest, inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const browsers = { browser, firefox: useFirefox() };
const studio = useStudio();
const home = mkdtempSync(join(tmpdir(), "deltaprop-kept-"));
afterAll(() => rmSync(home, { recursive: true }));

const SETUP = "#rows=500&hidden=16&epochs=4";

/** A table of two classes; `noise` draws its labels. */
function table(name: string, noise: boolean): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const even = noise ? (i * 7919) % 13 < 6 : i % 2 === 0;
    return `${i % 9},${(i * 5) % 7},${even ? "even" : "odd"}`;
  });
  writeFileSync(join(home, name), ["a,b,kind", ...rows].join("\n"));
  return join(home, name);
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const ready = (page: Page) => page.locator("button.play:enabled").waitFor();
const ended = (page: Page) => page.getByText("The run has ended").waitFor({ state: "attached", timeout: 90_000 });
const shown = (page: Page) => page.locator("[data-sha256]").first().getAttribute("data-sha256");
const figure = (page: Page, name: string) =>
  page.locator(".where div", { hasText: name }).locator("dd").first().textContent();

async function goTo(page: Page, fragment: string): Promise<void> {
  await page.evaluate((to) => location.replace(to), fragment);
  await page.reload();
  await ready(page);
}

inEachBrowser(
  browsers,
  "two tabs keep two runs: neither a reload nor a step of one touches the other's",
  async (pages) => {
    const { page: first } = await pages.open(studio.url);
    await goTo(first, SETUP);
    for (let s = 0; s < 3; s++) await button(first, "Step").click();
    await expect.poll(() => figure(first, "step")).toMatch(/^3 of/);
    const second = await first.context().newPage();
    await second.goto(studio.url.replace(/#.*/, ""));
    await ready(second);
    expect(await figure(second, "step")).toMatch(/^0 of/); // a run of its own, and the other is offered
    await second.getByText("A run is kept in this browser: digits, epoch 1 of 4").waitFor();
    await goTo(second, SETUP); // the same set-up
    await button(second, "Step").click();
    await expect.poll(() => figure(second, "step")).toMatch(/^1 of/);
    await first.reload();
    await expect.poll(() => figure(first, "step")).toMatch(/^3 of/);
    await second.reload();
    await expect.poll(() => figure(second, "step")).toMatch(/^1 of/);
  },
);

inEachBrowser(
  browsers,
  "a reset, other data and a lesson's link each leave the run before, one click away",
  async (pages) => {
    const { page, problems } = await pages.open(studio.url);
    await goTo(page, SETUP);
    await button(page, "Play").click();
    await ended(page);
    const trained = await shown(page);
    const undo = async () => {
      await page.getByText("The run before is kept: digits, epoch 4 of 4").waitFor();
      await button(page, "Undo: back to it").click();
      await expect.poll(() => shown(page)).toBe(trained);
    };
    await button(page, "Reset").click();
    await undo();
    await page.getByLabel("Data or model files").setInputFiles([table("t.csv", false)]);
    await undo();
    await button(page, "Lessons").click();
    await page.getByRole("link", { name: "zero", exact: true }).click();
    await page.getByText("The run before is kept").waitFor();
    await button(page, "Undo: back to it").click();
    await button(page, "Train").click();
    await expect.poll(() => shown(page)).toBe(trained);
    expect(problems).toEqual([]);
  },
);

browserTest("kept runs are named, opened again on their own data, and deleted", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, SETUP);
  const data = page.getByLabel("Data or model files");
  await data.setInputFiles([table("signal.csv", false)]);
  await page.getByText("signal: 48 rows").waitFor();
  await button(page, "Step").click();
  await data.setInputFiles([table("noise.csv", true)]);
  await page.getByText("noise: 48 rows").waitFor();
  await button(page, "Step").click();
  await button(page, "Keep").click();
  const runs = page.locator(".runs-kept li");
  await expect.poll(() => runs.count()).toBe(2);
  await page.getByLabel("Title of the run on signal").fill("the good one");
  await page.getByLabel("Title of the run on signal").blur();
  await runs.filter({ hasText: "signal" }).getByRole("button", { name: "Open" }).click();
  await page.getByText("steps on signal").waitFor();
  await page.reload();
  await page.getByText("steps on signal").waitFor();
  expect(await page.getByLabel("Title of the run on signal").inputValue()).toBe("the good one");
  await button(page, "Delete all but the open one").click();
  await expect.poll(() => runs.count()).toBe(1);
});

browserTest("on a shared computer nothing is kept once that is asked for", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, SETUP);
  await button(page, "Step").click();
  await button(page, "Keep").click();
  await page.getByLabel("Keep nothing here").check();
  await expect.poll(() => page.locator(".runs-kept li").count()).toBe(0);
  await button(page, "Step").click();
  await page.reload();
  await ready(page);
  expect(await figure(page, "step")).toMatch(/^0 of/);
  expect(await page.getByLabel("Keep nothing here").isChecked()).toBe(true);
});

browserTest("a finished run trains on; η changes while it plays; the page says what its link lacks", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, `${SETUP}&seed=5`);
  await button(page, "Play").click();
  await ended(page);
  await page.getByText("whoever opens the link gets the same run").waitFor();
  await button(page, "Train on").click();
  await expect.poll(() => figure(page, "epoch")).toBe("8 of 8");
  await ended(page);
  expect(page.url()).toMatch(/epochs=8/); // the same run as one of 8 epochs
  await page.getByLabel("Learning rate η").fill("0.02");
  await page.getByLabel("Epochs").fill("12");
  await button(page, "Go on").click();
  await expect.poll(() => figure(page, "epoch")).toMatch(/of 12$/);
  await button(page, "Play").click();
  await ended(page);
  await page.getByText("Changed: η = 0.02 from epoch 9, step 1").waitFor();
  await page.getByText("but not the settings that you changed while it went on").waitFor();
  await button(page, "Keep").click();
  await button(page, "Show").click();
  const record = JSON.parse(await page.getByLabel("run.json").inputValue());
  expect(record.changes).toEqual([{ epoch: 9, step: 0, options: { learningRate: 0.02 } }]);
});

browserTest("a dropped model is named wherever the page said that the run follows from its settings", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, SETUP);
  await button(page, "Step").click();
  await button(page, "Keep").click();
  const download = page.waitForEvent("download");
  await button(page, "Download the model as safetensors").click();
  const path = join(home, "mine.safetensors");
  await (await download).saveAs(path);
  await button(page, "Train").click();
  await page.getByLabel("Data or model files").setInputFiles([path]);
  await page.getByText("but not the model it started from, mine.safetensors").waitFor();
  expect(await page.getByLabel("In a terminal", { exact: true }).count()).toBe(0);
  await button(page, "Draw").click();
  await page.getByText("The network is the model mine.safetensors, as it came.").waitFor();
});

browserTest("of a hundred thousand short epochs the page shows what it can, and still answers", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, SETUP);
  await page.getByLabel("Data or model files").setInputFiles([table("short.csv", false)]);
  await page.getByText("short: 48 rows").waitFor();
  await page.getByLabel("Epochs").fill("100000");
  await expect.poll(() => figure(page, "epoch")).toBe("1 of 100,000");
  await button(page, "Play").click();
  await page.getByText(/The last 50 of [\d,]+/).waitFor();
  await button(page, "Pause").click();
  await page.getByText("Paused").waitFor({ state: "attached" });
  expect(await page.locator("table.epochs tbody tr").count()).toBe(50);
  expect(await page.locator(".chart circle").count()).toBeLessThan(200);
  const reached = Number((await figure(page, "epoch"))!.replace(/ of .*|,/g, ""));
  expect(reached).toBeGreaterThan(50);
});

browserTest("what an address says and the page does not understand is named", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, "#hidden=9999&learningRate=abc&foo=bar&view=nope");
  await page
    .getByText("Not understood in the address, and left out: hidden=9999, learningRate=abc, view=nope, foo.")
    .waitFor();
});

browserTest("on a phone a refusal is seen where one is, and the drop zone takes folders by button", async () => {
  const { page } = await browser.open(studio.url, { viewport: { width: 390, height: 844 } });
  await goTo(page, SETUP);
  writeFileSync(join(home, "bad.csv"), "a,b\n1,x\n2");
  await page.getByText("Drop your own data here").scrollIntoViewIfNeeded();
  await page.getByLabel("Data or model files").setInputFiles([join(home, "bad.csv")]);
  const refusal = page.getByRole("alert").getByText("error ");
  await refusal.waitFor();
  const box = (await refusal.boundingBox())!;
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.y + box.height).toBeLessThanOrEqual(844);
  expect(await page.getByLabel("A folder of data").getAttribute("webkitdirectory")).toBe("");
});

browserTest("a kept run lies over the open one in both charts, with what differs in words", async () => {
  const { page } = await browser.open(studio.url);
  await goTo(page, SETUP);
  await button(page, "Play").click();
  await ended(page);
  await goTo(page, `${SETUP}&learningRate=0.02`);
  await button(page, "Play").click();
  await ended(page);
  await button(page, "Keep").click();
  await page.locator(".runs-kept li").filter({ hasText: "η 0.1," }).getByRole("button", { name: "Compare" }).click();
  await button(page, "Train").click();
  for (const chart of await page.locator(".results .chart").all()) {
    await chart.getByText("digits: η 0.1 (here 0.02)").waitFor();
    await expect.poll(() => chart.locator("[stroke-dasharray]").count()).toBe(1);
  }
});
