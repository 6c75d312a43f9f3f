// `npm run test:studio-speed`: how soon the page can be used, and how many frames a second each view has while the run
// plays, the page's own thread slowed six times; `npm run test:studio-speed -- watch keep` of these views alone. Ends
// with 4 where one is beyond its limit; needs an idle machine.
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { studioPage } from "../../../src/cli/studio/built.ts";
import { startStudio } from "../../../src/cli/studio/server.ts";
import { dataFiles } from "../../../src/cli/studio/static-files.ts";
import { VIEWS } from "../../../src/studio/state/setup.ts";
import { FLAGS, findBrowser } from "../find-browser.ts";

const SLOWER = 6;
const LEAST_FRAMES = 20; //  a second, of the slowed page
const MOST_START_MS = 1500; // until Play can be pressed, not slowed; the middle of the starts
const STARTS = 5;
const WATCHED_MS = 4000; // of a view, once it is settled
const SETTLED_MS = 1500;

/** Runs that go on for longer than they are watched: digits in every view, and small networks in the plane. */
const RUNS = [
  ...VIEWS.map((view) => [view, `hidden=128,128&epochs=1000&view=${view}`] as const),
  ["the plane", "data=spiral&hidden=8,8,8,8&activation=tanh&optimizer=adam&learningRate=0.01&epochs=100000"] as const,
];

const framesASecond = (page: Page) =>
  page.evaluate(
    (watched) =>
      new Promise<number>((done) => {
        const begun = performance.now();
        let frames = 0;
        const frame = () => {
          frames++;
          const took = performance.now() - begun;
          if (took >= watched) done((1000 * frames) / took);
          else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    WATCHED_MS,
  );

const executablePath = findBrowser();
if (executablePath === undefined) throw new Error("there is no Chromium here; CHROMIUM=/path/to/one names it");
const page = await studioPage();
const { files } = await dataFiles({ dataDir: undefined, cache: join(tmpdir(), "deltaprop-no-cache") });
const studio = await startStudio(new Map([...page, ...files]), 0);
const browser = await chromium.launch({ executablePath, args: [...FLAGS] });
const fresh = async () => (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
let late = 0;
try {
  console.log(`Chromium ${browser.version()}, load ${loadavg()[0]!.toFixed(1)} before it`);
  const starts: number[] = [];
  for (let k = 0; k < STARTS; k++) {
    const opened = await fresh();
    const begun = performance.now();
    await opened.goto(studio.url, { waitUntil: "commit" });
    await opened.locator("button.play:enabled").waitFor();
    starts.push(performance.now() - begun);
    await opened.context().close();
  }
  const middle = starts.sort((a, b) => a - b)[Math.floor(STARTS / 2)]!;
  if (middle > MOST_START_MS) late++;
  console.log(`Play can be pressed after ${Math.round(middle)} ms (at most ${MOST_START_MS})`);
  const wanted = process.argv.slice(2);
  for (const [name, address] of RUNS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const opened = await fresh();
    await opened.goto(`${studio.url}#${address}`);
    await opened.locator("button.play:enabled").click();
    const session = await opened.context().newCDPSession(opened);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await opened.waitForTimeout(SETTLED_MS);
    const frames = await framesASecond(opened);
    if (frames < LEAST_FRAMES) late++;
    console.log(`${name.padEnd(10)} ${frames.toFixed(0).padStart(3)} frames a second (at least ${LEAST_FRAMES})`);
    await opened.context().close();
  }
} finally {
  await browser.close();
  await studio.close();
}
process.exitCode = late > 0 ? 4 : 0;
