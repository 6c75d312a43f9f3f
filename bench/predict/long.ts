// A process of its own: 4,000 answers at once, then 200,000 one after another. Argument: native or wasm. One JSON line:
// memory in MB, the address space in GB, and times of a single answer in µs.
import { readFileSync } from "node:fs";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { predict } from "../../src/training/evaluate.ts";
import { works } from "./contenders.ts";

const AT_ONCE = 4000;
const SINGLES = 200_000;
const engine = process.argv[2] ?? "wasm";
const { model, rows, cols } = works()[0]!;
const row = (i: number) => rows.subarray((i % 256) * cols, ((i % 256) + 1) * cols);
const status = (key: string) =>
  1024 * Number(new RegExp(`${key}:\\s*(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN);
const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

const before = { rss: megabytes(), space: status("VmSize") };
const begun = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => predict(model, row(i), { engine })));
const burst = {
  seconds: (performance.now() - begun) / 1000,
  rss: megabytes() - before.rss,
  space: (status("VmSize") - before.space) / 2 ** 30,
};

const warm = classifierOf(model, { engine, threads: 1 }).warm();
const times = new Float64Array(SINGLES);
const memory: number[] = [];
for (let i = 0; i < SINGLES; i++) {
  const from = performance.now();
  warm.predict(row(i));
  times[i] = 1000 * (performance.now() - from);
  if (i % 40_000 === 39_999) memory.push(megabytes());
}
times.sort();
const quantile = (q: number) => times[Math.floor(q * (SINGLES - 1))]!;
console.log(JSON.stringify({ burst, memory, p50: quantile(0.5), p99: quantile(0.99), most: quantile(1) }));
