// `npm run bench:private`: what norms of every example, clipping and noise add to a step of plain SGD, ours alone.
// Rounds take turns, so that what else the machine does meets all of them.
import { parseArgs } from "node:util";
import { drawPart } from "../src/data/digits/digits.ts";
import type { Session, Setup } from "../src/engines/engine.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { noiseDeviation } from "../src/gradients/clipping.ts";
import { parameterCount } from "../src/network/network.ts";
import { initialize } from "../src/network/parameters.ts";
import { COEFFICIENT, COEFFICIENTS } from "../src/network/plan.ts";
import { drawKey, systemWords } from "../src/privacy/private-draws.ts";
import { markdownTable, short } from "./report.ts";
import { LEARNING_RATE, networkOf } from "./work.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "native" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "60" },
    window: { type: "string", default: "20" }, // ms
  },
});
const threads = Number(values.threads);
const ROWS = 4096;
const STEP = new Float64Array(COEFFICIENTS);
STEP[COEFFICIENT.rate] = LEARNING_RATE / 100;
const { features, labels } = drawPart(1, "train", ROWS);
const words = systemWords();

/** What runs so many steps. */
type Walk = (steps: number) => Promise<void>;

async function timed(walk: Walk, steps: number): Promise<number> {
  const began = performance.now();
  await walk(steps);
  return (performance.now() - began) / steps;
}

/** A walk of `steps` steps takes a window of time; the fastest of the rounds, in ms a step. */
async function fastest(walks: Readonly<Record<string, Walk>>): Promise<Record<string, number>> {
  const found = new Map(Object.keys(walks).map((name) => [name, [] as number[]]));
  const lengths = new Map<string, number>();
  for (const [name, walk] of Object.entries(walks)) {
    await walk(3);
    lengths.set(name, Math.max(3, Math.round(Number(values.window) / (await timed(walk, 3)))));
  }
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, walk] of Object.entries(walks)) found.get(name)!.push(await timed(walk, lengths.get(name)!));
  return Object.fromEntries([...found].map(([name, times]) => [name, Math.min(...times)]));
}

const lines: string[][] = [];
for (const configuration of [
  { H: 128, B: 32 },
  { H: 256, B: 64 },
  { H: 512, B: 128 },
  { H: 256, B: 256 },
  { H: 256, B: 1024 },
  { H: 256, B: 2048 }, // of the command that docs/privacy.md recommends
]) {
  const { B } = configuration;
  const network = networkOf(configuration);
  const open = async (more: Partial<Setup>): Promise<Session> => {
    const setup = { network, features: features as Uint8Array, divisor: 255, labels: Int32Array.from(labels) };
    const session = await chooseEngine(values.engine).open({ ...setup, batchSize: B, threads, ...more });
    session.writeParameters(initialize(network, "he", 1));
    return session;
  };
  const sessions = [
    await open({}),
    await open({ exampleNorms: true }),
    await open({ clipping: { norm: 1, expected: B } }),
  ];
  const [plain, normed, clipped] = sessions as [Session, Session, Session];
  const steps =
    (session: Session, atOnce = Math.floor(ROWS / B)): Walk =>
    async (count) => {
      for (let done = 0; done < count; done += atOnce) {
        const some = Math.min(atOnce, count - done);
        const coefficients = new Float64Array(some * COEFFICIENTS).map((_, i) => STEP[i % COEFFICIENTS]!);
        await session.train(
          Uint32Array.from({ length: some * B }, (_, i) => i % ROWS),
          coefficients,
        );
      }
    };
  const given = new Float32Array(parameterCount(network));
  const deviation = noiseDeviation(1, 1, B);
  const noisy =
    (draws: boolean): Walk =>
    async (count) => {
      for (let step = 0; step < count; step++) {
        const order = Uint32Array.from({ length: B }, (_, i) => (step * B + i) % ROWS);
        await clipped.noisyStep(order, STEP, draws ? drawKey(words) : given, deviation);
      }
    };
  const ms = await fastest({
    plain: steps(plain),
    alone: steps(plain, 1), //        a call for each step, as a private step is one
    norms: steps(normed),
    clipping: steps(clipped, 1), //   no noise, and so no gradient that is written
    clipped: noisy(false),
    private: noisy(true),
  });
  for (const session of sessions) await session.close();
  const times = (name: string) => (ms[name]! / ms.plain!).toFixed(3);
  const more = (name: string, than: string) => short(1000 * Math.max(0, ms[name]! - ms[than]!));
  lines.push([
    `784-${configuration.H}³-10, B = ${short(B)}`,
    short(1000 * ms.plain!),
    times("norms"),
    times("clipped"),
    times("private"),
    more("alone", "plain"),
    more("clipping", "alone"),
    more("private", "clipping"),
    ((1e6 * (ms.private! - ms.clipping!)) / given.length).toFixed(2),
  ]);
}
const heads = [
  "network",
  "plain SGD, µs",
  "with norms",
  "clipped, noise given",
  "private",
  "a call, µs",
  "norms and clipping, µs",
  "noise, µs",
  "ns a parameter",
];
console.log(
  `${values.engine}, ${threads} thread${threads === 1 ? "" : "s"}: times a step of plain SGD, the fastest rounds\n`,
);
for (const line of markdownTable([heads, ...lines])) console.log(line);
