// The page in a real browser: it trains, reloads, follows links, reads files and refuses them, and is used by keyboard
// alone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { builtStudio } from "../../src/cli/studio/built.ts";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { encodeModel } from "../../src/files/model/model-file.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { train } from "../../src/training/trainer.ts";
import { rgba, writeBmp, writeGif, writeJpeg, writeWebp } from "../data/write-pictures.ts";
import { writePng } from "../data/write-png.ts";
import { browserTest, inEachBrowser, useBrowser, useFirefox } from "./browser.ts";
import { type Host, hostFolder } from "./host.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const browsers = { browser, firefox: useFirefox() };
const studio = useStudio();
const home = mkdtempSync(join(tmpdir(), "deltaprop-train-"));
let plainHost: Host; // a static web host: no headers, so no shared memory
let hashes: readonly string[]; // after each epoch of the run of SETUP, by the library in Node

const SETUP = "#hidden=64,32&learningRate=0.2&epochs=4&seed=7";

beforeAll(async () => {
  plainHost = await hostFolder(await builtStudio());
  const { train: rows } = await drawDigits({ seed: 1 });
  const { epochs } = await train(defineNetwork([784, 64, 32, 10]), rows, {
    epochs: 4,
    seed: 7,
    learningRate: 0.2,
    optimizer: "sgd",
    schedule: "constant",
    batchSize: 64,
  });
  hashes = epochs.map(({ parametersSha256 }) => parametersSha256);
});
afterAll(async () => {
  await plainHost.close();
  rmSync(home, { recursive: true });
});

/** The page with another fragment, as a link would open it. */
async function follow(page: Page, fragment: string): Promise<void> {
  await page.evaluate((to) => location.replace(to), fragment);
  await page.reload();
  await ready(page);
}

const ready = (page: Page) => page.locator("button.play:enabled").waitFor();
const ended = (page: Page) => page.getByText("The run has ended").waitFor({ state: "attached", timeout: 90_000 });

/** SHA-256 of the parameters, first epoch first. */
async function shown(page: Page): Promise<(string | null)[]> {
  const cells = await page.locator("[data-sha256]").all();
  return (await Promise.all(cells.map((cell) => cell.getAttribute("data-sha256")))).toReversed();
}

const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(home, name), content);
  return join(home, name);
};
const drop = (page: Page, ...paths: string[]) => page.getByLabel("Data or model files").setInputFiles(paths);

for (const [where, isolated] of [
  ["isolated", true],
  ["on a plain host", false],
] as const) {
  const name = `${where}, the page trains the digits to 95 in a hundred, and has Node's SHA-256 after every epoch`;
  inEachBrowser(browsers, name, async (pages) => {
    const { page, problems } = await pages.open(isolated ? studio.url : plainHost.url);
    await follow(page, SETUP);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    await page.getByRole("button", { name: "Play" }).click();
    await ended(page);
    expect(await shown(page)).toEqual(hashes);
    const accuracy = await page.locator(".figures div", { hasText: "test accuracy" }).locator("dd").textContent();
    expect(Number.parseFloat(accuracy ?? "")).toBeGreaterThanOrEqual(95);
    expect(problems).toEqual([]);
  });
}

browserTest("a reload in the middle goes on, and ends with the same bits", async () => {
  const { page } = await browser.open(studio.url);
  await follow(page, SETUP);
  for (let s = 0; s < 3; s++) await page.getByRole("button", { name: "Step" }).click();
  await page.getByRole("button", { name: "Play" }).click();
  await page.locator("[data-sha256]").first().waitFor();
  await page.reload(); // while it plays
  await page.locator("[data-sha256]").first().waitFor(); // what was there is there
  await ended(page);
  expect(await shown(page)).toEqual(hashes);
  await page.reload(); // at its end
  await ended(page);
  expect(await shown(page)).toEqual(hashes);
});

