// An installed Chromium, an installed Firefox: for the tests of the page; the first for scripts/pictures.mjs, too.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Chromium's program: $CHROMIUM, an installed one, or Playwright's own; undefined if there is none. */
export function findBrowser(): string | undefined {
  return [process.env.CHROMIUM, ...PLACES, chromium.executablePath()].find((path) => path && existsSync(path));
}

const FIREFOX_PLACES = [
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/** Firefox's program: $FIREFOX or an installed one; undefined if there is none. */
export function findFirefox(): string | undefined {
  return [process.env.FIREFOX, ...FIREFOX_PLACES].find((path) => path && existsSync(path));
}

/** Chromium's options. Its sandbox refuses to run as root. */
export const FLAGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
