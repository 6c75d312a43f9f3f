// docs/studio.webp: twenty seconds of the real page in a browser, frame by frame, packed by img2webp (Debian: webp).
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LOOK = { viewport: { width: 1000, height: 640 }, colorScheme: "light" };
const FRAME_MS = 200; // five frames a second
const SECONDS = 20;
const LONG_MS = 300_000;

/** A seven on the pad, as shares of its sides. */
const SEVEN = [
  [0.25, 0.22],
  [0.45, 0.22],
  [0.72, 0.22],
  [0.66, 0.38],
  [0.56, 0.55],
  [0.48, 0.7],
  [0.42, 0.85],
];

/**
 * Record the page at `address` into `file`: a spiral while it is learned, the network inside, an equation with its
 * values, a digit that is drawn and read.
 */
export async function record(browser, address, file) {
  const frames = mkdtempSync(join(tmpdir(), "deltaprop-recording-"));
  let page;
  const painted = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  let count = 0;
  /** So many seconds of frames, with something done before each. */
  const film = async (seconds, act = () => undefined) => {
    const all = (seconds * 1000) / FRAME_MS;
    for (let k = 0; k < all; k++) {
      await act(k, all);
      await painted();
      writeFileSync(join(frames, `${String(count++).padStart(4, "0")}.png`), await page.screenshot());
    }
  };
  const open = async (hash) => {
    page = await (await browser.newContext(LOOK)).newPage();
    await page.goto(`${address}${hash}`);
    await page.locator("button.play:enabled").waitFor({ timeout: LONG_MS });
  };
  try {
    await open(
      "#data=spiral&hidden=16,16&activation=tanh&optimizer=adam&learningRate=0.001&epochs=9000&hide=settings,foot",
    );
    await page.locator(".surface").waitFor();
    await page.locator(".plane").evaluate((plane) => plane.scrollIntoView());
    await film(0.8);
    await page.locator("button.play").click();
    await film(5.2);
    await page.locator("nav [data-view=watch]").click();
    await page.locator(".network-picture").waitFor();
    await page.locator(".network").evaluate((network) => network.scrollIntoView({ block: "start" }));
    await film(4);
    await open("#hidden=64,64&epochs=6&hide=settings,foot");
    await page.locator("button.play").click();
    await page.getByText("The run has ended").waitFor({ state: "attached", timeout: LONG_MS });
    await page.locator("nav [data-view=note]").click();
    await page.locator("#E17 .t0").click();
    await page.locator(".values canvas").first().waitFor();
    await page.locator("#E17").evaluate((equation) => equation.scrollIntoView({ block: "center" }));
    await film(4, (k, all) => (k === Math.round(all / 2) ? page.keyboard.press("ArrowRight") : undefined));
    await page.locator("nav [data-view=draw]").click();
    const pad = page.locator(".pad");
    await pad.waitFor();
    const box = await pad.boundingBox();
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...at(SEVEN[0]));
    await page.mouse.down();
    await film(2.8, async (k) => {
      const [x, y] = at(SEVEN[Math.min(SEVEN.length - 1, Math.floor(k / 2))]);
      await page.mouse.move(x, y, { steps: 4 });
    });
    await page.mouse.up();
    await film(SECONDS - (count * FRAME_MS) / 1000);
    const names = Array.from({ length: count }, (_, k) => join(frames, `${String(k).padStart(4, "0")}.png`));
    execFileSync("img2webp", [
      "-loop",
      "0",
      "-min_size",
      "-lossy",
      "-q",
      "45",
      "-m",
      "6",
      "-d",
      String(FRAME_MS),
      ...names,
      "-o",
      file,
    ]);
  } finally {
    rmSync(frames, { recursive: true });
  }
}
