// The Ask view in a browser: who taught it an answer, by keyboard and on a narrow page, typical rows, the noise scale.
import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const SETUP = "hidden=16&epochs=2&rows=400&seed=3&view=ask";

browserTest("who taught it an answer is asked by keyboard, and its rows lead on", async () => {
  const { page, problems } = await browser.open(`${studio.url}#${SETUP}`, { viewport: { width: 390, height: 800 } });
  await page.locator("button.play:enabled").waitFor();
  await page.locator("body").press("p");
  await page.getByText("The run has ended").waitFor({ state: "attached" });
  await page.locator(".teachers canvas").first().waitFor();
  const ask = page.getByRole("button", { name: "Ask", exact: true }).and(page.locator(".teachers button"));
  await ask.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Of 400 training rows.").waitFor();
  const pushers = page.locator(".teachers .gallery").first().locator("button");
  expect(await pushers.count()).toBe(12);
  const answer = await page.locator(".asked strong").last().textContent();
  for (const said of await pushers.locator(".said").allTextContents()) expect(said.split(" ")[0]).toBe(answer);
  await pushers.first().focus();
  await page.keyboard.press("Enter");
  expect(await page.getByLabel("Part of the data").first().inputValue()).toBe("train");
  await page.locator("#noise-title").scrollIntoViewIfNeeded();
  await page
    .getByRole("img", { name: /Noise scale .* after epoch 2/ })
    .first()
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(problems).toEqual([]);
});
