// `npm run bench:growth`: what a step costs as H, B, L and the threads grow, ours alone.
import { parseArgs } from "node:util";
import { drawPart } from "../src/data/digits/digits.ts";
import type { Session } from "../src/engines/engine.ts";
import { chooseEngine } from "../src/engines/registry.ts";
import { defineNetwork, stepFlops } from "../src/network/network.ts";
import { initialize } from "../src/network/parameters.ts";
import { COEFFICIENTS } from "../src/network/plan.ts";
import { markdownTable, short } from "./report.ts";
import type { Result } from "./rounds.ts";
import { spread } from "./statistics.ts";
import { LEARNING_RATE } from "./work.ts";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "native" },
    rounds: { type: "string", default: "5" },
    window: { type: "string", default: "60" }, // ms
  },
});

type Point = { readonly H: number; readonly B: number; readonly L: number }; // L hidden layers
const BASE: Point = { H: 256, B: 64, L: 3 };
const SERIES: Readonly<Record<keyof Point, readonly number[]>> = {
  H: [32, 64, 128, 256, 512, 1024],
  B: [1, 4, 16, 64, 256],
  L: [1, 2, 4, 8, 16],
};
const ROWS = 1024; // examples in memory

const { features, labels } = drawPart(1, "train", ROWS);
const setup = { features: features as Uint8Array, divisor: 255, labels: Int32Array.from(labels) };
const networkAt = ({ H, L }: Point) => defineNetwork([784, ...Array<number>(L).fill(H), 10]);

/** Walk for `ms`, and give the seconds of a step. */
async function window(session: Session, ms: number): Promise<number> {
  const { batchSize: B } = session;
  const walk = async (steps: number) => {
    const order = Uint32Array.from({ length: steps * B }, (_, i) => i % ROWS);
    const coefficients = new Float64Array(steps * COEFFICIENTS);
    for (let s = 0; s < steps; s++) coefficients[s * COEFFICIENTS] = LEARNING_RATE / 100;
    const began = performance.now();
    await session.train(order, coefficients);
    return (performance.now() - began) / 1000 / steps;
  };
  const first = await walk(2);
  return walk(Math.max(2, Math.min(Math.floor(65536 / B), Math.round(ms / 1000 / first))));
}

async function measure(points: readonly Point[], threads: number): Promise<Result[]> {
  const sessions: Session[] = [];
  for (const point of points) {
    const network = networkAt(point);
    const session = await chooseEngine(values.engine).open({
      ...setup,
      ...{ network, batchSize: point.B, threads, capacity: 65536 },
    });
    session.writeParameters(initialize(network, "he", 1));
    sessions.push(session);
  }
  const times: number[][] = points.map(() => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, session] of sessions.entries()) times[i]!.push(await window(session, Number(values.window)));
  for (const session of sessions) await session.close();
  return points.map((point, i) => ({
    launch: { name: values.engine, threads, kind: "ours", command: ["node"] },
    version: process.version,
    configuration: { H: point.H, B: point.B },
    seconds: spread(times[i]!),
    flops: stepFlops(networkAt(point), point.B),
    others: Number.NaN,
    losses: [],
  }));
}

for (const [name, sizes] of Object.entries(SERIES) as [keyof Point, readonly number[]][]) {
  const points = sizes.map((size): Point => ({ ...BASE, [name]: size }));
  const byThreads = [await measure(points, 1), await measure(points, 2)];
  const others = Object.entries(BASE).filter(([key]) => key !== name);
  console.log(
    `\nµs a step (GFLOP/s) as ${name} grows; ${others.map(([key, value]) => `${key} = ${value}`).join(", ")}:\n`,
  );
  const cell = ({ seconds, flops }: Result) =>
    `${short(seconds.median * 1e6)} (${short(flops / seconds.median / 1e9)})`;
  for (const line of markdownTable([
    [`${values.engine}, ${name} =`, ...sizes.map(String)],
    ...byThreads.map((row, t) => [t === 0 ? "one thread" : "two threads", ...row.map(cell)]),
  ]))
    console.log(line);
}
