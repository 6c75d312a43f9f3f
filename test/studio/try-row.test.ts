// A row of a table that the visitor makes: the answer is the exported model's, and the pushes add up to it.
import { expect, test } from "vitest";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { predict } from "../../src/training/evaluate.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { memoryStore } from "./memory-store.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();

/** The label follows from the sky alone, but for rain: there it is the heat. */
const ROWS = Array.from({ length: 90 }, (_, i) => {
  const [sky, heat] = [["sunny", "rain", "overcast"][i % 3], (i * 13) % 11];
  const yes = sky === "rain" ? heat > 5 : sky === "overcast";
  return `${sky},${i % 10 === 7 ? "" : heat},${i % 2 ? "TRUE" : "FALSE"},${yes ? "yes" : "no"}`;
});
const TEXT = ["sky,heat,windy,play", ...ROWS].join("\n");
const SETUP = { ...DEFAULT_SETUP, hidden: [6], epochs: 20, batchSize: 8 };

test("what can be set is as the training rows, the answer is the model's, the pushes add up to its logarithm", async () => {
  const lab = new Lab({ base: "http://127.0.0.1/", store: memoryStore(), versions: {}, emit() {} });
  await lab.open(SETUP, [{ name: "play.csv", bytes: new TextEncoder().encode(TEXT).buffer }]);
  for (let s = 0; s < 60; s++) await lab.step();
  const columns = await lab.triedColumns();
  expect(columns.map(({ name, kind, levels, holes }) => [name, kind, levels?.join(), holes])).toEqual([
    ["sky", "category", "overcast,rain,sunny", false],
    ["heat", "number", undefined, true],
    ["windy", "boolean", undefined, false],
  ]);
  expect([columns[1]!.low, columns[1]!.high, columns[1]!.whole]).toEqual([0, 10, true]);
  const row = await lab.modelRow({ part: "train", row: 0 });
  const { pixels } = await lab.rawExample({ part: "train", row: 0 });
  expect([...row]).toEqual([...pixels]);

  const asked = Float64Array.of(1, 9, 1); // rain, hot, windy
  const { model } = await decodeModel((await lab.exportModel("safetensors")).bytes);
  const { probabilities } = await predict(model, asked, { engine: "reference" });
  for (const c of [0, 1]) {
    const answer = await lab.answerRow(asked, c);
    expect([...answer.probabilities]).toEqual([...probabilities]);
    const sum = answer.pushes.integrated.reduce((total, push) => total + push, answer.none);
    expect(sum).toBeCloseTo(Math.log(probabilities[c]!), 12);
    const { probabilities: none } = await logOfZeros(model);
    expect(answer.none).toBeCloseTo(Math.log(none[c]!), 2);
  }
});

/** The answer where every input of the network is 0: by the identity scaling of the network alone. */
function logOfZeros(model: Awaited<ReturnType<typeof decodeModel>>["model"]) {
  const inputs = model.network.layers[0]!;
  const bare = { ...model, scaling: { kind: "none" } as const, featureNames: undefined };
  return predict(bare, new Float64Array(inputs), { engine: "reference" });
}

browserTest("a slider and a name change the answer at once, and the keys reach all of it", async () => {
  const { page, problems } = await browser.open(`${studio.url}#hidden=6&epochs=60&batchSize=8&learningRate=0.3`);
  await page.locator("button.play:enabled").waitFor();
  const buffer = Buffer.from(TEXT);
  await page.getByLabel("Data or model files").setInputFiles({ name: "play.csv", mimeType: "text/csv", buffer });
  await page.getByText("What was found in play.csv").waitFor();
  await page.locator("button.play").click();
  await page.getByText("The run has ended").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Try", exact: true }).click();
  const verdict = page.locator(".row-says .verdict");
  await page.getByLabel("sky", { exact: true }).selectOption("overcast");
  await expect.poll(() => verdict.textContent()).toMatch(/^yes, /);
  await page.getByLabel("sky", { exact: true }).selectOption("rain");
  const heat = page.getByRole("slider", { name: "heat, from 0 to 10" });
  await heat.focus();
  await page.keyboard.press("End");
  await expect.poll(() => verdict.textContent()).toMatch(/^yes, /);
  await page.keyboard.press("Home");
  await expect.poll(() => verdict.textContent()).toMatch(/^no, /);
  await page.getByLabel("heat", { exact: true }).fill("9.5");
  await page.keyboard.press("Enter");
  await expect.poll(() => verdict.textContent()).toMatch(/^yes, /);
  expect(await page.locator(".push-bar .figure").allTextContents()).not.toContain("–");
  expect(problems).toEqual([]);
});
