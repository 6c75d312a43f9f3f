// Runs with something to see in every view and panel: each opened, and gone through view by view.
import type { Page } from "playwright-core";
import type { ViewName } from "../../src/studio/state/setup.ts";

type Scene = {
  readonly address: string;
  readonly prepare?: (page: Page) => Promise<void>;
  readonly views: readonly ViewName[];
};

const press = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true, includeHidden: true }).dispatchEvent("click"); // on paper it is hidden

async function playOut(page: Page): Promise<void> {
  await press(page, "Play");
  await page.getByText("The run has ended").waitFor({ state: "attached" });
}

async function drawLine(page: Page): Promise<void> {
  await page.locator(".pad").focus();
  for (const key of [" ", ...Array<string>(12).fill("ArrowRight"), " "]) await page.keyboard.press(key);
}

const HOMES = [
  "size,town,big,sunny",
  ...Array.from({ length: 60 }, (_, i) => {
    const size = 20 + ((i * 37) % 91);
    return [size, ["north", "south"][i % 2], Number(size > 60), i % 2].join(",");
  }),
].join("\n");

export const SCENES: readonly Scene[] = [
  {
    address: "rows=500&hidden=16,16&epochs=1&lesson=dead-relus",
    prepare: playOut,
    views: ["train", "watch", "ask", "note", "keep", "lessons"],
  },
  { address: "data=spiral&hidden=128,128,128&epochs=2", prepare: playOut, views: ["train", "watch"] },
  {
    // a table with several labels
    address: "hidden=8&epochs=4&batchSize=16",
    async prepare(page) {
      const file = { name: "homes.csv", mimeType: "text/csv", buffer: Buffer.from(HOMES) };
      await page.getByLabel("Data or model files").setInputFiles(file);
      await page.getByText("2 classes").waitFor();
      await page.getByLabel("Take big as").selectOption("a label, too");
      await page.getByText("2 labels to learn").waitFor();
      await playOut(page);
    },
    views: ["train", "watch", "draw", "note"],
  },
  {
    // drawings of one's own, and a run compared with another
    address: "rows=200&hidden=8&epochs=1&view=draw",
    async prepare(page) {
      await drawLine(page);
      await page.getByLabel("Class", { exact: true }).fill("across");
      await press(page, "Keep this one");
      await page.locator(".gathered canvas").waitFor({ state: "attached" });
      await press(page, "Step");
      await press(page, "Reset");
      await press(page, "Step");
      await press(page, "Keep");
      await press(page, "Compare");
      await press(page, "Draw");
      await drawLine(page);
      await press(page, "4"); // taught: bars with what was
      await page.locator(".change .was").first().waitFor({ state: "attached" });
    },
    views: ["draw", "keep", "train"],
  },
];

/** What `see` tells of every view of these scenes, each with the place. `open` gives the page at an address. */
export async function seeScenes(
  open: (address: string) => Promise<Page>,
  see: (page: Page) => Promise<readonly string[]>,
  scenes = SCENES,
): Promise<string[]> {
  const told: string[] = [];
  for (const { address, prepare, views } of scenes) {
    const page = await open(address);
    await page.locator("button.play:enabled").waitFor({ state: "attached" });
    await prepare?.(page);
    for (const view of views) {
      await page.locator(`nav [data-view=${view}]`).dispatchEvent("click");
      await page.locator(`main.view-${view} > :not(h1)`).first().waitFor();
      for (const tab of view === "note" ? ["The derivation", "One step", "One weight"] : [""]) {
        if (tab) {
          await press(page, tab);
          await page.locator(".note canvas").nth(1).waitFor();
        }
        if (view === "watch") await page.locator(".network-picture").waitFor();
        const found = await see(page);
        told.push(...found.map((what) => `${address} ${view} ${tab}: ${what}`));
      }
    }
  }
  return told;
}
