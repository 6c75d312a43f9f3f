// `npm run bench:serve`: `deltaprop serve` beside bare node:http that parses the same body; JSON beside binary;
// times at half load; reload and stop under load; a million rows in random batches. Servers are processes of their
// own.
import { parseArgs } from "node:util";
import { answerRiders } from "../../test/serve/interleave.ts";
import { describeMachine } from "../machine.ts";
import { describeRun, markdownTable } from "../report.ts";
import { median, spread } from "../statistics.ts";
import { atHalfLoad } from "./half_load.ts";
import { inside } from "./inside.ts";
import { atPort, load, requestBytes } from "./load.ts";
import { benchModel, benchRows, COLUMNS } from "./model.ts";
import { startServer, usage } from "./servers.ts";

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
const ROOMY = "--min-semi-space-size=16"; // MiB of new objects before each collection, from the start
const servers = {
  serve: await startServer("serve", values.hidden),
  roomy: await startServer("serve", values.hidden, ROOMY),
  bare: await startServer("bare", values.hidden),
  predict: await startServer("predict", values.hidden),
};
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
const [ours, theirs] = [cost("serve, JSON, 1 row"), cost("node:http that parses it, 1 row")];
console.log(`the same in time of a processor: ${(theirs / ours).toFixed(2)}, which no generator limits`);
console.log(
  `serve / node:http that also predicts: ${ratio("serve, JSON, 1 row", "node:http that parses and predicts, 1 row")}`,
);
console.log(`binary / JSON at 64 rows: ${ratio("serve, binary, 64 rows", "serve, JSON, 64 rows")} (goal ≥ 2)`);

const half = rate("serve, JSON, 1 row") / 2;
console.log(`\n${half.toFixed(0)} requests a second, half of what serve can:\n`);
const halves = await atHalfLoad(
  [
    ["serve", serve],
    [`node ${ROOMY}, serve`, servers.roomy],
    ["node:http that parses it", servers.bare],
  ],
  row,
  { connections, rate: half, seconds: seconds / 2, windows: 4 * rounds },
);
lost += halves.lost;
for (const table of [halves.table, halves.own]) console.log(`${markdownTable(table).join("\n")}\n`);

const reloading = load(serve.port, json(1), { connections, seconds });
for (let k = 0; k < 20; k++) {
  serve.child.send("reload");
  await new Promise((later) => setTimeout(later, (1000 * seconds) / 25));
}
const reloaded = await reloading;
console.log(`20 reloads under load: ${reloaded.answered} answered, ${reloaded.lost} lost (goal 0)`);

if (minutes > 0)
  for (const [name, server] of [["serve", serve] as const, [`node ${ROOMY}, serve`, servers.roomy] as const]) {
    const sizes = [(await usage(server)).rss];
    let [answered, collections] = [0, 0];
    for (let k = 0; k < 10; k++) {
      const part = await load(server.port, json(1), { connections, seconds: 6 * minutes });
      const used = await usage(server);
      answered += part.answered;
      lost += part.lost;
      collections += used.collections.length;
      sizes.push(used.rss);
    }
    const mebibytes = sizes.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(" ");
    const each = ((1000 * collections) / answered).toFixed(1);
    console.log(`${name}, ${minutes} minutes: ${answered} answered, ${each} collections in 1,000; MiB: ${mebibytes}`);
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
