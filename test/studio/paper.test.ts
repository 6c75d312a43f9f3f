// The page on paper: nothing is cut off, what a background tells is printed, charts out of sight are drawn. And nothing
// on the screen moves by itself.
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { browserTest, useBrowser } from "./browser.ts";
import { seeScenes } from "./scenes.ts";
import { useStudio } from "./studio.ts";

vi.setConfig({ testTimeout: 240_000 }); // every view of four runs

const browser = useBrowser();
const studio = useStudio();

const PAPER = { width: 718, height: 1000 }; // pixels of A4 within the margins of the browser

/** Boxes that hold more than they show, and the page if it is wider than the paper. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) found.push(`${wide} pixels too wide`);
    for (const box of document.querySelectorAll<HTMLElement>("main *, .lesson-strip *")) {
      if (box.matches("input, select, textarea, math *, svg *, .unseen, .matrix, th[title]")) continue;
      const { overflowX, overflowY, textOverflow, display } = getComputedStyle(box);
      if (display === "inline" || textOverflow === "ellipsis") continue;
      const across = overflowX !== "visible" && box.scrollWidth > box.clientWidth + 1;
      const down = overflowY !== "visible" && box.scrollHeight > box.clientHeight + 1;
      if (across || down) found.push(`cut off: ${box.outerHTML.slice(0, 120)}`);
    }
    return found;
  });

/** Elements that are nothing but a background, which browsers leave out of a print unless they are told. */
const unprinted = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("main :is(span, i, b, div, td):empty")]
      .filter((mark) => {
        const style = getComputedStyle(mark);
        const shown = style.backgroundColor !== "rgba(0, 0, 0, 0)" && (mark as HTMLElement).offsetParent !== null;
        return shown && style.printColorAdjust !== "exact";
      })
      .map((mark) => `not printed: ${mark.outerHTML.slice(0, 120)}`),
  );

browserTest("on paper no view and no panel is cut off, and marks that are a background alone are printed", async () => {
  const open = async (address: string) => {
    const { page } = await browser.open(`${studio.url}#${address}`, { viewport: PAPER });
    await page.emulateMedia({ media: "print" });
    return page;
  };
  const found = await seeScenes(open, async (page) => [...(await cutOff(page)), ...(await unprinted(page))]);
  expect(found).toEqual([]);
});

browserTest("the charts that nobody has scrolled to are printed as they stand", async () => {
  const low = { viewport: { width: 718, height: 300 } };
  const { page } = await browser.open(`${studio.url}#rows=500&hidden=16&epochs=1&view=watch`, low);
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("The run has ended").waitFor({ state: "attached" });
  await page.locator(".mistakes .gallery button").first().waitFor();
  const dots = page.locator(".chart circle"); // of the epoch, which came while the charts were far below
  expect(await dots.count()).toBe(0);
  await page.pdf({ format: "A4" });
  expect(await dots.count()).toBeGreaterThan(0);
});

browserTest("nothing moves by itself, whether the visitor asked for less motion or not", async () => {
  for (const reducedMotion of ["reduce", "no-preference"] as const) {
    const { page } = await browser.open(`${studio.url}#rows=200&hidden=8&epochs=1`, { reducedMotion });
    await page.getByRole("button", { name: "Step" }).click();
    for (const tab of await page.locator("nav .tab").all()) {
      await tab.click();
      await page.locator("main > :not(h1)").first().waitFor();
      const moving = await page.evaluate(() => [
        document.getAnimations().length,
        [...document.querySelectorAll("*")].filter((each) => getComputedStyle(each).scrollBehavior === "smooth").length,
      ]);
      expect(moving).toEqual([0, 0]);
    }
  }
});
