// The page says what it found in a dropped file, and takes it another way before training.
import { expect } from "vitest";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

const table = (name: string, lines: readonly string[]) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(lines.join("\n")),
});
const PLAY = Array.from({ length: 60 }, (_, i) => {
  const zip = 100 + ((i * 7) % 5);
  return `${i % 4 === 0 ? "yes" : "no"},${["sunny", "rain", "overcast"][i % 3]},${zip},${i % 2 ? "north" : "south"}`;
});

browserTest("the label and a kind are chosen in the panel: the run, its address and its command follow", async () => {
  const { page, problems } = await browser.open(studio.url, {
    bypassCSP: true,
    viewport: { width: 1300, height: 900 },
  });
  await page.locator("button.play:enabled").waitFor();
  const input = page.getByLabel("Data or model files");
  await input.setInputFiles(table("play.csv", ["played,sky,zip,site", ...PLAY]));
  const panel = page.locator("#found");
  await panel.getByRole("heading", { name: "What was found in play.csv" }).waitFor();
  const row = (name: string) => panel.locator("tbody tr", { has: page.getByRole("rowheader", { name, exact: true }) });
  expect(await row("zip").locator("td").allTextContents()).toEqual(
    expect.arrayContaining(["number", "0", "5", "100", "feature, 1 input"]),
  );
  expect(await row("site").textContent()).toContain("label: the last column");
  await page.getByLabel("Take zip as").selectOption("category");
  await page.getByLabel("Take played as").selectOption("label");
  await expect.poll(() => page.url()).toMatch(/#data=file&label=played&categorical=zip$/);
  await expect.poll(() => row("zip").textContent()).toContain("feature, 5 inputs");
  expect(await page.getByRole("textbox", { name: "In a terminal" }).inputValue()).toContain(
    "train ./play.csv --label played --categorical zip --hidden",
  );
  await page.getByRole("button", { name: "Step" }).click();
  await page.getByLabel("Take site as").selectOption("left out"); // now it would be another run
  await page.getByText("These settings make another run.").waitFor();
  await page.getByRole("button", { name: "Keep the old settings" }).click();
  expect(await page.getByLabel("Take site as").inputValue()).toBe("");

  await input.setInputFiles(table("other.csv", ["a,b", ...PLAY.map((_, i) => `${i % 7},${i % 2 ? "x" : "y"}`)]));
  await panel.getByRole("heading", { name: "What was found in other.csv" }).waitFor(); // with no word of the other file
  await expect.poll(() => page.url()).toMatch(/#data=file$/);
  expect([await violations(page, { within: "#found" }), problems]).toEqual([[], []]);
});

browserTest("ranks are put in order and a column is the rows' weight", async () => {
  const { page, problems } = await browser.open(studio.url);
  await page.locator("button.play:enabled").waitFor();
  const rows = PLAY.map((_, i) => `${["S", "M", "L"][(i * 7) % 3]},${1 + (i % 4)},${(i * 13) % 11},${i % 5 < 2}`);
  await page.getByLabel("Data or model files").setInputFiles(table("sold.csv", ["size,copies,heat,sold", ...rows]));
  await page.getByRole("heading", { name: "What was found in sold.csv" }).waitFor();
  await page.getByLabel("Take size as").selectOption("ranks");
  await page.getByLabel("Take copies as").selectOption("weight of rows");
  const order = page.getByLabel("Ranks of size");
  await order.fill("S<M");
  await order.fill("S<M<L");
  const row = (name: string) =>
    page.locator("#found tbody tr", { has: page.getByRole("rowheader", { name, exact: true }) });
  await expect.poll(() => row("size").locator("td").first().textContent()).toMatch(/^rank/);
  await expect.poll(() => row("copies").locator("td").nth(4).textContent()).toMatch(/^weight/);
  await expect
    .poll(() => page.getByRole("textbox", { name: "In a terminal" }).inputValue())
    .toContain("train ./sold.csv --ordinal 'size=S<M<L' --weight copies --hidden");
  expect(await page.getByLabel("Take heat as").locator("option").allTextContents()).not.toContain("ranks"); // no levels
  expect(problems).toEqual([]);
});

browserTest("a refused table shows its columns and which is wrong, and opens when that one is a category", async () => {
  const { page } = await browser.open(studio.url);
  await page.locator("button.play:enabled").waitFor();
  const mixed = PLAY.map((_, i) => `${i % 7},${i === 3 ? "foo" : i % 5},${i % 2 ? "x" : "y"}`);
  await page.getByLabel("Data or model files").setInputFiles(table("mixed.csv", ["a,b,kind", ...mixed]));
  await page.getByRole("heading", { name: "What is in mixed.csv, which was not opened" }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("found");
  expect(await page.locator("#found tr.odd").textContent()).toMatch(/^b.*got "foo"\. Take it as a category/);
  await page.getByLabel("Take b as").selectOption("category");
  await page.getByRole("button", { name: "Open it so" }).click();
  await page.getByRole("heading", { name: "What was found in mixed.csv" }).waitFor();
  expect(new URL(page.url()).hash).toBe("#data=file&categorical=b");
});
