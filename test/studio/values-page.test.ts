// The page with a table of numbers or of several labels: what is learned is said and can be chosen, every view answers
// in the units of the data, and the figures are those of `deltaprop test`.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect } from "vitest";
import { deltaprop, folder } from "../cli/run.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const [place, remove] = folder();
afterAll(remove);

const ROWS = Array.from({ length: 120 }, (_, i) => {
  const [size, town] = [20 + ((i * 37) % 91), ["north", "south"][i % 2]];
  const price = 1000 + 13.5 * size + (town === "south" ? 250 : 0);
  return [size, town, Number(size > 60), Number(town === "south"), price].join(",");
});
const TEXT = ["size,town,big,sunny,price", ...ROWS].join("\n");

async function drop(page: Page): Promise<void> {
  await page.getByLabel("Data or model files").waitFor();
  const buffer = Buffer.from(TEXT);
  await page.getByLabel("Data or model files").setInputFiles({ name: "homes.csv", mimeType: "text/csv", buffer });
  await page.getByRole("heading", { name: "What was found in homes.csv" }).waitFor();
}

async function playOut(page: Page): Promise<void> {
  await page.locator("button.play:enabled").click();
  await page.getByText("The run has ended").waitFor({ state: "attached" });
}

const to = (page: Page, view: string) => page.locator(`button.tab[data-view=${view}]`).click();

browserTest(
  "a number is found and learned by the loss that is chosen, and every view answers in its units",
  async () => {
    const set = "data=file&hidden=8&epochs=40&batchSize=16&optimizer=adam&learningRate=0.02";
    const { page, problems } = await browser.open(`${studio.url}#${set}`, {
      bypassCSP: true,
      viewport: { width: 1300, height: 900 },
    });
    await drop(page);
    await page.getByText("1 number to learn (price)").waitFor();
    await page.getByText(/^price [\d,]+ ± \d+ in the training rows/).waitFor();
    await page.getByLabel("Loss", { exact: true }).selectOption("huber");
    await page.getByLabel("Threshold d").fill("0.5");
    await expect.poll(() => decodeURIComponent(page.url())).toContain("&loss=huber=0.5");
    const command = page.getByRole("textbox", { name: "In a terminal" });
    await expect.poll(() => command.inputValue()).toContain(" --loss huber=0.5 ");
    await playOut(page);
    expect(await page.locator("table.epochs thead").textContent()).toContain("Test R²");
    const figures = page.locator("dl.figures");
    await expect.poll(() => figures.textContent()).toMatch(/test R²0\.9\d+test RMSE.*test MAE/);

    // the same figures as a test in a terminal
    await writeFile(join(place, "homes.csv"), TEXT);
    const words = (await command.inputValue()).split(" ").slice(2);
    const trained = await deltaprop(place, [...words, "--engine", "wasm", "--out", "run"]);
    expect(trained.code, trained.err).toBe(0);
    const tested = await deltaprop(place, ["test", "run", "homes.csv", "--json"]);
    expect(tested.code, tested.err).toBe(0);
    const [target] = JSON.parse(tested.out).targets;
    await to(page, "watch");
    const table = page.locator("table.value-figures").first();
    await table.waitFor();
    const cells = await table.locator("tbody tr").first().locator("td").allTextContents();
    expect(Number(cells[0])).toBeCloseTo(target.rmse, 1);
    expect(cells[2]).toBe(target.r2.toFixed(4));

    const first = page.locator(".mistakes .gallery button").first();
    const [, said = ""] = /→ ([\d,]+)/.exec((await first.textContent())!)!;
    await first.click();
    await expect.poll(() => page.locator(".example .answer-table").textContent()).toContain(said);
    await page
      .getByRole("heading", { name: /^price: what it is/ })
      .or(page.getByText("price: what it is"))
      .first()
      .waitFor();
    expect(await violations(page, { within: "main" })).toEqual([]);

    await to(page, "draw");
    const answered = page.locator(".row-says .answer-table td").first();
    const numberNow = async () => Number((await answered.textContent())!.replaceAll(",", ""));
    await page.getByLabel("size", { exact: true }).fill("30");
    await page.keyboard.press("Enter");
    await expect.poll(numberNow).toBeLessThan(1800);
    await page.getByLabel("size", { exact: true }).fill("100");
    await page.keyboard.press("Enter");
    await expect.poll(numberNow).toBeGreaterThan(2100);
    expect(await violations(page, { within: "main" })).toEqual([]);

    await to(page, "note");
    const own = page.locator("#own-loss");
    await expect.poll(() => own.textContent()).toContain("huber (threshold 0.5)");
    const row = await own.locator("tbody tr").first().locator("td").allTextContents();
    expect(row[3]).toBe(row[4]); // the formula's slope is the network's δ
    await page.locator("#E3 [role=button]").focus();
    await page.getByText("which has no softmax.").waitFor();
    await page.getByRole("button", { name: "One step" }).click();
    await page.getByText(/stage 1 of/).waitFor();
    expect(problems).toEqual([]);
  },
);

browserTest("several labels are chosen in the panel, and each has its figures", async () => {
  const { page, problems } = await browser.open(`${studio.url}#data=file&hidden=8&epochs=30&batchSize=16`, {
    bypassCSP: true,
  });
  await drop(page);
  await page.getByLabel("Take big as").selectOption("label");
  await page.getByText("2 classes").waitFor();
  await page.getByLabel("Take sunny as").selectOption("a label, too");
  await page.getByText("2 labels to learn (big, sunny)").waitFor();
  expect(await page.getByLabel("Loss", { exact: true }).inputValue()).toBe("sigmoid-cross-entropy");
  await page.getByLabel("What is learned").selectOption("regress");
  await page.getByText("2 numbers to learn (big, sunny)").waitFor();
  await page.getByLabel("What is learned").selectOption("");
  await page.getByText("2 labels to learn (big, sunny)").waitFor();
  await expect.poll(() => page.url()).toContain("label=big,sunny");
  await playOut(page);
  await to(page, "watch");
  const heads = page.locator("table.value-figures tbody th");
  await expect.poll(() => heads.allTextContents()).toEqual(["big", "95 %", "sunny", "95 %"]);
  expect(await page.locator(".example .answer-table tbody th").allTextContents()).toEqual(["big", "sunny"]);
  await to(page, "ask");
  await page.getByText("this one learns labels that are there or not").waitFor();
  await page.getByRole("heading", { name: "Typical and unusual" }).waitFor();
  expect(await violations(page, { within: "main" })).toEqual([]);
  expect(problems).toEqual([]);
});
