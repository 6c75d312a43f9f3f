// The page and its address, in a browser: Back and Forward change the view, a typed address opens its run.
import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

browserTest("Back returns to the view before, and an address typed over it opens its set-up", async () => {
  const { page, problems } = await browser.open(studio.url);
  const tab = (name: string) => page.getByRole("navigation").getByRole("button", { name });
  const here = () => page.locator("nav [aria-current=page]").textContent();
  await page.getByText("134,794 parameters").waitFor();
  await tab("Watch").click();
  await tab("Keep").click();
  await page.goBack();
  expect([await here(), new URL(page.url()).hash]).toEqual(["Watch", "#view=watch"]);
  await page.goBack();
  expect(await here()).toBe("Train");
  await page.goForward();
  expect(await here()).toBe("Watch");
  await page.evaluate(() => {
    location.hash = "#hidden=7&seed=3";
  });
  await page.getByText("5,575 parameters").waitFor();
  expect([await here(), new URL(page.url()).hash]).toEqual(["Train", "#hidden=7&seed=3"]);
  await page.goBack(); // the view of then, the run of now
  expect([await here(), new URL(page.url()).hash]).toEqual(["Watch", "#hidden=7&seed=3&view=watch"]);
  expect(problems).toEqual([]);
});

browserTest("an address typed into the open page says what of it is left out, beside the way back", async () => {
  const { page } = await browser.open(`${studio.url}#hidden=8&rows=200`);
  await page.locator("button.play:enabled").waitFor();
  const go = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  await go("#hidden=8&rows=200&colour=red&layer=9");
  const status = page.locator(".notice");
  await status.getByText("left out: colour; layer=9, there are fewer layers.").waitFor();
  await status.getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("button", { name: "Step" }).click();
  await page.getByText("1 of 4").waitFor();
  await go("#hidden=9&rows=200&learningRate=-1");
  await status.getByText("left out: learningRate=-1. The run before is kept").waitFor();
  await status.getByRole("button", { name: "Undo: back to it" }).click();
  await page.waitForURL(/hidden=8/);
});
