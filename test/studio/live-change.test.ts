// η changed while the run plays, in a real browser: what the page saves is repeated by `deltaprop verify`, bit for bit.
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { deltaprop, folder } from "../cli/run.ts";
import { browserTest, inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browsers = { browser: useBrowser(), firefox: useFirefox() };
const studio = useStudio();
const homes = new Map([browsers.browser, browsers.firefox].map((pages) => [pages, folder()] as const));
afterAll(() => {
  for (const [, remove] of homes.values()) remove();
});

inEachBrowser(browsers, "a live change is replayed by verify", async (pages) => {
  const { page, problems } = await pages.open(`${studio.url}#hidden=8&epochs=100000&batchSize=256&seed=5`);
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await page.locator("button.play:enabled").click();
  await page.locator(".where div", { hasText: /loss\s*\d/ }).waitFor();
  await page.getByLabel("Learning rate η").fill("0.3");
  await button("Go on").click();
  await button("Pause").click(); // it plays on
  await page.locator("button.play", { hasText: "Play" }).waitFor();
  const at = await page.locator(".where div", { hasText: "epoch" }).locator("dd").first().textContent();
  await page.getByLabel("Epochs").fill(String(Number(at!.replace(/ of .*|,/g, "")) + 1)); // the end comes in sight
  await button("Go on").click();
  await page.locator("button.play:enabled", { hasText: "Play" }).click();
  await page.getByText("The run has ended").waitFor({ state: "attached", timeout: 90_000 });
  await page.getByText("Changed: η = 0.3 from epoch").waitFor();
  await button("Keep").click();
  await button("Show").click();
  const text = await page.getByLabel("run.json").inputValue();
  const { changes } = JSON.parse(text);
  expect(changes[0]).toMatchObject({ options: { learningRate: 0.3 } });

  const [home] = homes.get(pages)!;
  await writeFile(join(home, "run.json"), text);
  const model = await pages.saved(page, () => button("Download the model as safetensors").click());
  await copyFile(model, join(home, "model.safetensors"));
  const { code, out, err } = await deltaprop(home, ["verify", home, "--engine", "wasm"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("reproduced bit for bit");
  expect(problems).toEqual([]);
});

browserTest("what is typed while the run takes a change stays", async () => {
  const { page, problems } = await browsers.browser.open(`${studio.url}#hidden=8&epochs=100000&batchSize=256&seed=5`);
  await page.locator("button.play:enabled").click();
  await page.locator(".where div", { hasText: /loss\s*\d/ }).waitFor();
  await page.getByLabel("Learning rate η").fill("0.3");
  const go = page.getByRole("button", { name: "Go on", exact: true });
  await go.waitFor();
  // in one turn of the page: no answer comes between
  await page.getByLabel("Epochs").evaluate((field: HTMLInputElement) => {
    [...document.querySelectorAll<HTMLElement>(".pending button")].find((one) => one.textContent === "Go on")!.click();
    field.value = "90000";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("blur"));
  });
  await page.getByText("Changed: η = 0.3 from epoch").waitFor();
  await go.waitFor(); // with what was typed
  expect(await page.getByLabel("Epochs").inputValue()).toBe("90000");
  expect(await page.getByLabel("Learning rate η").inputValue()).toBe("0.3");
  expect(problems).toEqual([]);
});
