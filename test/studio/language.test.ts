// The page in other languages: every message is in each of them with the same names to fill in, no text of the page's
// code is without one, and in Chromium no English sentence is left in German and in Spanish.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { parseSync } from "rolldown/utils";
import { expect, test } from "vitest";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { localeOf, preferred } from "../../src/studio/language/languages.ts";
import { LESSONS } from "../../src/studio/lessons/lessons.ts";
import { VIEWS } from "../../src/studio/state/setup.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { hostFolder } from "./host.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

const STUDIO = resolve(import.meta.dirname, "../../src/studio");
const messagesOf = (name: string) =>
  JSON.parse(readFileSync(join(STUDIO, `language/${name}.json`), "utf8")) as Readonly<Record<string, string>>;
const german = messagesOf("german");
const spanish = messagesOf("spanish");

/** Pages of their own, in English, and the note's text, which stands as it was printed. */
const ENGLISH =
  /^(report|serve|site)\/|^note\/(section-|note-|equations|notation|quantity-names|stages|own-loss|loss-forms)/;
const sources = readdirSync(STUDIO, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts") && !ENGLISH.test(file))
  .map((file) => [file, readFileSync(join(STUDIO, file), "utf8")] as const);

type Node = { readonly type: string; readonly [key: string]: unknown };

/** Visit every node of a source; `parent` is the one above. */
function visit(value: unknown, see: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  if (Array.isArray(value)) for (const one of value) visit(one, see, parent);
  else if (typeof value === "object" && value !== null && typeof (value as Node).type === "string") {
    see(value as Node, parent);
    for (const child of Object.values(value)) if (typeof child === "object") visit(child, see, value as Node);
  }
}

const nodesOf = (file: string, source: string, see: (node: Node, parent: Node | null) => void) =>
  visit(parseSync(file, source).program, see);

const WORD = /\p{L}{2}/u;
const SHOWN = ["aria-label", "aria-roledescription", "title", "label", "hint", "placeholder", "expected"];

/** Texts that an element shows without asking for the language. */
function bareTexts(file: string, source: string): string[] {
  const found: string[] = [];
  nodesOf(file, source, (node, parent) => {
    if (node.type === "JSXText" && WORD.test(node.value as string)) found.push((node.value as string).trim());
    if (node.type !== "Literal" || typeof node.value !== "string" || !WORD.test(node.value)) return;
    const name = parent?.type === "JSXAttribute" ? (parent.name as { name: string }).name : "";
    if (SHOWN.includes(name)) found.push(node.value);
  });
  return found;
}

const slotsOf = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

test("every message is in each language, with the same names to fill in", () => {
  expect(Object.keys(spanish).sort()).toEqual(Object.keys(german).sort());
  expect(Object.keys(german).length).toBeGreaterThan(600);
  const others = [german, spanish].flatMap((messages) => Object.entries(messages));
  expect(others.filter(([english, other]) => String(slotsOf(english)) !== String(slotsOf(other)))).toEqual([]);
  expect(others.filter(([, other]) => other.trim() === "")).toEqual([]);
});

test("every text of the page's code has its message, and every message a text", () => {
  const texts = new Set<string>();
  const asked: string[] = [];
  for (const [file, source] of sources)
    nodesOf(file, source, (node, parent) => {
      if (node.type === "Property") texts.add((node.key as { name?: string }).name ?? "");
      if (node.type !== "Literal" || typeof node.value !== "string") return;
      texts.add(node.value);
      const { type, callee } = (parent ?? {}) as { type?: string; callee?: { name?: string } };
      const call = type === "CallExpression" && ["t", "rich", "plural"].includes(callee?.name ?? "");
      if (call) asked.push(node.value);
    });
  const ofLessons = LESSONS.flatMap(({ title, sentences, question, runs }) => [
    title,
    ...sentences,
    ...(question ? [question.ask, question.because, ...question.answers] : []),
    ...runs.map(({ name }) => name),
  ]);
  const kinds = ["number", "category", "yes/no", "rank", "date", "text", "empty"]; // of a column, the library's words
  const all = new Set([...texts, ...ofLessons, ...kinds]);
  expect(asked.length).toBeGreaterThan(400);
  expect([...asked, ...ofLessons, ...kinds].filter((text) => !Object.hasOwn(german, text))).toEqual([]);
  expect(Object.keys(german).filter((message) => !all.has(message))).toEqual([]);
});

test("no element of the page shows a text without asking for the language", () => {
  const bare = sources.flatMap(([file, source]) => bareTexts(file, source).map((text) => `${file}: ${text}`));
  const names = /: (Deltaprop|deltaprop test FILE\.safetensors|KiB\.|‖.*‖)$/; // the same in every language
  expect(bare.filter((text) => !names.test(text))).toEqual([]);
  const planted = '<p title="A title" class="quiet">{t("Said")} and <b lang="en">this</b></p>';
  expect(bareTexts("x.tsx", planted)).toEqual(["A title", "and", "this"]);
});

test("a browser's languages are taken in their order, with the visitor's own kind of numbers", () => {
  expect(preferred(["fr-FR", "de-AT", "en-US"])).toBe("de");
  expect(preferred(["pt-BR"])).toBe("en");
  expect([localeOf("es", ["es-MX", "en"]), localeOf("de", ["en-US"])]).toEqual(["es-MX", "de"]);
});

/** Words of English that are none of German and Spanish. */
const ENGLISH_WORD =
  /(?<![\p{L}-])(the|of|and|with|this|that|from|is|are|it|to|by|or|each|your|its|on|which)(?![\p{L}-])/iu;

/** What a visitor reads or hears on the page, but what is marked as English, or is code. */
const said = (page: Page) =>
  page.evaluate(() => {
    const english = (element: Element | null) => element?.closest("[lang]")?.getAttribute("lang") === "en";
    const code = (element: Element | null) => element?.closest(`code, script, noscript, style, math, .mono, textarea`);
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (english(element) || code(element)) continue;
      if (node instanceof Element)
        found.push(...["aria-label", "title", "placeholder", "alt"].map((name) => node.getAttribute(name) ?? ""));
      else found.push(node.textContent ?? "");
    }
    return found.filter((text) => text.trim() !== "");
  });

