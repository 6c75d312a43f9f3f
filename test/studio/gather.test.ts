// Gather, train, try: drawings and brought pictures become a data set of one's own.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { greyOf, inkOf } from "../../src/studio/draw/ink-of.ts";
import { writePng } from "../data/write-png.ts";
import { inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browsers = {
  browser: useBrowser(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]),
  firefox: useFirefox({ "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true }),
};
const studio = useStudio();

test("ink is what differs from the paper, dark on light or light on dark, and transparency is paper", () => {
  const grey = Float32Array.of(200, 205, 198, 20, 201, 199, Number.NaN, 180);
  const ink = inkOf(grey);
  expect([ink[3], ink[0], ink[6], ink[7]]).toEqual([255, 0, 0, 0]); // 180 is a shadow
  const light = inkOf(grey.map((value) => 255 - value));
  expect([light[3], light[0], light[6]]).toEqual([255, 0, 0]);
  expect(inkOf(new Float32Array(9).fill(77))).toEqual(new Uint8Array(9));
  const rgba = Uint8ClampedArray.of(255, 0, 0, 255, 9, 9, 9, 0);
  expect([...greyOf(rgba)]).toEqual([Math.fround(0.299 * 255), Number.NaN]);
});

/** A line over the pad, along one of its axes, a little other each time. */
async function line(page: Page, across: boolean, k: number): Promise<void> {
  await page.locator(".pad").scrollIntoViewIfNeeded();
  const box = (await page.locator(".pad").boundingBox())!;
  const at = (along: number, aside: number) =>
    [box.x + (across ? along : aside) * box.width, box.y + (across ? aside : along) * box.height] as const;
  await page.mouse.move(...at(0.2 + 0.01 * k, 0.42 + 0.03 * k));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.45 + 0.02 * k), { steps: 3 });
  await page.mouse.move(...at(0.8 - 0.01 * k, 0.4 + 0.03 * k), { steps: 3 });
  await page.mouse.up();
}

inEachBrowser(
  browsers,
  "two kinds of lines are gathered, a run is trained on them, and it tells new ones apart",
  async (pages) => {
    const { page, problems } = await pages.open(`${studio.url}#hidden=8&rows=200&view=draw`);
    const name = page.getByLabel("Class", { exact: true });
    await name.waitFor();
    for (const [kind, across] of [
      ["across", true],
      ["upright", false],
    ] as const) {
      await name.fill(kind);
      for (let k = 0; k < 6; k++) {
        await line(page, across, k);
        await page.getByRole("button", { name: "Keep this one" }).click();
      }
    }
    expect(await page.locator(".gathered .quiet").allTextContents()).toEqual(["6 pictures", "6 pictures"]);
    await page.getByRole("button", { name: "Train on them" }).click();
    await page.getByText("The run has ended").waitFor({ state: "attached" });
    const verdict = page.locator(".verdict:visible");
    await line(page, true, 2.5);
    await expect.poll(() => verdict.textContent()).toMatch(/^across, /);
    await page.getByRole("button", { name: "Clear" }).click();
    await line(page, false, 2.5);
    await expect.poll(() => verdict.textContent()).toMatch(/^upright, /);

    const samples = Array.from({ length: 40 * 40 }, (_, p) =>
      Math.abs((p % 40) - 20) < 3 && p > 200 && p < 1400 ? 30 : 220,
    );
    const png = Buffer.from(writePng({ width: 40, height: 40, depth: 8, colour: 0, samples }));
    await page.getByRole("button", { name: "Clear" }).click();
    await page
      .getByLabel("A picture in place of a drawing")
      .setInputFiles({ name: "scan.png", mimeType: "image/png", buffer: png });
    await expect.poll(() => verdict.textContent()).toMatch(/^upright, /);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.evaluate(
      (bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(bytes)], "pasted.png", { type: "image/png" }));
        // Firefox takes no data for a ClipboardEvent of a script
        dispatchEvent(Object.assign(new Event("paste", { cancelable: true }), { clipboardData: data }));
      },
      [...png],
    );
    await expect.poll(() => verdict.textContent()).toMatch(/^upright, /);
    expect(problems).toEqual([]);
  },
);

inEachBrowser(
  browsers,
  "the camera's picture stands on the pad; a file that is no picture is refused",
  async (pages) => {
    const { page } = await pages.open(`${studio.url}#hidden=8&rows=200&view=draw`);
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
    await page.getByRole("button", { name: "Take the picture" }).click();
    await expect.poll(() => page.locator(".verdict:visible").textContent()).toMatch(/^\d, /);
    await page.getByRole("button", { name: "Close the camera" }).click();
    expect(await page.locator("video").count()).toBe(0);
    await page
      .getByLabel("A picture in place of a drawing")
      .setInputFiles({ name: "note.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("error BAD_PICTURE note.png");
  },
);
