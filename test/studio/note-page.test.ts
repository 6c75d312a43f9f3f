// The Note and Lessons views in a real browser: what a reader can point at, step through and pick.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { EQUATIONS } from "../../src/studio/note/equations.ts";
import { stagesOf } from "../../src/studio/note/stages.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

const WIDE = { viewport: { width: 1440, height: 1000 } };
const NARROW = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** The note, once it has values. */
async function openNote(options: Parameters<typeof browser.open>[1] = WIDE, more = "") {
  const opened = await browser.open(`${studio.url}#view=note${more}`, options);
  await opened.page.locator(".values canvas, .values .row").first().waitFor();
  return opened;
}

const heading = (page: Page) => page.locator(".values h3");
const chosen = (page: Page) => page.locator(".terms [aria-pressed=true]");

browserTest("every equation can be reached by keyboard, and each of its terms has a value of some shape", async () => {
  const { page, problems } = await openNote();
  for (const { id, terms } of EQUATIONS) {
    const formula = page.locator(`#${id} [role=button]`);
    await formula.focus();
    expect(await heading(page).textContent()).toBe(id);
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".terms .shape")].every((shape) => /^\d+ × \d+$/.test(shape.textContent ?? "")),
    );
    for (let term = 1; term < terms.length; term++) await page.keyboard.press("ArrowRight");
    expect(await formula.getAttribute("data-on")).toBe(`t${terms.length - 1}`);
    expect(await chosen(page).count()).toBe(1);
  }
  expect(problems).toEqual([]);
});

browserTest("pointing at a term shows its matrix, a click holds it, and Escape lets go", async () => {
  const { page } = await openNote();
  await page.locator("#E16 .t3").hover();
  const map = page.locator(".values canvas");
  await map.and(page.locator('[aria-label^="diag(σ′(z_3)): 128 × 128"]')).waitFor();
  await page.locator("#E16 .t3").click();
  await page.locator("#E14 .t0").hover();
  expect(await heading(page).textContent()).toBe("E16");
  await page.keyboard.press("Escape");
  await page.locator("#E14 .t0").hover();
  expect(await heading(page).textContent()).toBe("E14");
  // back to what it was made of, and to the equation that made it
  await page.locator("#E17 .t0").hover();
  await page.locator(".origin button", { hasText: "δ^2" }).click();
  expect(await page.locator(".values .what").textContent()).toContain("the error of layer 2");
  await page.locator(".origin button", { hasText: "E17" }).click();
  expect(await heading(page).textContent()).toBe("E17");
});

browserTest("one real step is walked array by array, and is taken at its end", async () => {
  const { page, problems } = await openNote();
  await page.getByRole("button", { name: "One step" }).click();
  await page.locator(".faces canvas").first().waitFor();
  const stages = stagesOf(4);
  for (const [at, { makes, uses }] of stages.entries()) {
    await page.getByText(`stage ${at + 1} of ${stages.length}`).waitFor();
    expect(await page.locator(".array.made").count()).toBe(makes.length);
    expect(await page.locator(".array.used").count()).toBe(uses.length);
    if (at === stages.length - 2) {
      expect(await page.locator(".array.not-yet").count()).toBe(0);
      expect(await page.locator(".stage").textContent()).toContain("Step 1,");
    }
    if (at < stages.length - 1) await page.keyboard.press("ArrowRight");
  }
  await page.locator(".transport", { hasText: "1 of 157" }).waitFor();
  await page.getByRole("button", { name: "Next mini-batch" }).click();
  await page.getByText("Step 2, stage 1").waitFor();
  expect(problems).toEqual([]);
});

browserTest(
  "a weight picked in its matrix: the product is the difference, within the bound that is shown",
  async () => {
    const { page } = await openNote(WIDE, "&activation=tanh");
    await page.getByRole("button", { name: "One weight" }).click();
    await page.locator("[data-bound]").waitFor();
    // read at once: another weight's figures may come at any time
    const figures = () =>
      page.locator(".comparison").evaluate((shown) => {
        const read = (name: string) => Number(shown.querySelector(`[data-${name}]`)?.getAttribute(`data-${name}`));
        return { product: read("product"), difference: read("difference"), bound: read("bound") };
      });
    const steepest = await figures();
    expect(Math.abs(steepest.product)).toBeGreaterThan(1e-3);
    expect(Math.abs(steepest.product - steepest.difference)).toBeLessThanOrEqual(steepest.bound);
    await page.locator(".chosen .layer select").selectOption("3");
    await page
      .locator(".matrices canvas")
      .first()
      .click({ position: { x: 120, y: 200 } });
    await page.waitForFunction(
      (before) => document.querySelector("[data-product]")?.getAttribute("data-product") !== before,
      String(steepest.product),
    );
    const picked = await figures();
    expect(picked.product).not.toBe(0);
    expect(Math.abs(picked.product - picked.difference)).toBeLessThanOrEqual(picked.bound);
    expect(picked.bound).toBeLessThan(1e-4);
    await page.getByText("Within the bound").waitFor();
    await page.getByLabel("Row p").fill("0");
    await page.locator(".comparison", { hasText: "E21" }).waitFor();
  },
);

browserTest("a lesson's link opens its set-up; its equations lead into the note", async () => {
  const { page, problems } = await browser.open(`${studio.url}#view=lessons`, WIDE);
  await page.getByRole("link", { name: "ReLU, η = 0.3", exact: true }).click();
  await page.getByRole("complementary", { name: "Lesson: Dead ReLUs" }).waitFor();
  await page.waitForURL((url) => url.hash === "#learningRate=0.3&optimizer=adam&epochs=3&view=watch&lesson=dead-relus");
  await page.evaluate(() => {
    location.hash =
      "#hidden=32&activation=sigmoid&initialization=zero&learningRate=1&epochs=5&view=note&lesson=zero-and-symmetry";
  });
  await page.getByRole("complementary", { name: "Lesson: All weights zero, all units alike" }).waitFor();
  await page.locator(".runs [aria-current=true]", { hasText: "zero" }).waitFor();
  await page.locator(".lesson-strip").getByRole("button", { name: "E17" }).click();
  await page.locator("#E17.here").waitFor();
  await page.locator(".values .terms", { hasText: "32" }).waitFor();
  expect(problems).toEqual([]);
});

browserTest("on a phone values stand below their equation, and the page never scrolls sideways", async () => {
  const { page } = await openNote(NARROW);
  await page.locator("#E9 .t2").tap();
  await page.locator(".numbered#E9 + .values").waitFor();
  for (const name of ["The derivation", "One step", "One weight"]) {
    await page.getByRole("button", { name }).click();
    await page.waitForTimeout(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  }
});

browserTest("axe finds nothing in the note and the lessons, wide and light, narrow and dark", async () => {
  const wide = (await openNote(WIDE, "&lesson=dead-relus")).page;
  for (const name of ["The derivation", "One step", "One weight"]) {
    await wide.getByRole("button", { name }).click();
    await wide.locator(".note canvas").nth(1).waitFor();
    expect(await violations(wide), name).toEqual([]);
  }
  const narrow = (await openNote({ ...NARROW, colorScheme: "dark" })).page;
  expect(await violations(narrow)).toEqual([]);
  await narrow.getByRole("button", { name: "Lessons" }).click();
  await narrow.getByRole("heading", { name: "Why 1/B" }).waitFor();
  expect(await violations(narrow)).toEqual([]);
});