browserTest.for([
  ["de-CH", "de"],
  ["es-ES", "es"],
] as const)("in a browser of %s no English sentence is left in any view", async ([locale, language]) => {
  const { page, problems } = await browser.open(`${studio.url}#hidden=16,16&rows=2000&epochs=2`, { locale });
  await page.locator("button.play:enabled").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe(language);
  expect(await page.locator(".language select").inputValue()).toBe(language);
  await page.locator("button.play").click();
  await page.locator("table.epochs tbody tr").nth(1).waitFor();
  const left: string[] = [];
  let read = 0;
  for (const view of VIEWS) {
    await page.locator(`nav [data-view=${view}]`).click();
    await page.locator(`main.view-${view} > :not(h1, .empty)`).first().waitFor();
    const texts = (await said(page)).filter((text) => !text.includes("/"));
    read += texts.length;
    left.push(...texts.filter((text) => ENGLISH_WORD.test(text)).map((text) => `${view}: ${text}`));
  }
  expect([...new Set(left)]).toEqual([]);
  expect(read).toBeGreaterThan(500);
  expect(problems).toEqual([]);
});

browserTest("the language is that of the address, else that of the switch, which is kept", async () => {
  const { page } = await browser.open(studio.url, { locale: "en-US" });
  const play = page.locator("button.play:enabled");
  await play.waitFor();
  expect(await play.textContent()).toContain("Play");
  expect(await page.getByLabel("Learning rate η").inputValue()).toBe("0.1");
  await page.locator(".language select").selectOption("de");
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
  expect(page.url()).not.toContain("lang=");

  // kept over a reload, and numbers are typed as they are written
  await page.reload();
  const rate = page.getByLabel("Lernrate η");
  expect(await rate.inputValue()).toBe("0,1");
  await rate.fill("0,25");
  await page.waitForURL(/learningRate=0.25/);

  // an address that says a language goes before, and the switch changes it there
  await page.goto(`${new URL(page.url()).origin}/#lang=es&hidden=8`);
  await page.reload();
  await page.getByRole("button", { name: "Iniciar", exact: true }).waitFor();
  await page.locator(".language select").selectOption("en");
  await page.waitForURL(/lang=en/);
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  // an address typed into the open page
  await page.evaluate(() => {
    location.hash = "#hidden=8&lang=de";
  });
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
});

browserTest("on any web host ?lang= says it, too, and what the page does not speak is named", async () => {
  const plain = await hostFolder(await builtStudio());
  try {
    const { page } = await browser.open(`${plain.url}?lang=es#hidden=8`, { locale: "de-DE" });
    await page.getByRole("button", { name: "Iniciar", exact: true }).waitFor();
    await page.waitForURL(/\/#hidden=8&lang=es$/);
    const { page: other } = await browser.open(`${plain.url}?lang=eo`, { locale: "de-DE" });
    await other.getByText("In der Adresse nicht verstanden und weggelassen: lang=eo.").waitFor();
  } finally {
    await plain.close();
  }
});