browserTest("a link opens its set-up and its view, and what the visitor changes goes into the address", async () => {
  const { page } = await browser.open(studio.url);
  await follow(page, "#hidden=8,4&learningRate=0.5&optimizer=momentum&rows=100&view=watch");
  await expect.poll(() => page.getByRole("heading", { name: "One example" }).count()).toBe(1);
  await page.getByRole("button", { name: "Train", exact: true }).click();
  expect(await page.getByLabel("Learning rate η").inputValue()).toBe("0.5");
  expect(await page.getByLabel("Units of hidden layer 2").inputValue()).toBe("4");
  await page.getByLabel("Seed").fill("12");
  await expect.poll(() => page.url()).toMatch(/#rows=100&hidden=8,4&learningRate=0.5&optimizer=momentum&seed=12$/);
  await page.getByRole("button", { name: "Step" }).click();
  await page.getByLabel("Seed").fill("13"); // a run that has begun is given up only after a confirmation
  await page.getByRole("button", { name: "Keep the old settings" }).click();
  expect(await page.getByLabel("Seed").inputValue()).toBe("12");
  await page.getByLabel("Batch size B").fill("none");
  await expect.poll(() => page.getByText("Expected a whole number from 1 to 65,536.").count()).toBe(1);
});

browserTest(
  "good files of every kind are taken, bad ones refused with code, file and place, and the run stays",
  async () => {
    const { page, problems } = await browser.open(studio.url);
    await ready(page);
    const table = (rows: number) =>
      Array.from({ length: rows }, (_, i) => `${i % 7},${(i * 3) % 5},${i % 2 === 0 ? "even" : "odd"}`).join("\n");
    await drop(page, file("small.csv", `a,b,kind\n${table(60)}\n`));
    await page.getByText("small: 48 rows to train on, 12 to test on; 2 features, 2 classes.").waitFor();

    const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 2, ...Array(80).keys());
    const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 20, ...Array.from({ length: 20 }, (_, i) => i % 2));
    const pair = [
      file("train-images-idx3-ubyte.gz", gzipSync(images)),
      file("train-labels-idx1-ubyte", labels),
    ] as const;
    await drop(page, ...pair);
    await page.getByText("16 rows to train on, 4 to test on; 2 × 2 grey images, 2 classes.").waitFor();

    const picture = rgba(6, 5, (x, y) => new Array(3).fill((40 * x + 9 * y) & 255).concat(255));
    const bars = Array.from({ length: 30 }, (_, p) => (p % 6) % 2);
    const rows = Array.from({ length: 5 }, (_, y) => Array.from({ length: 18 }, (_, x) => (x * y) & 255));
    const pictures: Readonly<Record<string, Uint8Array>> = {
      "1.jpg": await writeJpeg(picture),
      "2.webp": await writeWebp(picture),
      "3.gif": writeGif(6, 5, [0, 0xffffff], bars),
      "4.bmp": writeBmp({ width: 6, height: 5, depth: 24, rows }),
      "5.png": writePng({ width: 6, height: 5, depth: 8, colour: 0, samples: bars.map((bit) => 255 * bit) }),
    };
    const list = `file,label\n${Object.keys(pictures)
      .flatMap((name, k) => [`${name},${k % 2}`, `${name},${k % 2}`])
      .join("\n")}\n`;
    await drop(page, file("list.csv", list), ...Object.entries(pictures).map(([name, bytes]) => file(name, bytes)));
    await page.getByText("8 rows to train on, 2 to test on; 5 × 6 grey images, 2 classes.").waitFor();
    await page.getByText("10 pictures as 6 × 5 in grey, the size they have.").waitFor();
    await drop(page, ...pair);
    await page.getByText("2 × 2 grey images, 2 classes.").waitFor();

    const bad: readonly (readonly [refusal: RegExp, ...paths: string[]])[] = [
      [/^error BAD_CSV ragged\.csv:row 2: /, file("ragged.csv", "a,b,kind\n1,x\n2,3,y\n")],
      [
        /^error BAD_IDX cut-images-idx3-ubyte:byte \d+: /,
        file("cut-images-idx3-ubyte", images.subarray(0, 50)),
        pair[1],
      ],
      [/^error DATA_NOT_FOUND train-images-idx3-ubyte\.gz: train-labels-idx1-ubyte or .* is missing/, pair[0]],
      [/^error UNKNOWN_FORMAT story\.pdf: this kind of file is not read\./, file("story.pdf", "%PDF")],
      [/^error BAD_PARQUET empty\.parquet:/, file("empty.parquet", "PAR1")],
      [/^error BAD_NPY x\.npy:/, file("x.npy", "\x93NUMPY"), file("y.npy", "no")],
      [/^error BAD_FOLDER digit\.png:name: images lie in folders/, file("digit.png", "\x89PNG")],
    ];
    for (const [refusal, ...paths] of bad) {
      await drop(page, ...paths);
      await expect
        .poll(
          () =>
            page
              .getByRole("alert")
              .textContent()
              .catch(() => ""),
          { message: String(refusal) },
        )
        .toMatch(refusal);
      await page.getByText("2 × 2 grey images, 2 classes.").waitFor();
    }
    await drop(page, file("<img src=x onerror=alert(1)>.pdf", "x")); // text from files is text
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("<img src=x onerror=alert(1)>.pdf");
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect(problems).toEqual([]);
  },
);

