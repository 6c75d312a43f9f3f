// A real browser for tests: one that is installed here, started once a test file and closed after it. ../needs.ts says what happens where
// there is none.
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { skipped } from "../needs.ts";

const PLACES = [
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser's program: $CHROMIUM, an installed one, or Playwright's own; undefined if there is none. */
export function findBrowser(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES, chromium.executablePath()].find((path) => path && existsSync(path));
}

const FLAGS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses to run as root
  ...["--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** `test`, skipped where there is no browser and none is required. */
export const browserTest = test.skipIf(skipped("browser", findBrowser() !== undefined));

export type OpenPage = {
  readonly page: Page;
  readonly problems: readonly string[]; // errors of the page's console, uncaught exceptions and refusals of its content policy, so far
};

/**
 * One browser for the tests of the file that calls this, with `flags` of its own. `open` gives a page with storage of its own, closed
 * with the browser.
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
