// An installed Chromium: for the tests of the page and for scripts/pictures.mjs.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser's program: $CHROMIUM, an installed one, or Playwright's own; undefined if there is none. */
export function findBrowser(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES, chromium.executablePath()].find((path) => path && existsSync(path));
}

/** Its options. Chromium's sandbox refuses to run as root. */
export const FLAGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