browserTest("a file dropped on any view is opened, and the page stays", async () => {
  const { page } = await browser.open(studio.url);
  await ready(page);
  await page.locator("[data-view=watch]").click();
  await page.getByRole("heading", { name: "One example" }).waitFor();
  const transfer = await page.evaluateHandle(() => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 9},${i % 4},${i % 2 === 0 ? "even" : "odd"}`);
    const data = new DataTransfer();
    data.items.add(new File([["a,b,kind", ...rows].join("\n")], "dropped.csv"));
    return data;
  });
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  await page.getByText("of 8 test rows").waitFor();
  expect(await page.locator(".features dt").allTextContents()).toEqual(["a", "b"]);
});

browserTest("a dropped model brings its layers and is where the run begins", async () => {
  const { page } = await browser.open(studio.url);
  await ready(page);
  const network = defineNetwork([784, 12, 10], "tanh");
  const classes = [..."0123456789"];
  const model = {
    network,
    parameters: initialize(network, "he", 99),
    classes,
    scaling: { kind: "divide", by: 255 },
  } as const;
  await drop(page, file("start.safetensors", await encodeModel(model)));
  await expect.poll(() => page.getByLabel("Units of hidden layer 1").inputValue()).toBe("12");
  expect(await page.getByLabel("Activation σ").inputValue()).toBe("tanh");
  const wrong = defineNetwork([5, 12, 10]);
  await drop(
    page,
    file("other.safetensors", await encodeModel({ ...model, network: wrong, parameters: initialize(wrong, "he", 1) })),
  );
  await expect
    .poll(() => page.getByRole("alert").textContent())
    .toMatch(/^error WRONG_COLUMNS the model takes 5 features/);
});

inEachBrowser(browsers, "by keyboard alone: choose, train, pause, look at a mistake", async (pages) => {
  const { page } = await pages.open(studio.url);
  await ready(page);
  const tabTo = async (name: string | RegExp, key = "Tab") => {
    for (let k = 0; k < 250; k++) {
      await page.keyboard.press(key);
      const said = await page.evaluate(() => {
        const { activeElement: at } = document;
        return (
          at?.getAttribute("aria-label") ||
          at?.textContent?.trim() ||
          (at as HTMLInputElement)?.labels?.[0]?.textContent ||
          ""
        );
      });
      if (typeof name === "string" ? said === name : name.test(said)) return;
    }
    throw new Error(`Tab never reached ${name}`);
  };
  await tabTo("Learning rate η");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("0.2");
  await expect.poll(() => page.url()).toContain("learningRate=0.2");
  await page.keyboard.press("Shift+Tab"); // letters are text in a field
  await page.keyboard.press("Escape");
  await tabTo("Watch", "Shift+Tab"); // behind the last one a browser's own controls begin
  await page.keyboard.press("Enter");
  await page.keyboard.press("p");
  await page.locator("button.play", { hasText: "Pause" }).waitFor();
  await page.keyboard.press("p");
  await page.locator("button.play", { hasText: "Play" }).waitFor();
  await tabTo(/^Row \d+: \d → \d/);
  const row = /Row (\d+)/.exec((await page.evaluate(() => document.activeElement?.textContent)) ?? "")?.[1];
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByLabel("Row", { exact: true }).inputValue()).toBe(row);
});
