// What a trial found wrong in the page, and stays mended.
import { expect, test } from "vitest";
import { pictureOf } from "../../src/studio/draw/pen.ts";
import { tempered } from "../../src/studio/draw/tempered.ts";
import { centeringOf } from "../../src/studio/lab/centering.ts";
import { LossCurve } from "../../src/studio/lab/curve.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const FEW = "#hidden=8&rows=200";

test("the curve tells the least and the largest loss of a point's steps, also after it is continued", () => {
  const losses = Array.from({ length: 5000 }, (_, k) => ((k * 7919) % 1009) / 100);
  let curve = new LossCurve();
  losses.forEach((loss, k) => {
    if (k % 700 === 3) curve = new LossCurve(structuredClone(curve.state()));
    curve.add(loss, (k + 1) / 100);
  });
  let from = 0;
  for (const { step, low, high } of curve.points) {
    const own = losses.slice(from, step);
    expect([low, high]).toEqual([Math.min(...own), Math.max(...own)]);
    from = step;
  }
  expect(curve.points.length).toBeGreaterThan(256);
});

test("a drawing is centered as the data's pictures are, and stays where it is where they are not centered", () => {
  const corner = (byMass: boolean) => {
    const features = new Uint8Array(20 * 64);
    for (let row = 0; row < 20; row++) for (const at of byMass ? [27, 36] : [0, 9]) features[row * 64 + at] = 200;
    return centeringOf({ features, rows: 20, image: { height: 8, width: 8 } });
  };
  expect([corner(true), corner(false)]).toEqual(["mass", null]);
  const line = [
    [
      [30, 30],
      [30, 90],
    ],
  ] as const; // near the upper left of a pad of 280
  const place = (by: "mass" | null) => {
    const at = pictureOf(line, by).reduce((most, ink, k, all) => (ink > all[most]! ? k : most), 0);
    return [at % 28, Math.floor(at / 28)];
  };
  expect(place("mass")[0]).toBeGreaterThan(10);
  expect(place(null)[0]).toBeLessThan(5);
});

test("a temperature spreads the probabilities as softmax(z/T) does, and leaves the winner", () => {
  const z = [1, 3.5, -2, 0];
  const softmax = (T: number) => {
    const powers = z.map((each) => Math.exp(each / T));
    return powers.map((power) => power / powers.reduce((sum, each) => sum + each, 0));
  };
  for (const T of [0.5, 1, 4]) {
    const got = tempered(Float64Array.from(softmax(1)), T);
    softmax(T).forEach((p, c) => {
      expect(got[c]).toBeCloseTo(p, 12);
    });
  }
});

browserTest(
  "from a held term its values are three keys away, and what the note says is printed with real indices",
  async () => {
    const { page } = await browser.open(`${studio.url}${FEW}&view=note`);
    await page.locator("#E2 [role=button]").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("values");
    await page.locator("#E1 [role=button]").focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".values .remark").textContent()).toMatch(/^xᵢ is a 28×28 image/);
    await page.getByText("One step").click();
    expect(await page.getByRole("button", { name: "Play", exact: true }).count()).toBe(1);
  },
);

browserTest("type grows for a projector, and stays so", async () => {
  const { page } = await browser.open(`${studio.url}${FEW}`);
  await page.locator("button.play:enabled").waitFor();
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector("dt")!).fontSize));
  const before = await size();
  await page.getByLabel("Type").selectOption("projector");
  expect(await size()).toBeCloseTo(1.6 * before, 3);
  await page.reload();
  await page.locator("button.play:enabled").waitFor();
  expect(await size()).toBeCloseTo(1.6 * before, 3);
});

browserTest(
  "on a shared computer the notice of a kept run also forgets all; the last view is there without a host",
  async () => {
    const { page } = await browser.open(`${studio.url}${FEW}`);
    await page.locator("button.play:enabled").waitFor();
    const keep = page.waitForResponse((response) => /keep/.test(response.url()) || /view-/.test(response.url()));
    await page.getByRole("button", { name: "Step" }).click();
    await keep;
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    await page.locator("[data-view=keep]").click();
    await page.getByRole("heading", { name: "To repeat the run" }).waitFor();
    await page.context().setOffline(false);
    const next = await page.context().newPage();
    await next.goto(studio.url);
    await next.getByRole("button", { name: "Forget all runs, and keep none" }).click();
    await next.locator("[data-view=keep]").click();
    await expect.poll(() => next.getByLabel(/Keep nothing here/).isChecked()).toBe(true);
  },
);

browserTest("on a phone the answer stands above the pad; a lesson's second run lies over its first", async () => {
  const { page } = await browser.open(`${studio.url}${FEW}&view=draw`, { viewport: { width: 390, height: 700 } });
  await page.getByRole("button", { name: "Take an example" }).click();
  const verdict = page.locator(".verdict.on-phone");
  await expect.poll(() => verdict.textContent()).toMatch(/^\d, /);
  expect((await verdict.boundingBox())!.y).toBeLessThan(
    (await page.locator(".draw [role=application]").boundingBox())!.y,
  );
  await page.setViewportSize({ width: 1300, height: 900 });
  await page.locator("[data-view=lessons]").click();
  await page.getByRole("link", { name: "B = 2", exact: true }).click();
  await page.getByRole("button", { name: "Step" }).click();
  await page.locator(".figures dd").first().filter({ hasText: /\d/ }).waitFor();
  await page.getByRole("link", { name: "B = 256", exact: true }).click();
  await page.locator(".chart .key", { hasText: "digits: B 2 (here 256)" }).first().waitFor();
  await page.getByText("9,984 rows to train on").waitFor();
});
