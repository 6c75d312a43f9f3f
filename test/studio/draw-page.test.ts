// The Draw and Keep views in a real browser: draw, teach and undo, download, delete. `deltaprop studio` serves the
// page.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { readRunRecord } from "../../src/files/run/run-record.ts";
import { deltaprop, folder } from "../cli/run.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const studio = useStudio();
const browser = useBrowser();
const SETUP = "hidden=64&epochs=4&batchSize=32";

type Points = readonly (readonly [x: number, y: number])[];
/** As shares of the pad's side. */
const SEVEN: Points = [
  [0.3, 0.2],
  [0.5, 0.19],
  [0.7, 0.2],
  [0.62, 0.42],
  [0.54, 0.62],
  [0.48, 0.85],
];
const ONE: Points = [
  [0.5, 0.15],
  [0.5, 0.5],
  [0.5, 0.85],
];

/** The page on a trained run, in the Draw view. */
async function trained(options = {}) {
  const opened = await browser.open(`${studio.url}#${SETUP}&view=draw`, options);
  const { page } = opened;
  await page.getByRole("button", { name: /^Play/ }).click();
  await page.getByText("4 of 4").waitFor();
  await page.locator(".transport button:disabled", { hasText: "Step" }).waitFor();
  return opened;
}

async function draw(page: Page, points: Points): Promise<void> {
  const pad = page.locator(".pad");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const move = ([x, y]: Points[number], steps: number) =>
    page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps });
  await move(points[0]!, 1);
  await page.mouse.down();
  for (const point of points.slice(1)) await move(point, 8);
  await page.mouse.up();
}

/** With one finger, through the browser's own touch events. */
async function drawByTouch(page: Page, points: Points): Promise<void> {
  const pad = page.locator(".pad");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const input = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", [x, y]: Points[number]) =>
    input.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: box.x + x * box.width, y: box.y + y * box.height }],
    });
  await touch("touchStart", points[0]!);
  for (const point of points.slice(1)) await touch("touchMove", point);
  await touch("touchEnd", points[0]!);
}

const verdict = (page: Page) => page.locator(".verdict:visible");
const figures = (page: Page) => page.locator(".says .figure").allTextContents();
const sha = (page: Page) => page.getByRole("textbox", { name: "SHA-256 of the parameters" }).inputValue();

browserTest("a 7 and a 1 drawn with the mouse are read as such, with bars that sum to 1", async () => {
  const { page, problems } = await trained();
  await draw(page, SEVEN);
  await verdict(page).getByText("7", { exact: true }).waitFor();
  const sum = (await figures(page)).reduce((total, text) => total + Number.parseFloat(text), 0);
  expect(Math.abs(sum - 100)).toBeLessThanOrEqual(0.5); // ten figures of one decimal
  expect(await page.getByRole("img", { name: /^Push of each pixel on 7: 28 × 28, from −/ }).count()).toBe(1);
  await page.getByRole("button", { name: "Clear" }).click();
  await verdict(page).getByText("nothing yet").waitFor();
  await draw(page, ONE);
  await verdict(page).getByText("1", { exact: true }).waitFor();
  expect(problems).toEqual([]);
});

browserTest(
  "a lesson raises the taught digit, is told in Keep and the record, and is taken back to the very SHA-256",
  async () => {
    const { page, problems } = await trained();
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect.poll(() => sha(page)).toMatch(/^[0-9a-f]{64}$/);
    const before = await sha(page);
    await page.getByRole("button", { name: "Draw", exact: true }).click();
    await draw(page, SEVEN);
    await verdict(page).getByText("7", { exact: true }).waitFor();
    await page.getByRole("group", { name: "What it really is" }).getByRole("button", { name: "4" }).click();
    const [was, is] = (await page.locator(".change .picked .figure").textContent())!.split("→").map(Number.parseFloat);
    expect(is).toBeGreaterThanOrEqual(was!);
    await page.getByText("taught once by hand").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await page.getByText("Taught once by hand").waitFor();
    expect(await sha(page)).not.toBe(before);
    await page.getByRole("button", { name: "Show" }).click();
    expect(readRunRecord(await page.getByLabel("run.json").inputValue(), "run.json")).toMatchObject({
      studio: { taught: 1 },
    });
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Draw", exact: true }).click();
    await page.getByRole("button", { name: "Take the lesson back" }).click();
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect.poll(() => sha(page)).toBe(before);
    expect(problems).toEqual([]);
  },
);

browserTest("the pad draws by keys alone, and an example of the data stands in for a drawing", async () => {
  const { page } = await trained();
  await page.getByRole("application", { name: /^Pad/ }).focus();
  await page.keyboard.press("Space");
  for (let k = 0; k < 14; k++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await verdict(page).getByText("1", { exact: true }).waitFor();
  await page.keyboard.press("Backspace");
  await verdict(page).getByText("nothing yet").waitFor();
  await page.getByRole("button", { name: "Take an example" }).click();
  const { test } = await drawDigits({ seed: 1 });
  await page.getByText(`Example 1 of the test part, labelled ${test!.labels[0]}.`).waitFor();
  await page.locator(".verdict:visible strong").waitFor();
});

browserTest("by touch at 390 pixels, the view fits and reads the same", async () => {
  const { page } = await trained({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" });
  await drawByTouch(page, SEVEN);
  await verdict(page).getByText("7", { exact: true }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(await violations(page)).toEqual([]);
});

browserTest(
  "a model downloaded here works with deltaprop test, in every format it says how it was checked",
  async () => {
    const { page, problems } = await trained({ acceptDownloads: true });
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    const [home, remove] = folder();
    const names = [];
    for (const title of ["safetensors", "ONNX", "JavaScript module", "JSON"]) {
      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name: `Download the model as ${title}` }).click();
      const file = await coming;
      names.push(file.suggestedFilename());
      await file.saveAs(join(home, file.suggestedFilename()));
      await page.getByText(file.suggestedFilename()).getByText("rows of the data give the same classes").waitFor();
    }
    expect(names).toEqual(["safetensors", "onnx", "js", "json"].map((end) => `digits-step-1252.${end}`));
    const { code, out } = await deltaprop(home, ["test", names[0]!, "digits"]);
    expect(code).toBe(0);
    expect(Number(/accuracy ([\d.]+) %/.exec(out)![1])).toBeGreaterThan(90);
    const { predict } = await import(pathToFileURL(join(home, names[2]!)).href);
    expect(predict(new Uint8Array(784)).probabilities).toHaveLength(10);
    expect(readFileSync(join(home, names[3]!), "utf8")).toContain('"checked"');
    remove();
    expect(problems).toEqual([]);
  },
);
