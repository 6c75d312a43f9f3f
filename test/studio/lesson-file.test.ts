// A teacher's lesson: a Markdown file, opened by a link, asked before it is told; what an address hides and shows.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { BadLesson, readLesson } from "../../src/studio/lessons/lesson-file.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { browserTest, inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { type Host, hostFolder } from "./host.ts";

const LESSON = `# Few rows, <b>many</b> epochs

Press play. A hundred pictures are
learnt within seconds.

New ones are another matter.

? How many of the test pictures will it read?
- nearly all
- [x] some two in three
- none
> A hundred pictures do not show every way to write a digit.

[A hundred rows](#rows=100&hidden=16&epochs=3&seed=4&view=watch)
- [All rows](https://example.org/studio/#hidden=16&epochs=1)

Equations: E2, E17
`;

const browser = useBrowser();
const browsers = { browser, firefox: useFirefox() };
const home = mkdtempSync(join(tmpdir(), "deltaprop-lesson-"));
let host: Host;
beforeAll(async () => {
  cpSync(await builtStudio(), home, { recursive: true });
  writeFileSync(join(home, "few-rows.md"), LESSON);
  host = await hostFolder(home);
});
afterAll(async () => {
  await host.close();
  rmSync(home, { recursive: true });
});

test("a lesson is read from Markdown, and what is wrong with one is said with its line", () => {
  const { title, sentences, question, runs, equations, view } = readLesson(LESSON, "few-rows.md");
  expect([title, sentences]).toEqual([
    "Few rows, <b>many</b> epochs",
    ["Press play. A hundred pictures are learnt within seconds.", "New ones are another matter."],
  ]);
  expect(question).toEqual({
    ask: "How many of the test pictures will it read?",
    answers: ["nearly all", "some two in three", "none"],
    right: 1,
    because: "A hundred pictures do not show every way to write a digit.",
  });
  expect(runs.map(({ name, view: at, setup }) => [name, at, setup])).toEqual([
    ["A hundred rows", "watch", { ...DEFAULT_SETUP, rows: 100, hidden: [16], epochs: 3, seed: 4 }],
    ["All rows", "train", { ...DEFAULT_SETUP, hidden: [16], epochs: 1 }],
  ]);
  expect([equations, view]).toEqual([["E2", "E17"], "watch"]);
  for (const [text, wrong] of [
    ["no title\n[a](#seed=1)", "begins with a title"],
    ["# T\nwords", "has a run"],
    ["# T\n\n[a](#seed=x&colour=red)", "line 3: an address says what the studio does not know: seed=x, colour"],
    ["# T\n? why\n- a\n- b\n[a](#seed=1)", "with [x] before the right one"],
    ["# T\n? why\n? how\n[a](#seed=1)", "line 3: a lesson asks one question"],
  ] as const) {
    expect(() => readLesson(text, "x.md"), text).toThrow(BadLesson);
    expect(() => readLesson(text, "x.md"), text).toThrow(wrong);
  }
});

inEachBrowser(
  browsers,
  "a link opens a teacher's lesson: it asks, plays, then tells; and hides what distracts",
  async (pages) => {
    const { page, problems } = await pages.open(`${host.url}#lesson=few-rows.md&hide=weights,foot`);
    const strip = page.locator(".lesson-strip");
    await strip.getByRole("heading", { name: "Few rows, <b>many</b> epochs" }).waitFor();
    await page.locator("nav [aria-current=page]", { hasText: "Watch" }).waitFor();
    expect(await strip.locator("ol").count()).toBe(0);
    await strip.getByLabel("nearly all").check();
    await page.locator("button.play:enabled").click();
    await strip.locator("ol").waitFor();
    expect(await strip.locator("[role=status]").textContent()).toBe(
      "You said: nearly all A hundred pictures do not show every way to write a digit.",
    );
    expect(await strip.locator("label.right").textContent()).toContain("some two in three ✓");
    expect([await page.locator("section.weights").isVisible(), await page.locator(".foot").isVisible()]).toEqual([
      false,
      false,
    ]);
    expect(page.url()).toContain("hide=weights,foot");
    expect(problems).toEqual([]);
  },
);

browserTest("an address tells where to look, and what of it the run does not have is said", async () => {
  const { page } = await browser.open(
    `${host.url}#hidden=8&rows=100&view=note&equation=E17&term=2&example=test:7&layer=2`,
  );
  await page.locator(".values h3", { hasText: "E17" }).waitFor();
  expect(await page.locator("#E17.pinned").count()).toBe(1);
  expect(await page.getByLabel("Row", { exact: true }).inputValue()).toBe("7");
  await expect
    .poll(() => page.evaluate(() => document.getElementById("E17")!.getBoundingClientRect().top))
    .toBeLessThan(900);
  await page.getByRole("button", { name: "One step" }).click();
  await expect.poll(() => page.url()).toContain("tab=step");
  const other = await browser.open(`${host.url}#hidden=8&rows=100&example=test:999999&layer=9&hide=all`);
  await other.page
    .getByText("left out: hide=all; example=test:999999, there are fewer rows; layer=9, there are fewer layers.")
    .waitFor();
});
