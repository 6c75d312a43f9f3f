// `npm run bench:predict`: how long an answer takes, beside onnxruntime on the ONNX that we export; contenders in
// turns, in one process, on one thread. --peer-dir: a folder whose node_modules has onnxruntime-node.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { classifierOf } from "../../src/classifier/classifier.ts";
import { describeMachine } from "../machine.ts";
import { markdownTable } from "../report.ts";
import { median, spread, uncertainty } from "../statistics.ts";
import { type Contender, contenders, enginesHere, MOST_ROWS, type Work, works } from "./contenders.ts";

const { values } = parseArgs({
  options: {
    "peer-dir": { type: "string" },
    rounds: { type: "string", default: "9" },
    window: { type: "string", default: "30" }, // ms
    large: { type: "boolean", default: false }, // also auto beside one thread, up to 65,536 rows
    long: { type: "boolean", default: false }, //  also 4,000 answers at once and 200,000 one after another
  },
});
const COUNTS = [1, 8, 64, 512, MOST_ROWS];
const SLOW_S = 0.3;
const rounds = Number(values.rounds);
const windowMs = Number(values.window);
const shown = (x: number) => (x < 10 ? x.toFixed(2) : x < 100 ? x.toFixed(1) : Math.round(x).toString());

/** Microseconds a row of repeated calls, by the clock and by the processor; and of single calls, each. */
async function window({ ask }: Contender, { rows, cols }: Work, count: number, single: number[]) {
  const whole = Math.floor(rows.length / cols / count);
  const begun = performance.now();
  const used = process.cpuUsage();
  let calls = 0;
  for (let last = begun; last - begun < windowMs || calls === 0; calls++) {
    const at = (calls % whole) * count * cols;
    const answer = ask(rows.subarray(at, at + count * cols), count);
    if (answer instanceof Promise) await answer;
    const now = performance.now();
    if (count === 1) single.push(1000 * (now - last));
    last = now;
  }
  const { user, system } = process.cpuUsage(used);
  return { wall: (1000 * (performance.now() - begun)) / calls / count, processor: (user + system) / calls / count };
}

type Cell = { wall: number[]; processor: number[]; single: number[] };

async function measure(work: Work, field: readonly Contender[]): Promise<Map<string, Cell>> {
  const cells = new Map<string, Cell>();
  for (
    let round = -1;
    round < rounds;
    round++ // round −1 warms up
  )
    for (const count of COUNTS)
      for (let k = 0; k < field.length; k++) {
        const one = field[(k + Math.max(0, round)) % field.length]!;
        const key = `${one.name} ${count}`;
        const cell = cells.get(key) ?? { wall: [], processor: [], single: [] };
        cells.set(key, cell);
        if (cell.wall[0] !== undefined && cell.wall[0] * count > 1e6 * SLOW_S) continue; // one measurement stands
        const { wall, processor } = await window(one, work, count, round < 0 ? [] : cell.single);
        if (round < 0) continue;
        cell.wall.push(wall);
        cell.processor.push(processor);
      }
  return cells;
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
}

for (const work of works()) {
  const field = await contenders(work, values["peer-dir"]);
  const cells = await measure(work, field);
  const cell = (name: string, count: number) => cells.get(`${name} ${count}`)!;
  console.log(`\n## ${work.name}: µs a row by the clock (by the processor)\n`);
  const line = ({ name }: Contender) => {
    const { single } = cell(name, 1);
    const times = COUNTS.map((count) => {
      const { wall, processor } = cell(name, count);
      return `${shown(median(wall))} (${shown(median(processor))})`;
    });
    const p50 = quantile(single, 0.5);
    return [
      name,
      ...times,
      shown(p50),
      shown(quantile(single, 0.99)),
      `${Math.round(100 * uncertainty(spread(cell(name, 1).wall)))} %`,
    ];
  };
  console.log(markdownTable([["", ...COUNTS.map((n) => `${n}`), "p50", "p99", "±"], ...field.map(line)]).join("\n"));
  const ratio = (ours: string, theirs: string, goal: number) => {
    const [a, b] = [ours, theirs].map((start) => field.find(({ name }) => name.startsWith(start))?.name);
    if (a === undefined || b === undefined) return console.log(`- not here: ${ours} beside ${theirs}`);
    // the median of single calls: other programs lengthen few of them
    const [x, y] = [a, b].map((name) => quantile(cell(name, 1).single, 0.5)) as [number, number];
    const verdict = x / y <= goal ? "reached" : "MISSED";
    console.log(`- ${verdict}: one row takes ${a} ${(x / y).toFixed(2)} of the time of ${b} (p50); wanted ≤ ${goal}`);
  };
  console.log("");
  ratio("Classifier, native", "onnxruntime-node", 0.6);
  ratio("Classifier, wasm", "onnxruntime-web", 0.6);
  ratio("exported module", "Classifier, wasm", 1.5);
}

if (values.large) {
  const { model, rows, cols, name } = works()[0]!;
  console.log(`\n## ${name}: ms a call of predictMany, as many threads as it likes beside one\n`);
  const lines = [];
  for (const engine of enginesHere()) {
    const [auto, one] = [classifierOf(model, { engine }), classifierOf(model, { engine, threads: 1 })];
    for (const count of [1024, MOST_ROWS, 16_384, 65_536]) {
      const x = new Float32Array(count * cols).map((_, k) => rows[k % rows.length]!);
      const times: number[][] = [[], []];
      for (let round = 0; round < 3; round++)
        for (const [k, classifier] of [auto, one].entries()) {
          const begun = performance.now();
          await classifier.predictMany(x);
          times[k]!.push(performance.now() - begun);
        }
      lines.push([engine, `${count}`, ...times.map((all) => shown(median(all)))]);
    }
  }
  console.log(markdownTable([["engine", "rows", "auto", "one thread"], ...lines]).join("\n"));
}

if (values.long)
  for (const engine of enginesHere()) {
    const file = join(import.meta.dirname, "long.ts");
    const { burst, memory, p50, p99, most } = JSON.parse(
      execFileSync(process.execPath, [file, engine], { encoding: "utf8" }),
    );
    console.log(
      `\n- ${engine}: 4,000 calls of predict at once took ${burst.seconds.toFixed(2)} s, ${burst.rss} MB and ${burst.space.toFixed(1)} GB of address space`,
    );
    console.log(
      `- ${engine}: 200,000 single answers: p50 ${shown(p50)} µs, p99 ${shown(p99)} µs (${(p99 / p50).toFixed(1)} times), most ${shown(most)} µs; MB after each 40,000: ${memory.join(", ")}`,
    );
  }

const machine = describeMachine(undefined);
console.log(
  `\n${machine.processor}, ${machine.processors} processors, Node ${process.version}, load ${machine.load[0]}`,
);
process.exit(0); // onnxruntime-web keeps a worker
