// `npm run test:studio-speed`: how soon the page can be used, also on a telephone; the frames a second of every view
// while the run plays, the page's own thread slowed six times; ten thousand short epochs beside the command line.
// `npm run test:studio-speed -- watch keep short` of these alone. Ends with 4 where one is beyond its limit. Frames and
// seconds need an idle machine; the thread's own time, a frame and of its longest task, says something on any.
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { studioPage } from "../../../src/cli/studio/built.ts";
import { startStudio } from "../../../src/cli/studio/server.ts";
import { dataFiles } from "../../../src/cli/studio/static-files.ts";
import { VIEWS } from "../../../src/studio/state/setup.ts";
import { FLAGS, findBrowser } from "../find-browser.ts";
import { traced } from "./main-thread.ts";
import { shortEpochs } from "./short-epochs.ts";

const SLOWER = 6;
const LEAST_FRAMES = 20; //      a second, of the slowed page
const MOST_START_MS = 1500; //   until Play can be pressed, not slowed; the middle of the starts
const MOST_PHONE_MS = 2000; //   the same on a telephone's screen
const MOST_TIMES = 1.3; //       of the command line's time, for short epochs …
const LEAST_SHORT_FRAMES = 30; // … and the frames a second meanwhile, not slowed
const STARTS = 5;
const WATCHED_MS = 4000; //      of a view, once it is settled
const SETTLED_MS = 1500;
const WAIT_MS = 300_000; //      for a page on a busy machine

const DESK = { viewport: { width: 1440, height: 900 } } as const;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true } as const;

/** Runs that go on for longer than they are watched: digits in every view, and small networks in the plane. */
const RUNS = [
  ...VIEWS.map((view) => [view, `hidden=128,128&epochs=1000&view=${view}`] as const),
  ["plane", "data=spiral&hidden=8,8,8,8&activation=tanh&optimizer=adam&learningRate=0.01&epochs=100000"] as const,
];

const framesOf = (page: Page) =>
  page.evaluate(
    (watched) =>
      new Promise<{ count: number; aSecond: number }>((done) => {
        const begun = performance.now();
        let count = 0;
        const frame = () => {
          count++;
          const took = performance.now() - begun;
          if (took >= watched) done({ count, aSecond: (1000 * count) / took });
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
const wanted = process.argv.slice(2);
const asked = (name: string) => wanted.length === 0 || wanted.includes(name);
let late = 0;

/** A line of what was measured; `good`: within its limit. */
function say(good: boolean, name: string, text: string): void {
  if (!good) late++;
  console.log(`${name.padEnd(8)} ${text}${good ? "" : "  <- beyond it"}`);
}

async function withPage<T>(options: BrowserContextOptions, work: (opened: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(WAIT_MS);
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Milliseconds from the visit until Play can be pressed; the middle of some. */
async function startMs(options: BrowserContextOptions): Promise<number> {
  const starts: number[] = [];
  for (let k = 0; k < STARTS; k++)
    await withPage(options, async (opened) => {
      const begun = performance.now();
      await opened.goto(studio.url, { waitUntil: "commit" });
      await opened.locator("button.play:enabled").waitFor();
      starts.push(performance.now() - begun);
    });
  return starts.sort((a, b) => a - b)[Math.floor(STARTS / 2)]!;
}

async function measureStart(name: string, options: BrowserContextOptions, most: number): Promise<void> {
  const ms = await startMs(options);
  say(ms <= most, name, `Play can be pressed after ${Math.round(ms)} ms (at most ${most})`);
}

function measureView(name: string, address: string): Promise<void> {
  return withPage(DESK, async (opened) => {
    await opened.goto(`${studio.url}#${address}`);
    await opened.locator("button.play:enabled").click();
    const session = await opened.context().newCDPSession(opened);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await opened.waitForTimeout(SETTLED_MS);
    const [frames, thread] = await traced(session, () => framesOf(opened));
    const own = `its thread ${(thread.all / frames.count).toFixed(1)} ms a frame, longest task ${thread.longestTask.toFixed(0)} ms`;
    const text = `${frames.aSecond.toFixed(0).padStart(3)} frames a second (at least ${LEAST_FRAMES}); ${own}`;
    say(frames.aSecond >= LEAST_FRAMES, name, text);
  });
}

async function measureShort(): Promise<void> {
  const { page: own, command, frames } = await withPage(DESK, (opened) => shortEpochs(studio.url, opened));
  const times = own / command;
  const text = `10,000 epochs in ${own.toFixed(1)} s, ${times.toFixed(2)} times the command line's ${command.toFixed(1)} s (at most ${MOST_TIMES})`;
  say(times <= MOST_TIMES, "short", text);
  say(
    frames >= LEAST_SHORT_FRAMES,
    "",
    `${frames.toFixed(0)} frames a second meanwhile (at least ${LEAST_SHORT_FRAMES})`,
  );
}

try {
  console.log(`Chromium ${browser.version()}, load ${loadavg()[0]!.toFixed(1)} before it`);
  if (asked("start")) await measureStart("start", DESK, MOST_START_MS);
  if (asked("phone")) await measureStart("phone", PHONE, MOST_PHONE_MS);
  for (const [name, address] of RUNS) if (asked(name)) await measureView(name, address);
  if (asked("short")) await measureShort();
} finally {
  await browser.close();
  await studio.close();
}
process.exitCode = late > 0 ? 4 : 0;
