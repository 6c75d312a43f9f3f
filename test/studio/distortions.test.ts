// Distorted training images in the page: their knobs, their examples, and the run that they make.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { distortRows } from "../../src/training/distort-rows.ts";
import { deltaprop, folder } from "../cli/run.ts";
import { writeNpy } from "../data/write-npy.ts";
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

browserTest("pictures in color have the panel, too, and are shown distorted in their colors", async () => {
  const { page, problems } = await browser.open(`${studio.url}#hidden=8&rows=200`);
  await page.locator("button.play:enabled").waitFor();
  const [n, side] = [40, 8];
  const pixels = Uint8Array.from({ length: n * side * side * 3 }, (_, k) => (k % 3 === 0 ? 250 : 20)); // all red
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 2);
  const file = (name: string, shape: readonly number[], values: Uint8Array) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(writeNpy("u1", shape, values)),
  });
  await page
    .getByLabel("Data or model files")
    .setInputFiles([file("X.npy", [n, side, side, 3], pixels), file("y.npy", [n], labels)]);
  await page.getByText("192 features").waitFor();
  await page.getByLabel("Of training images").selectOption("image");
  const shown = page.getByLabel("image 1 in epoch 2");
  await shown.waitFor();
  const colors = await shown.evaluate((canvas) => {
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(4, 4, 1, 1);
    return [...data];
  });
  expect(colors[0]).toBeGreaterThan(200);
  expect(colors[1]).toBeLessThan(60);
  expect(problems).toEqual([]);
});
