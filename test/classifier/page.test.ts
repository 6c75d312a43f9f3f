// The face's lines in a Chromium page that is not isolated: the answers of Node, from WebAssembly, at once.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import { describe, expect } from "vitest";
import { browserTest, useBrowser } from "../studio/browser.ts";
import { lines } from "./page-entry.ts";

type Output = { readonly output: readonly { readonly fileName: string; readonly code?: string }[] };

/** The page's modules by address. */
async function bundle(): Promise<Map<string, string>> {
  const entry = join(import.meta.dirname, "page-entry.ts");
  const built = (await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "page" } },
  })) as unknown as Output[];
  return new Map(built.flatMap(({ output }) => output).map(({ fileName, code }) => [`/${fileName}`, code ?? ""]));
}

describe("in a page", () => {
  const browser = useBrowser();
  browserTest("every line gives the answers it gives in Node", async () => {
    const modules = await bundle();
    const script = [...modules.keys()].find((name) => name.startsWith("/page"))!;
    const server = createServer(({ url = "" }, answer) => {
      const module = modules.get(url);
      answer.setHeader("content-type", module === undefined ? "text/html" : "text/javascript");
      answer.end(module ?? `<!doctype html><title>x</title><body><script type="module" src="${script}"></script>`);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      const { page, problems } = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const { compiled, ...found } = JSON.parse((await page.locator("#found").textContent())!);
      expect(found).toEqual(await lines());
      expect(compiled).toBe(1);
      expect(problems).toEqual([]);
    } finally {
      server.close();
    }
  });
});
