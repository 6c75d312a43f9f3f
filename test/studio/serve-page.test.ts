// The page of `deltaprop serve` in a real browser: a form from the model's columns, a drawing, a picture's file, the
// token, and nothing for axe to find.
import { afterAll, beforeAll, expect } from "vitest";
import { fit } from "../../src/classifier/fit.ts";
import { servePage } from "../../src/cli/studio/built.ts";
import { drawDigits } from "../../src/data/digits/digits.ts";
import type { Serving } from "../../src/serve/serving.ts";
import { writePng } from "../data/write-png.ts";
import { numbers, serve, words } from "../serve/models.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";

const TOKEN = "a-token-of-many-characters";
const browser = useBrowser();
let serving: Serving;
let guarded: Serving;

beforeAll(async () => {
  const page = await servePage();
  const { train } = await drawDigits({ seed: 1, train: 300, test: 10 });
  const digits = (await fit(train, { hidden: [16], epochs: 2, engine: "wasm" })).model;
  serving = await serve({ words: await words(), digits }, { page });
  guarded = await serve({ numbers: await numbers() }, { page, token: TOKEN });
});
afterAll(() => Promise.all([serving.stop(), guarded.stop()]));

browserTest.each([
  [1200, "light"],
  [390, "dark"],
] as const)("at %i pixels, %s: a form asks by column, and axe finds nothing", async (width, colorScheme) => {
  const { page, problems } = await browser.open(serving.url, {
    viewport: { width, height: 900 },
    colorScheme,
    bypassCSP: true,
  });
  await page.getByLabel("size").fill("0.5");
  await page.getByLabel("kind").selectOption("ü");
  await page.getByLabel("rank").selectOption("low");
  await page.getByLabel("on", { exact: true }).selectOption("true");
  await page.getByRole("button", { name: "Predict" }).click();
  await page.locator(".answer h2").waitFor();
  const row = { size: 0.5, kind: "ü", rank: "low", on: true, day: null };
  const own = await fetch(`${serving.url}/predict/words`, { method: "POST", body: JSON.stringify(row) });
  expect(await page.locator(".answer h2").textContent()).toBe(((await own.json()) as { class: string }).class);
  await page.getByLabel("size").fill("much");
  await page.getByRole("button", { name: "Predict" }).click();
  await expect.poll(() => page.locator(".answer .wrong").textContent()).toMatch(/column 1 \(size\) must be a number/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
  expect(problems.filter((text) => !text.includes("400"))).toEqual([]);
});

browserTest("a digit is drawn or chosen as a file, under the page's own policy", async () => {
  const { page, problems } = await browser.open(serving.url);
  await page.getByLabel("Model").selectOption("digits");
  const sheet = (await page.locator(".sketch").boundingBox())!;
  await page.mouse.move(sheet.x + sheet.width / 2, sheet.y + 40);
  await page.mouse.down();
  await page.mouse.move(sheet.x + sheet.width / 2, sheet.y + sheet.height - 40, { steps: 8 });
  await page.mouse.up();
  await expect.poll(() => page.locator(".bars li").count()).toBe(10);
  await page.getByRole("button", { name: "Clear" }).click();
  const samples = Uint8Array.from({ length: 784 }, (_, k) => (k % 28 > 12 && k % 28 < 16 ? 255 : 0));
  const buffer = Buffer.from(writePng({ width: 28, height: 28, depth: 8, colour: 0, samples }));
  await page.locator('input[type="file"]').setInputFiles({ name: "one.png", mimeType: "image/png", buffer });
  const own = await fetch(`${serving.url}/predict/digits`, { method: "POST", body: new Uint8Array(buffer) });
  const { class: digit } = (await own.json()) as { class: string };
  await expect.poll(() => page.locator(".answer h2").textContent()).toBe(digit);
  expect(await page.locator(".answer .hint").count()).toBe(0);
  const small = writePng({ width: 14, height: 14, depth: 8, colour: 0, samples: samples.subarray(0, 196) });
  const other = { name: "small.png", mimeType: "image/png", buffer: Buffer.from(small) };
  await page.locator('input[type="file"]').setInputFiles(other);
  await expect
    .poll(() => page.locator(".answer .hint").textContent())
    .toBe("The picture: its 14 × 14 pixels were resized to 28 × 28.");
  expect(problems).toEqual([]);
});

browserTest("with a token the page asks for it, and keeps it out of its address", async () => {
  const { page } = await browser.open(guarded.url);
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByLabel("width").waitFor();
  expect(page.url()).not.toContain(TOKEN);
  expect(await violations(await (await browser.open(guarded.url, { bypassCSP: true })).page)).toEqual([]);
});
