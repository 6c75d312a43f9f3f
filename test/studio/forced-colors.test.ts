// Forced colors: every view and panel as axe sees it; what is chosen is seen to be, and what a background tells stays.
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { violations } from "./axe.ts";
import { browserTest, firefoxTest, useBrowser, useFirefox } from "./browser.ts";
import { SCENES, seeScenes } from "./scenes.ts";
import { useStudio } from "./studio.ts";

vi.setConfig({ testTimeout: 240_000 }); // every view of four runs

const browser = useBrowser();
const firefox = useFirefox({ "browser.display.document_color_use": 2 }); // as the visitor's setting forces them
const studio = useStudio();

/** What is chosen, and looks like its neighbors that are not. */
const unseenChoices = (page: Page) =>
  page.evaluate(() => {
    const look = (element: Element) => {
      const style = getComputedStyle(element);
      const sides = [style.borderBottomColor, style.borderBottomWidth, style.borderBottomStyle];
      return [...sides, style.backgroundColor, style.outlineColor, style.outlineStyle, style.outlineWidth].join(" ");
    };
    const pairs = [
      ["button[aria-pressed=true]", "button[aria-pressed=false]"],
      ["nav [aria-current=page]", "nav .tab:not([aria-current])"],
      [".runs a[aria-current]", ".runs a:not([aria-current])"],
      [".tabs input:checked + span", ".tabs input:not(:checked) + span"],
      [".array.made .cells", ".array:not(.made, .used, .not-yet) .cells"],
      [".array.used .cells", ".array:not(.made, .used, .not-yet) .cells"],
      [".array.used .cells", ".array.made .cells"],
      [".layers-of-one .at th", ".layers-of-one tr:not(.at) tbody th, .layers-of-one tbody tr:not(.at) th"],
    ] as const;
    const found: string[] = [];
    for (const [chosen, other] of pairs)
      for (const element of document.querySelectorAll(chosen)) {
        const near = element.closest("section, nav, fieldset, ul, table, main")!.querySelector(other);
        if (near && element.matches(":enabled, :not(button)") && look(near) === look(element))
          found.push(`chosen, and looks like the others: ${element.outerHTML.slice(0, 120)}`);
      }
    return found;
  });

/** Marks whose background tells a figure, and has the color of the page. */
const unseenMarks = (page: Page) =>
  page.evaluate(() => {
    const paper = getComputedStyle(document.body).backgroundColor;
    const canvas = document.createElement("i");
    canvas.style.cssText = "background: Canvas";
    document.body.append(canvas);
    const none = [paper, getComputedStyle(canvas).backgroundColor, "rgba(0, 0, 0, 0)"];
    canvas.remove();
    return [
      ...document.querySelectorAll(
        ".bars .bar, .change .was, .weight-block .of-unit, .transport .line, .push-track span",
      ),
    ]
      .filter((mark) => none.includes(getComputedStyle(mark).backgroundColor))
      .map((mark) => `a mark that is not seen: ${mark.outerHTML}`);
  });

browserTest.for(["light", "dark"] as const)(
  "with forced %s colors axe finds nothing, and what is chosen or told by a background is seen",
  async (colorScheme) => {
    const open = async (address: string) => {
      const look = { colorScheme, forcedColors: "active", bypassCSP: true } as const;
      return (await browser.open(`${studio.url}#${address}`, look)).page;
    };
    const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
    const found = await seeScenes(open, async (page) => {
      expect(await page.evaluate(() => matchMedia("(forced-colors: active)").matches)).toBe(true);
      return [
        ...(await violations(page, { rules, except: "math" })),
        ...(await unseenChoices(page)),
        ...(await unseenMarks(page)),
      ];
    });
    expect(found).toEqual([]);
  },
);

firefoxTest(
  "Firefox, too, shows what is chosen and what a background tells where its visitor forces the colors",
  async () => {
    const open = async (address: string) => (await firefox.open(`${studio.url}#${address}`)).page;
    const see = async (page: Page) => {
      expect(await page.evaluate(() => matchMedia("(forced-colors: active)").matches)).toBe(true);
      return [...(await unseenChoices(page)), ...(await unseenMarks(page))];
    };
    const found = await seeScenes(open, see, [SCENES[0]!, SCENES.at(-1)!]);
    expect(found).toEqual([]);
  },
);

browserTest("a term that is held in the note is framed, and a swatch keeps the color of its value", async () => {
  const look = { forcedColors: "active", viewport: { width: 1440, height: 900 } } as const;
  const { page } = await browser.open(`${studio.url}#rows=200&hidden=8&view=note`, look);
  await page.locator("#E3 .t0").click();
  await page.locator(".note .row .swatch").nth(9).waitFor();
  const frame = await page
    .locator("#E3 .live [class~=t0]")
    .first()
    .evaluate((term) => {
      const { outlineStyle, outlineColor } = getComputedStyle(term);
      return [outlineStyle, outlineColor];
    });
  expect(frame[0]).toBe("solid");
  expect(frame[1]).not.toBe("rgba(0, 0, 0, 0)"); // transparent
  const colors = await page
    .locator(".note .row .swatch")
    .evaluateAll((all) => all.map((swatch) => getComputedStyle(swatch).backgroundColor));
  expect(new Set(colors).size).toBeGreaterThan(3);
});
