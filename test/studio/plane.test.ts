// The plane in a real browser: a set of points is learnt while its surface moves, points are added, moved and taken
// away, and the page keeps answering.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const browsers = { browser, firefox: useFirefox() };
const studio = useStudio();

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const ready = (page: Page) => page.locator("button.play:enabled").waitFor();
const ended = (page: Page) => page.getByText("The run has ended").waitFor({ state: "attached", timeout: 90_000 });
const points = (page: Page) => page.locator(".plane circle").count();

/** The colors of the surface, as one text. */
const surface = (page: Page) =>
  page.locator(".plane .surface canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

inEachBrowser(
  browsers,
  "the spiral is learnt to 98 in a hundred, with its surface and a plane for every unit",
  async (pages) => {
    const { page, problems } = await pages.open(studio.url);
    await ready(page);
    await page.getByLabel("Set", { exact: true }).selectOption("spiral");
    await page.getByText("spiral: 200 rows to train on, 200 to test on; 2 features").waitFor();
    await expect.poll(() => page.locator(".plane-units .unit").count()).toBe(24); // 8, 8, 8
    await expect.poll(() => points(page)).toBe(200);
    const before = await surface(page);
    await button(page, "Play").click();
    await ended(page);
    const accuracy = await page.locator(".figures div", { hasText: "test accuracy" }).locator("dd").textContent();
    expect(Number.parseFloat(accuracy ?? "")).toBeGreaterThanOrEqual(98);
    await expect.poll(() => surface(page)).not.toBe(before);
    expect(await page.getByLabel("In a terminal", { exact: true }).inputValue()).toMatch(
      /^npx deltaprop train spiral /,
    );
    expect(problems).toEqual([]);
  },
);

browserTest("with the features x² and y² a single unit parts the circles", async () => {
  const { page } = await browser.open(`${studio.url}`);
  await page.evaluate(() =>
    location.replace("#data=circles&features=x²,y²&hidden=&optimizer=adam&learningRate=0.05&batchSize=16&epochs=60"),
  );
  await page.reload();
  await ready(page);
  expect(await page.getByLabel("x²").isChecked()).toBe(true);
  await button(page, "Play").click();
  await ended(page);
  const accuracy = await page.locator(".figures div", { hasText: "test accuracy" }).locator("dd").textContent();
  expect(Number.parseFloat(accuracy ?? "")).toBeGreaterThanOrEqual(95);
});

inEachBrowser(
  browsers,
  "points are added by click and by keys, dragged, taken away, and are a table then",
  async (pages) => {
    const { page } = await pages.open(studio.url);
    await page.evaluate(() => location.replace("#data=gaussians&hidden=4&points=40&epochs=3&batchSize=8"));
    await page.reload();
    await ready(page);
    await expect.poll(() => points(page)).toBe(40);
    const box = (await page.locator(".plane .surface svg").boundingBox())!;
    await page.mouse.click(box.x + 0.1 * box.width, box.y + 0.1 * box.height);
    await page.getByText("points: ").waitFor();
    const [train, test] = await rowsOf(page);
    expect(train! + test!).toBe(41);
    await page.getByLabel("x", { exact: true }).last().fill("0.5");
    await button(page, "Add a point").click();
    await expect.poll(async () => sum(await rowsOf(page))).toBe(train! + 1); // the training points alone go on
    const first = page.locator(".plane circle").first();
    await page.locator(".plane .surface svg").evaluate((plane) => plane.scrollIntoView({ block: "center" }));
    const at = (await first.boundingBox())!;
    const cx = await first.getAttribute("cx");
    await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
    await page.mouse.down();
    await page.mouse.move(at.x + 40, at.y + 5, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => page.locator(".plane circle").first().getAttribute("cx")).not.toBe(cx);
    await expect.poll(() => page.getByText(/points: \d+ rows/).count()).toBe(1);
  },
);

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

async function rowsOf(page: Page): Promise<number[]> {
  const text = (await page.getByText(/points: \d+ rows/).textContent()) ?? "";
  return [...text.matchAll(/(\d+) (?:rows )?to (?:train|test)|(\d+) to test/g)].map(([, a, b]) => Number(a ?? b));
}
