// Distorted training images in the page: their knobs, their examples, and the run that they make.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { distortRows } from "../../src/training/distort-rows.ts";
import { deltaprop, folder } from "../cli/run.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { followingLab } from "./follow.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const [home, remove] = folder();
afterAll(remove);
const { lab, follow } = followingLab();
const SETUP = { ...DEFAULT_SETUP, hidden: [8], epochs: 1, batchSize: 256, augment: "rotation:20,shift:2" };

test("a run on distorted images is recorded with them, and verify repeats it", async () => {
  const { failure } = await follow(SETUP, 1);
  expect(failure).toBeUndefined();
  const record = JSON.parse(await lab.record());
  expect(record.options.augment).toMatchObject({ rotation: 20, shift: 2, elastic: 0 });
  mkdirSync(join(home, "run"));
  writeFileSync(join(home, "run", "run.json"), JSON.stringify(record));
  writeFileSync(join(home, "run", "model.safetensors"), (await lab.exportModel("safetensors")).bytes);
  const { code, err } = await deltaprop(home, ["verify", "run", "--engine", "wasm"]);
  expect([code, err]).toEqual([0, ""]);
});

test("the examples are those of the run's own epochs", async () => {
  await lab.open(SETUP);
  const { train } = await drawDigits({ seed: 1 });
  const rows = Uint32Array.of(0, 5);
  const expected = distortRows(train, { rotation: 20, shift: 2 }, rows, 1, 2);
  const [first, second] = await lab.distortedRows([0, 5], 2);
  expect([...first!, ...second!]).toEqual([...expected]);
});

browserTest("knobs turn what is shown, are kept in the address, and say what they take", async () => {
  const { page, problems } = await browser.open(`${studio.url}#hidden=8&rows=200`);
  await page.locator("button.play:enabled").waitFor();
  await page.getByLabel("Of training images").selectOption("digits");
  await page.getByLabel("Images in epoch 2").waitFor();
  expect(await page.evaluate(() => location.hash)).toContain("augment=digits");
  await page.getByLabel("Of training images").selectOption("own");
  await page.getByLabel("Turn").fill("45");
  await page.getByLabel("Turn").blur();
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes("rotation:45,shift:1"));
  await page.getByLabel("Turn").fill("500");
  await page.getByText("Expected a number from 0 to 180.").waitFor();
  await page.getByLabel("Turn").fill("0");
  await page.getByLabel("Turn").blur();
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes("augment=shift:1"));
  expect(problems).toEqual([]);
});
