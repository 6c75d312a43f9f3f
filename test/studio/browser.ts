// Real browsers for tests, the installed ones: each started with the first page that a test file opens in it, and
// closed after the file. Where there is none, see ../needs.ts.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, firefox, type Page } from "playwright-core";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { skipped } from "../needs.ts";
import { FLAGS, findBrowser, findFirefox } from "./find-browser.ts";

// for the file that imports this: pages train in it, beside other browsers on two cores
vi.setConfig({ testTimeout: 120_000 });

/** `test`, skipped where there is no Chromium and none is required. */
export const browserTest = test.skipIf(skipped("browser", findBrowser() !== undefined));

/** `test`, skipped where there is no Firefox and none is required. */
export const firefoxTest = test.skipIf(skipped("firefox", findFirefox() !== undefined));

export type OpenPage = {
  readonly page: Page;
  /** So far: errors of the page's console, uncaught exceptions, refusals of its content policy. */
  readonly problems: readonly string[];
};

/** Pages of one browser. */
export type Pages = {
  /** One with storage of its own, closed after the test, because a page that plays computes until then. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
  /** What is saved to disk by `act`: the place of the file, gone with the page. */
  saved(page: Page, act: () => Promise<void>): Promise<string>;
};

/** One Chromium for the tests of the file that calls this, with `flags` of its own. */
export function useBrowser(flags: readonly string[] = []): Pages {
  const saved: Pages["saved"] = async (page, act) => {
    const [download] = await Promise.all([page.waitForEvent("download"), act()]);
    return download.path();
  };
  return pagesOf("browser", findBrowser(), saved, (executablePath) =>
    chromium.launch({ executablePath, args: [...FLAGS, ...flags] }),
  );
}

/**
 * One Firefox for the tests of the file that calls this, with `prefs` of its own. Playwright drives it as it is
 * installed, over WebDriver BiDi; of a file that the page itself has made that tells no event.
 */
export function useFirefox(prefs: Readonly<Record<string, string | number | boolean>> = {}): Pages {
  let downloadsPath = "";
  const files = () => readdirSync(downloadsPath);
  const whole = (name: string) => statSync(join(downloadsPath, name)).size > 0 && !files().includes(`${name}.part`);
  const saved: Pages["saved"] = async (_page, act) => {
    const before = new Set(files());
    const added = () => files().filter((name) => !before.has(name) && !name.endsWith(".part"));
    await act();
    await expect.poll(() => added().filter(whole).length).toBe(1); // it is empty at first, beside a part that grows
    return join(downloadsPath, added()[0]!);
  };
  afterAll(() => downloadsPath !== "" && rmSync(downloadsPath, { recursive: true }));
  return pagesOf("firefox", findFirefox(), saved, (executablePath) => {
    downloadsPath = mkdtempSync(join(tmpdir(), "deltaprop-saved-"));
    return firefox.launch({ channel: "moz-firefox", executablePath, firefoxUserPrefs: prefs, downloadsPath });
  });
}

/** One test, run in Chromium and in Firefox, each of them skipped where it is missing. */
export function inEachBrowser(
  { browser, firefox }: { readonly browser: Pages; readonly firefox: Pages },
  name: string,
  run: (pages: Pages) => Promise<void>,
): void {
  browserTest(name, () => run(browser));
  firefoxTest(`${name}, in Firefox, too`, () => run(firefox));
}

function pagesOf(
  need: string,
  path: string | undefined,
  saved: Pages["saved"],
  launch: (path: string) => Promise<Browser>,
): Pages {
  let starting: Promise<Browser> | undefined;
  afterAll(async () => (await starting)?.close());
  return {
    saved,
    async open(url, options = {}) {
      if (path === undefined) throw new Error(`there is none here, and DELTAPROP_REQUIRE names ${need}`);
      starting ??= launch(path);
      const context = await (await starting).newContext(options);
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      await page.goto(url);
      return { page, problems };
    },
  };
}
