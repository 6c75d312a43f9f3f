// An activation a layer, dropout and L-BFGS among the settings of the page: the address and the command follow.
import { expect } from "vitest";
import { violations } from "./axe.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

const ROWS = Array.from(
  { length: 80 },
  (_, i) => `${i % 9},${(i * 5) % 7},${(i % 9) + ((i * 5) % 7) > 7 ? "yes" : "no"}`,
);
const TEXT = ["a,b,said", ...ROWS].join("\n");

browserTest("each layer has its activation, a step its limits, and L-BFGS neither rate nor batches", async () => {
  const { page, problems } = await browser.open(`${studio.url}#data=file&hidden=6,5&epochs=200`, { bypassCSP: true });
  const input = page.getByLabel("Data or model files");
  await input.waitFor();
  await input.setInputFiles({ name: "said.csv", mimeType: "text/csv", buffer: Buffer.from(TEXT) });
  await page.getByRole("heading", { name: "What was found in said.csv" }).waitFor();
  const address = () => decodeURIComponent(page.url());
  const command = page.getByRole("textbox", { name: "In a terminal" });

  await page.getByLabel("Activation σ").selectOption("one a layer");
  await page.getByLabel("Activation of hidden layer 2").selectOption("gelu");
  await expect.poll(address).toContain("&activation=relu,gelu");
  await expect.poll(() => command.inputValue()).toContain("--activations relu,gelu ");
  await page.getByRole("button", { name: "Add a hidden layer" }).click();
  await expect.poll(address).toContain("&hidden=6,5,5&activation=relu,gelu,gelu");
  await page.getByRole("button", { name: "Take hidden layer 1 away" }).click();
  await expect.poll(address).toContain("&hidden=5,5&activation=gelu,gelu");

  await page.getByText("Dropout, noise and limits").click();
  await page.getByLabel("Dropout", { exact: true }).fill("0.2");
  await expect.poll(address).toContain("&dropout=0.2");
  await expect.poll(() => command.inputValue()).toContain("--dropout 0.2 ");
  await page.getByText("Layer normalization").click();
  await page.getByText("Residual connections").click();
  await expect.poll(address).toContain("&layerNorm=true&residual=true");
  await expect.poll(() => command.inputValue()).toContain("--layer-norm --residual ");
  await page.locator("button.tab[data-view=note]").click();
  await page.getByText("X49 and X50 of the check").waitFor();
  await page.getByRole("button", { name: "One weight" }).click();
  await page.getByText("This comparison knows the layers of the note alone.").waitFor();
  await page.locator("button.tab[data-view=ask]").click();
  await page.getByText("they are not asked of networks with layer normalization").waitFor();
  await page.locator("button.tab[data-view=train]").click();
  expect(await violations(page, { within: ".settings" })).toEqual([]);

  await page.getByLabel("Optimizer").selectOption("lbfgs");
  await expect.poll(address).not.toContain("dropout");
  await expect.poll(() => command.inputValue()).toMatch(/--optimizer lbfgs --weight-decay 0 --epochs 200/);
  expect(await page.getByLabel("Learning rate η").count()).toBe(0);
  expect(await page.getByLabel("Batch size B").count()).toBe(0);
  await page.locator("button.play:enabled").click();
  await page.getByText("The run has ended").waitFor({ state: "attached" });
  await page.locator("button.tab[data-view=watch]").click();
  const norms = page.locator("table.norms tbody tr");
  await expect.poll(() => norms.count()).toBe(3);
  expect(await norms.first().locator("td").nth(1).textContent()).toBe("–");
  expect(problems).toEqual([]);
});
