// `npm run bench:serve`: `deltaprop serve` beside bare node:http that parses the same body; JSON beside binary;
// times at half load; reload and stop under load; a million rows in random batches. Servers are processes of their
// own.
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { answerRiders } from "../../test/serve/interleave.ts";
import { describeMachine } from "../machine.ts";
import { describeRun, markdownTable } from "../report.ts";
import { median, spread } from "../statistics.ts";
import { inside } from "./inside.ts";
import { atPort, load, requestBytes } from "./load.ts";
import { benchModel, benchRows, COLUMNS } from "./model.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" }, //      of a window
    hidden: { type: "string", default: "32" }, // between 784 and 10; few, as overhead counts
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "16" },
    minutes: { type: "string", default: "10" }, //     of load without a pause, with its memory; 0: none
    rows: { type: "string", default: "1000000" }, //   in random batches
  },
});
const [seconds, rounds, connections, minutes, rows] = [
  values.seconds,
  values.rounds,
  values.connections,
  values.minutes,
  values.rows,
].map(Number) as [number, number, number, number, number];

type Server = { readonly child: ChildProcess; readonly port: number };
async function start(kind: "serve" | "bare" | "predict"): Promise<Server> {
  const child = fork(join(import.meta.dirname, "child.ts"), [kind, values.hidden]);
  const { port } = await told<{ port: number }>(child);
  return { child, port };
}
const told = <T>(child: ChildProcess) =>
  new Promise<T>((done) => child.once("message", (message) => done(message as T)));

/** Bytes of memory, and microseconds of the processors so far. */
function usage({ child }: Server): Promise<{ rss: number; cpu: number }> {
  child.send("usage");
  return told(child);
}

const PATH = "/v2/models/bench/infer";
const input = (n: number, datatype: string) => ({ name: "features", shape: [n, COLUMNS], datatype });
const json = (n: number) =>
  requestBytes(PATH, JSON.stringify({ inputs: [{ ...input(n, "FP64"), data: benchRows(n) }] }));
const binary = (n: number) => {
  const bytes = Buffer.from(benchRows(n));
  const described = { ...input(n, "UINT8"), parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [described], parameters: { binary_data_output: true } }));
  return requestBytes(PATH, Buffer.concat([head, bytes]), [`Inference-Header-Content-Length: ${head.length}`]);
};

console.log(`${describeRun({ machine: describeMachine(undefined) }).join("\n")}\n`);
const row = json(1);
const alone = await inside(benchModel(values.hidden), (port) => atPort(row, port), { connections, rounds: 4000 });
console.log(
  `without sockets: ${alone.serve.toFixed(1)} µs a request, node:http that parses it ${alone.bare.toFixed(1)} µs\n`,
);
const servers = { serve: await start("serve"), bare: await start("bare"), predict: await start("predict") };
const { serve } = servers;
const contenders = [
  ["serve, JSON, 1 row", serve, json(1), 1],
  ["node:http that parses it, 1 row", servers.bare, json(1), 1],
  ["node:http that parses and predicts, 1 row", servers.predict, json(1), 1],
  ["serve, binary, 1 row", serve, binary(1), 1],
  ["serve, JSON, 64 rows", serve, json(64), 64],
  ["serve, binary, 64 rows", serve, binary(64), 64],
] as const;
const rates = new Map<string, number[]>(contenders.map(([name]) => [name, []]));
let lost = 0;
const costs = new Map<string, number[]>(contenders.map(([name]) => [name, []]));
for (let round = 0; round <= rounds; round++)
  for (const [name, server, request] of contenders) {
    const { cpu } = await usage(server);
    const found = await load(server.port, request, { connections, seconds });
    lost += found.lost;
    if (round === 0) continue; // it warms up
    rates.get(name)!.push(found.answered / found.seconds);
    costs.get(name)!.push(((await usage(server)).cpu - cpu) / found.answered);
  }
const cost = (name: string) => median(costs.get(name)!);
const rate = (name: (typeof contenders)[number][0]) => median(rates.get(name)!);
console.log(
  markdownTable([
    ["", "requests/s", "quartiles", "rows/s", "µs of processor a request"],
    ...contenders.map(([name, , , n]) => {
      const { median: middle, low, high } = spread(rates.get(name)!);
      return [
        name,
        middle.toFixed(0),
        `${low.toFixed(0)} … ${high.toFixed(0)}`,
        (n * middle).toFixed(0),
        cost(name).toFixed(0),
      ];
    }),
  ]).join("\n"),
);
const ratio = (a: Parameters<typeof rate>[0], b: Parameters<typeof rate>[0]) => (rate(a) / rate(b)).toFixed(2);
console.log(
  `\nserve / node:http that parses it: ${ratio("serve, JSON, 1 row", "node:http that parses it, 1 row")} (goal ≥ 0.9)`,
);
console.log(
  `serve / node:http that also predicts: ${ratio("serve, JSON, 1 row", "node:http that parses and predicts, 1 row")}`,
);
console.log(`binary / JSON at 64 rows: ${ratio("serve, binary, 64 rows", "serve, JSON, 64 rows")} (goal ≥ 2)`);

const half = await load(serve.port, json(1), {
  connections,
  seconds: 2 * seconds,
  rate: rate("serve, JSON, 1 row") / 2,
});
const sorted = half.times.toSorted((a, b) => a - b);
const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))]!;
console.log(
  `half load: p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms, ${(at(0.99) / at(0.5)).toFixed(1)} times (goal ≤ 3)`,
);
lost += half.lost;

const reloading = load(serve.port, json(1), { connections, seconds });
for (let k = 0; k < 20; k++) {
  serve.child.send("reload");
  await new Promise((later) => setTimeout(later, (1000 * seconds) / 25));
}
const reloaded = await reloading;
console.log(`20 reloads under load: ${reloaded.answered} answered, ${reloaded.lost} lost (goal 0)`);

if (minutes > 0) {
  const memory = async () => {
    return (await usage(serve)).rss / 2 ** 20;
  };
  const sizes = [await memory()];
  let answered = 0;
  for (let k = 0; k < 10; k++) {
    const part = await load(serve.port, json(1), { connections, seconds: 6 * minutes });
    answered += part.answered;
    lost += part.lost;
    sizes.push(await memory());
  }
  console.log(
    `${minutes} minutes: ${answered} answered; MiB of memory: ${sizes.map((mib) => mib.toFixed(0)).join(" ")}`,
  );
}
console.log(`lost in all the above: ${lost} (goal 0)`);

const stopping = load(serve.port, json(1), { connections, seconds: 30 });
await new Promise((later) => setTimeout(later, 500 * seconds));
serve.child.send("stop");
const stopped = await stopping;
console.log(
  `stop under load: ${stopped.answered} answered, ${stopped.lost} lost (goal 0), ${stopped.closed} connections closed`,
);
for (const { child } of Object.values(servers)) child.kill();

const begun = performance.now();
let riders = { rows: 0, batches: 0, differ: 0 };
for (let seed = 1; riders.rows < rows; seed++) {
  const part = await answerRiders(benchModel(values.hidden), { seed, rows: Math.min(rows - riders.rows, 20_000) });
  riders = {
    rows: riders.rows + part.rows,
    batches: riders.batches + part.batches,
    differ: riders.differ + part.differ,
  };
}
console.log(
  `random batches: ${riders.rows} rows in ${riders.batches} batches, ${riders.differ} numbers differ (goal 0), ${((performance.now() - begun) / 1000).toFixed(0)} s`,
);
