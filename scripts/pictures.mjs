// Draws the pictures of docs/ anew: `npm run pictures`, or some of them, `npm run pictures -- training note`. The
// terminal's are runs of the real commands; the studio's are the real page in an installed Chromium. pngquant makes the
// PNG files small, img2webp the film.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { FLAGS, findBrowser } from "../test/studio/find-browser.ts";
import { record } from "./studio-recording.mjs";
import { terminalRecording, terminalSvg } from "./terminal-svg.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "src/cli/main.ts");
const home = mkdtempSync(join(tmpdir(), "deltaprop-pictures-"));
const WIDE = { viewport: { width: 1440, height: 1180 }, colorScheme: "light" };
const NARROW = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true, isMobile: true };
const GAP = 16; // pixels between the screens of a telephone

/** docs/training.svg: what `npm start` prints. */
function training() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const words = scripts.start.split(" ").slice(2);
  writeFileSync(
    join(root, "docs/training.svg"),
    terminalSvg(sceneOf("npm start", words), "A training run in a terminal"),
  );
}

const FILLS = [
  [/^\$|^Next: | {6}npm run /, "#7fb4ff"],
  [/^ {2}test |same {2}/, "#8fd694"],
  [/^ {2}(?!loss)\w+ /, "#9aa1ac"],
];

/** A command and what it prints, as lines of a terminal; of a long output its last `most` lines. */
function sceneOf(command, words, most = Number.POSITIVE_INFINITY) {
  const printed = execFileSync(process.execPath, [program, ...words], { cwd: home, encoding: "utf8" });
  const lines = asInstalled(printed, command).trimEnd().split("\n");
  const shown = lines.length > most ? ["…", ...lines.slice(-most)] : lines;
  return [`$ ${command}`, ...shown].map((text) => ({ text, fill: FILLS.find(([pattern]) => pattern.test(text))?.[1] }));
}

/** What is printed of commands to try next, as where the program is installed. */
const asInstalled = (printed, command) =>
  command.startsWith("npm ") ? printed : printed.replaceAll(/npm run deltaprop --|node \S*main\.ts/g, "deltaprop");

/** docs/session.svg: thirty seconds of a terminal, by real runs of these commands. */
function session() {
  const commands = [
    "deltaprop train digits --hidden 64,64 --epochs 4 --out runs/small",
    "deltaprop test runs/small digits",
    "deltaprop verify runs/small",
    "deltaprop export runs/small --onnx small.onnx --js small.js",
    "deltaprop check",
  ];
  const scenes = commands.map((command) => sceneOf(command, command.split(" ").slice(1), 22));
  const label = "Thirty seconds of a terminal: train, test, verify, export, check";
  writeFileSync(join(root, "docs/session.svg"), terminalRecording(scenes, 30 / scenes.length, label));
}

/** What to do to the page, trained and with its worst mistake chosen, before each picture. */
const VIEWS = {
  train: (page) => page.locator(".chart svg").first().waitFor(),
  watch: (page) => page.locator(".mistakes .gallery canvas").first().waitFor(),
  async note(page) {
    await page.locator("#E17 .t0").click();
    await page.locator(".values canvas").first().waitFor();
    await page.locator("#E17").evaluate((equation) => equation.scrollIntoView({ block: "center" }));
  },
  async draw(page) {
    await page.getByRole("button", { name: "Take an example" }).click();
    await page.locator(".verdict:visible strong").waitFor();
  },
};

/** Show a view, and have it painted. */
async function show(page, view) {
  await page.locator(`nav [data-view=${view}]`).click();
  await page.locator(`main.view-${view} > :not(h1)`).first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await VIEWS[view](page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
}

/** The page after six epochs on the drawn digits, its worst mistake chosen. */
async function trainedPage(browser, address, look) {
  const page = await (await browser.newContext(look)).newPage();
  await page.goto(`${address}#epochs=6`);
  await page.locator("button.play:enabled").waitFor();
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("The run has ended").waitFor({ state: "attached", timeout: 300_000 });
  await show(page, "watch");
  await page.locator(".mistakes .gallery button").first().click();
  return page;
}

function keep(name, png) {
  const file = join(root, `docs/studio-${name}.png`);
  writeFileSync(file, png);
  execFileSync("pngquant", ["--force", "--nofs", "--strip", "--output", file, "64", file]);
}

/** docs/studio-*.png of the views in `names`; "narrow": all four on a telephone, side by side; "recording": a film. */
async function studio(names) {
  const server = spawn(process.execPath, [program, "studio", "--no-open"], { stdio: ["ignore", "pipe", "inherit"] });
  const browser = await chromium.launch({ executablePath: findBrowser(), args: [...FLAGS] });
  try {
    const [address] = await Array.fromAsync(firstLine(server.stdout));
    const wide = names.filter((name) => name in VIEWS);
    if (wide.length > 0) {
      const page = await trainedPage(browser, address, WIDE);
      for (const name of wide) {
        await show(page, name);
        keep(name, await page.screenshot());
      }
    }
    if (names.includes("narrow")) {
      const page = await trainedPage(browser, address, NARROW);
      const screens = [];
      for (const view of Object.keys(VIEWS)) {
        await show(page, view);
        screens.push(`<img src="data:image/png;base64,${(await page.screenshot()).toString("base64")}">`);
      }
      const { width, height } = NARROW.viewport;
      const all = { width: screens.length * (width + GAP) - GAP, height };
      const sheet = await browser.newPage({ viewport: all });
      await sheet.setContent(
        `<body style="margin:0;display:flex;gap:${GAP}px;background:#808080">${screens.join("")}</body>`,
      );
      keep("narrow", await sheet.screenshot());
    }
    if (names.includes("recording")) await record(browser, address, join(root, "docs/studio.webp"));
  } finally {
    await browser.close();
    server.kill();
  }
}

async function* firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return void (yield line);
}

const ALL = ["training", "session", ...Object.keys(VIEWS), "narrow", "recording"];
const given = process.argv.slice(2);
const unknown = given.find((name) => !ALL.includes(name));
if (unknown !== undefined) throw new Error(`there is no picture ${unknown}; there are ${ALL.join(", ")}`);
const names = given.length > 0 ? given : ALL;
try {
  if (names.includes("training")) training();
  if (names.includes("session")) session();
  const pages = names.filter((name) => !["training", "session"].includes(name));
  if (pages.length > 0) await studio(pages);
} finally {
  rmSync(home, { recursive: true });
}
