// Every view of the page, wide and narrow, light and dark, as axe sees it; and none is wider than its window.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { VIEWS } from "../../src/studio/state/setup.ts";
import { violations } from "./axe.ts";
import { browserTest, firefoxTest, type Pages, useBrowser, useFirefox } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const firefox = useFirefox();
const studio = useStudio();

type Look = {
  readonly colorScheme?: "light" | "dark"; //     light if not given
  readonly table?: true; //                      rows of numbers instead of images
  readonly locale?: string; //                   of the browser: longer words than English
  readonly widths: readonly number[];
  readonly rules?: readonly string[]; //         of axe; all if not given
};

/** The dark page differs in its colors alone. */
const LOOKS: readonly Look[] = [
  { colorScheme: "light", widths: [1440, 390] },
  { colorScheme: "dark", widths: [1440], rules: ["color-contrast"] },
  { colorScheme: "light", table: true, widths: [390] },
  { colorScheme: "light", locale: "de-DE", widths: [1440, 320], rules: ["color-contrast", "label", "html-has-lang"] },
];

/** After a new width the boxes that scroll are found by an observer, a frame or more later; axe reports what stays. */
async function scrollersSettled(page: Page): Promise<void> {
  const settled = () =>
    [...document.querySelectorAll<HTMLElement>("[role=group].formula")].every(
      (box) => box.scrollWidth > box.clientWidth === (box.tabIndex === 0),
    );
  await page.waitForFunction(settled, undefined, { timeout: 10_000 }).catch(() => undefined);
}

/** Go through every view at every width, and expect axe to find nothing and the page to fit its window. */
async function expectNothing(pages: Pages, look: Look): Promise<void> {
  const { colorScheme = "light", table, locale = "en-US", widths, rules } = look;
  const { page } = await pages.open(studio.url, { colorScheme, locale, bypassCSP: true });
  await page.locator("button.play:enabled").waitFor();
  if (table) {
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 3) % 5},${i % 2 === 0 ? "even" : "odd"}`);
    const buffer = Buffer.from(["a,b,kind", ...rows].join("\n"));
    await page.getByLabel("Data or model files").setInputFiles({ name: "t.csv", mimeType: "text/csv", buffer });
    await page.getByText("t: 48 rows").waitFor();
  }
  await page.locator(".transport .keys button").nth(1).click();
  const found: string[] = [];
  for (const view of VIEWS) {
    await page.locator(`nav [data-view=${view}]`).click();
    await page.locator(`main.view-${view} > :not(h1)`).first().waitFor();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await scrollersSettled(page);
      found.push(...(await violations(page, { rules, except: "math" })).map((what) => `${view} ${width}: ${what}`));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${view} ${width}: ${wide} pixels too wide`);
    }
  }
  expect(found).toEqual([]);
}

browserTest.for(LOOKS)("axe finds nothing, and no view is wider than its window: %o", (look) =>
  expectNothing(browser, look),
);

firefoxTest("axe finds nothing in Firefox, nor is a view wider than its window, in the longest words", () =>
  expectNothing(firefox, { locale: "de-DE", widths: [1440, 320] }),
);

browserTest(
  "a formula that becomes too wide where it stands can be reached by keyboard, until it fits again",
  async () => {
    const { page } = await browser.open(`${studio.url}#view=note`);
    const boxes = page.locator("[role=group].formula");
    await boxes.first().waitFor();
    const at = await boxes.evaluateAll((all) => all.findIndex((box) => box.scrollWidth <= box.clientWidth));
    const box = boxes.nth(at);
    expect(await box.getAttribute("tabindex")).toBeNull();
    // as mathematics that replaces text in a box of the same size: nothing is resized, only the content tells
    await box.evaluate((element) => {
      (element as HTMLElement).style.width = getComputedStyle(element).width;
      const wide = document.createElement("span");
      wide.style.cssText = "display: block; width: 5000px; height: 1px; margin-top: -1px";
      element.append(wide);
    });
    await page.locator("[role=group].formula[tabindex='0']").and(box).waitFor();
    await box.evaluate((element) => element.lastElementChild!.remove());
    await page.locator("[role=group].formula:not([tabindex])").and(box).waitFor();
  },
);
