// `deltaprop studio` and a real browser: it shows the page, isolated; other sites and rebound names in the same browser
// get nothing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deltaprop } from "../cli/run.ts";
import { signalTest } from "../needs.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { type Host, hostFolder } from "./host.ts";
import { useStudio } from "./studio.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-served-"));
const browser = useBrowser(["--host-resolver-rules=MAP rebound.test 127.0.0.1"]);
const studio = useStudio();
let evil: Host;

beforeAll(async () => {
  writeFileSync(join(home, "index.html"), "<!doctype html><title>another site</title>");
  evil = await hostFolder(home);
});
afterAll(async () => {
  await evil.close();
  rmSync(home, { recursive: true });
});

signalTest("the command prints its address, serves the page there, and Ctrl-C ends it with 130", async () => {
  let asked: Promise<Response> | undefined;
  const ended = await deltaprop(home, ["studio", "--no-open"], (out, child) => {
    const url = /^http:\S+$/m.exec(out)?.[0];
    if (url === undefined || asked) return;
    asked = fetch(url, { redirect: "manual" }).finally(() => child.kill("SIGINT"));
  });
  expect([(await asked)?.status, ended.code, ended.err]).toEqual([
    303,
    130,
    expect.stringMatching(/^(stopping: .*\n)?$/),
  ]);
  expect(ended.out).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\ndata: digits.*, or your own files\. Ctrl-C ends it\.\n$/,
  );
});

test("a taken port and a --data-dir that is no folder are named, with 3 and 2", async () => {
  const taken = await deltaprop(home, ["studio", "--no-open", "--port", String(studio.port)]);
  expect([taken.code, taken.out]).toEqual([3, ""]);
  expect(taken.err).toMatch(/^error PORT_IN_USE port \d+ is taken by another program\. .*\n$/);
  const lost = await deltaprop(home, ["studio", "--no-open", "--data-dir", "index.html"]);
  expect([lost.code, lost.out, lost.err]).toEqual([
    2,
    "",
    "error NOT_A_FOLDER index.html: --data-dir must be a folder.\n",
  ]);
});

browserTest("the page comes up isolated, at an address without the token, with nothing to complain of", async () => {
  const { page, problems } = await browser.open(studio.url);
  await page.locator("main h1").waitFor({ state: "attached" });
  expect(page.url()).not.toContain("token");
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(() => document.cookie)).toBe(""); // not for scripts
  expect((await page.reload())?.status()).toBe(200);
  const answer = await page.evaluate(async () => (await fetch("data/index.json")).json());
  expect(answer).toEqual({ sets: [] });
  expect(problems).toEqual([]);
});

browserTest(
  "the page's policy runs no inline script, no eval, no markup from strings and no other host's files",
  async () => {
    const { page } = await browser.open(studio.url);
    const refused = await page.evaluate(async (elsewhere) => {
      await new Promise((later) => setTimeout(later)); // this script itself may eval, a later task may not
      const throws = (work: () => unknown) => {
        try {
          work();
          return false;
        } catch {
          return true;
        }
      };
      const inline = document.createElement("script");
      return {
        eval: throws(() => new Function("return 1")()),
        markup: throws(() => Object.assign(document.body, { innerHTML: "<b>text</b>" })),
        text: throws(() => Object.assign(inline, { textContent: "globalThis.ran = 1" })),
        inline: await new Promise((settle) => {
          inline.append("globalThis.ran = 1");
          document.head.append(inline);
          setTimeout(() => settle(!("ran" in globalThis)));
        }),
        fetch: await fetch(elsewhere, { mode: "no-cors" }).then(
          () => false,
          () => true,
        ),
      };
    }, evil.url);
    expect(refused).toEqual({ eval: true, markup: true, text: true, inline: true, fetch: true });
  },
);

browserTest("another site in the same browser cannot read, run, show, frame or post to the studio", async () => {
  const { page } = await browser.open(studio.url); // the cookie is there
  await page.goto(evil.url);
  const base = `http://127.0.0.1:${studio.port}/`;
  const got = await page.evaluate(async (base) => {
    const settles = (element: HTMLElement, source: string) =>
      new Promise<string>((settle) => {
        element.onload = () => settle("loaded");
        element.onerror = () => settle("refused");
        element.setAttribute("src", source);
        document.body.append(element);
      });
    const asks = (url: string, options?: RequestInit) =>
      fetch(url, options).then(
        (answer) => answer.status,
        () => "refused",
      );
    return {
      read: await asks(base, { credentials: "include" }),
      blind: await asks(base, { credentials: "include", mode: "no-cors" }),
      post: await asks(base, { method: "POST", body: "x", mode: "no-cors", credentials: "include" }),
      image: await settles(document.createElement("img"), `${base}icon.svg`),
      script: await settles(document.createElement("script"), `${base}data/index.json`),
    };
  }, base);
  expect(got).toEqual({ read: "refused", blind: "refused", post: "refused", image: "refused", script: "refused" });
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url() === base),
    page.evaluate((base) => {
      const frame = document.createElement("iframe");
      frame.src = base;
      document.body.append(frame);
    }, base),
  ]);
  expect(answer.status()).toBe(403);
});

browserTest("a name that was pointed at this machine gets nothing, the token itself notwithstanding", async () => {
  const { page } = await browser.open(studio.url.replace("127.0.0.1", "rebound.test"));
  expect(await page.locator("body").textContent()).toBe("This is not the host that was asked for.\n");
  expect(await page.evaluate(async () => (await fetch("/data/index.json")).status)).toBe(403);
});
