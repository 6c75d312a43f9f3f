// A lesson saved with the pupil's own numbers: one file that needs nothing else, whatever markup its texts are.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { folder } from "../cli/run.ts";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const [home, remove] = folder();
afterAll(remove);

const TITLE = "Few rows </title><script>ran=1</script>";
const LESSON = `# ${TITLE}

Press play & see <img src=x onerror=ran=1>.

? How many?
- <b>all</b>
- [x] some

[Few](#rows=200&hidden=8&epochs=2&seed=4)
[More <i>](#rows=400&hidden=8&epochs=3)
`;

browserTest("a lesson is saved with the answer, the figures, the hashes and the curves of its runs", async () => {
  const { page, problems } = await browser.open(studio.url, { locale: "de-DE", acceptDownloads: true });
  await page.locator("button.play:enabled").waitFor();
  const lesson = { name: "few.md", mimeType: "text/markdown", buffer: Buffer.from(LESSON) };
  await page.getByLabel("Dateien mit Daten oder einem Modell").setInputFiles(lesson);
  const strip = page.locator(".lesson-strip");
  await strip.getByLabel("some").check();
  const hashes: (string | null)[] = [];
  for (const [name, epochs] of [
    ["Few", 2],
    ["More <i>", 3],
  ] as const) {
    await strip.getByRole("link", { name }).click();
    await strip.locator("[aria-current=true]", { hasText: name }).waitFor();
    await page.locator("button.play:enabled").click();
    await page
      .locator("table.epochs tbody tr")
      .nth(epochs - 1)
      .waitFor();
    await page.getByText("Der Lauf ist zu Ende").waitFor({ state: "attached" });
    hashes.push(await page.locator("[data-sha256]").first().getAttribute("data-sha256"));
  }
  // the run goes on from where the lesson left it, and is the lesson's still
  await page.getByRole("button", { name: "Weiter trainieren" }).click();
  await page.locator("table.epochs tbody tr").nth(5).waitFor();
  await page.getByText("Der Lauf ist zu Ende").waitFor({ state: "attached" });
  await strip.locator("[aria-current=true]", { hasText: "More <i>" }).waitFor();
  hashes[1] = await page.locator("[data-sha256]").first().getAttribute("data-sha256");
  const loss = await page.locator("table.epochs tbody tr").first().locator("td").first().textContent();
  const saving = page.waitForEvent("download");
  await strip.getByRole("button", { name: "Diese Seite mit meinen Zahlen speichern" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe("lesson-few.html");
  const path = join(home, "lesson.html");
  await file.saveAs(path);
  expect(problems).toEqual([]);

  const saved = await browser.open("about:blank", { bypassCSP: true });
  const asked: string[] = [];
  saved.page.on("request", (request) => asked.push(request.url()));
  await saved.page.goto(pathToFileURL(path).href);
  expect(asked).toHaveLength(1);
  expect(await saved.page.locator("h1").textContent()).toBe(TITLE);
  expect(await saved.page.evaluate(() => [document.title, document.documentElement.lang, "ran" in globalThis])).toEqual(
    [TITLE, "de-DE", false],
  );
  expect(await saved.page.locator("script, img, b, i").count()).toBe(0);
  expect(await saved.page.locator("ul li").allTextContents()).toEqual(["<b>all</b>", "some ← meine Antwort ✓"]);
  const policy = saved.page.locator("meta[http-equiv=Content-Security-Policy]");
  expect(await policy.getAttribute("content")).toBe("default-src 'none'; style-src 'unsafe-inline'");
  const rows = await saved.page
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  expect(rows.map(([name, , epochs, , , , hash]) => [name, epochs, hash])).toEqual([
    ["Few", "2", hashes[0]],
    ["More <i>", "6", hashes[1]],
  ]);
  expect(rows[1]![3]!.replace(",", ".")).toBe(loss!.replace(",", "."));
  expect(rows[1]![5]).toMatch(/^\d+,\d\d %$/);
  const lines = await saved.page
    .locator("svg polyline")
    .evaluateAll((all) => all.map((line) => line.getAttribute("points")!.split(" ").length));
  expect(lines).toHaveLength(2);
  expect(Math.min(...lines)).toBeGreaterThan(3);
  expect(await violations(saved.page)).toEqual([]);
});
