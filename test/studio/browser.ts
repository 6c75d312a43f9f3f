// A real browser for tests, the installed one: started once a test file and closed after it. Where there is none, see
// ../needs.ts.
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, test, vi } from "vitest";
import { skipped } from "../needs.ts";
import { FLAGS, findBrowser } from "./find-browser.ts";

// for the file that imports this: pages train in it, beside other browsers on two cores
vi.setConfig({ testTimeout: 120_000 });

/** `test`, skipped where there is no browser and none is required. */
export const browserTest = test.skipIf(skipped("browser", findBrowser() !== undefined));

export type OpenPage = {
  readonly page: Page;
  /** So far: errors of the page's console, uncaught exceptions, refusals of its content policy. */
  readonly problems: readonly string[];
};

/**
 * One browser for the tests of the file that calls this, with `flags` of its own. `open` gives a page with storage of
 * its own, closed with the browser.
 */
export function useBrowser(flags: readonly string[] = []): {
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
} {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const executablePath = findBrowser();
    if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
  });
  afterAll(() => browser?.close());
  return {
    async open(url, options = {}) {
      if (browser === undefined) throw new Error("there is no browser here, and DELTAPROP_REQUIRE names it");
      const page = await (await browser.newContext(options)).newPage();
      const problems: string[] = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      await page.goto(url);
      return { page, problems };
    },
  };
}
