// `npm run bench`: our engines, this machine's limits and, with --peers, other libraries, measured in turns on the same
// work.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { type ColdStart, coldStarts, coldStartTable } from "./cold-start.ts";
import type { Column } from "./columns.ts";
import { ENTRY_NAMES, type Field, limitField, type NodeVersion, ourField, peerField } from "./contenders.ts";
import { judge, judgeStarts } from "./goals.ts";
import { installedLines, measureInstalled } from "./installed.ts";
import { describeMachine, lastCore } from "./machine.ts";
import { describeRun, type Report, toJson, toMarkdown } from "./report.ts";
import { compareLosses, type Failure, measure, type Result } from "./rounds.ts";
import { CONFIGURATIONS, type Configuration, MNIST, nameOf, workFolder, writeOrders, writeWork } from "./work.ts";

// Every Node that is started finds its modules compiled, as Python does. Installed, ours are JavaScript anyway.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../node_modules/.cache/node");

type Options = {
  engines?: string[];
  threads: number[];
  configs: Configuration[];
  rounds?: number;
  repeats: number;
  window: number;
  dense?: true;
  smoke?: true;
  mnist?: true;
  epochs: number;
  dataDir?: string;
  peers?: true;
  peerDir?: string;
  python: string[];
  nodes?: NodeVersion[];
  json?: string | true;
  markdown?: string;
};

const list = (text: string) => text.split(",");
const stop = (reason: string): never => {
  process.stderr.write(`error BENCH: ${reason}\n`);
  process.exit(2);
};
const whole = (text: string): number =>
  /^[1-9]\d{0,6}$/.test(text) ? Number(text) : stop(`expected an integer ≥ 1, got ${JSON.stringify(text)}`);
const count = (text: string): number => (text === "0" ? 0 : whole(text));
const configuration = (text: string): Configuration => {
  const [, H, B] = /^(\d+)x(\d+)$/.exec(text) ?? stop(`expected HxB, e.g. 128x32, got ${JSON.stringify(text)}`);
  return { H: whole(H!), B: whole(B!) };
};
const nodeVersion = (text: string): NodeVersion => {
  const [, label, path] = /^(\d+)=(.+)$/.exec(text) ?? stop(`expected 22=/path/to/node, got ${JSON.stringify(text)}`);
  return { label: label!, path: path! };
};

const options = new Command("bench")
  .description(
    "Measure training of 784-H-H-H-10: µs a step, examples/s, GFLOP/s, and the share of this machine's limit.",
  )
  .option("--engines <names>", "of ours, e.g. wasm,native; by default all that run here", list)
  .option("--threads <counts>", "e.g. 1,2", (text) => list(text).map(whole), [1, 2])
  .option("--configs <HxB,…>", "e.g. 128x32,256x64", (text) => list(text).map(configuration), [...CONFIGURATIONS])
  .option("--rounds <n>", "windows a contender gets in each configuration (7; cold starts 3)", whole)
  .option("--repeats <n>", "times to measure a column again whose limits stood low", count, 2)
  .option("--window <ms>", "length of a window", whole, 300)
  .option("--dense", "grey values without a 0, so that no engine can leave a term out")
  .option("--smoke", "one small configuration, seconds: does everything run, and do losses fall alike?")
  .option("--mnist", "time to accuracy from a cold start; needs --data-dir")
  .option("--epochs <n>", "at most, with --mnist", whole, 15)
  .option("--data-dir <folder>", "the four .gz files of MNIST")
  .option("--peers", "measure other libraries too, where they are installed")
  .option("--peer-dir <folder>", "holds node_modules with JavaScript peers, itself or in folders in it")
  .option("--python <paths>", "for PyTorch and NumPy; the first that has the package is taken", list, ["python3"])
  .option("--nodes <major=path,…>", "further versions of Node", (text) => list(text).map(nodeVersion))
  .option("--json [file]", "all results as JSON, to a file or the output")
  .option("--markdown <file>", "the tables")
  .parse()
  .opts<Options>();

const tell = (line: string) => process.stderr.write(`${line}\n`);
const core = lastCore();
const nodes: NodeVersion[] = [{ label: "", path: process.execPath }, ...(options.nodes ?? [])];
const configurations = options.smoke ? [{ H: 32, B: 16 }] : options.configs;
const inputs = options.mnist ? [MNIST] : configurations;
if (options.mnist && !existsSync(join(options.dataDir ?? "", "train-images-idx3-ubyte.gz")))
  stop("--mnist needs --data-dir, a folder with train-images-idx3-ubyte.gz and the three other files of MNIST.");
const tooLarge = configurations.find(({ B }) => B > 1024);
if (tooLarge) stop(`batches of more than 1024 are not prepared here, got ${nameOf(tooLarge)}`);

const unknown = options.engines?.find((name) => !ENTRY_NAMES.includes(name));
if (unknown) stop(`--engines takes ${ENTRY_NAMES.join(", ")}, got ${JSON.stringify(unknown)}`);

function field(folder: string): Field {
  const data = options.mnist ? [resolve(options.dataDir!)] : [];
  const { threads, peers, peerDir, python } = options;
  const fields = [
    ...(options.mnist ? [] : [limitField(threads)]),
    ourField(options.engines, threads, nodes, folder, data),
    ...(peers
      ? [peerField(threads, { folder, packages: peerDir && resolve(peerDir), pythons: python, nodes, data })]
      : []),
  ];
  return { launches: fields.flatMap((f) => f.launches), missing: fields.flatMap((f) => f.missing) };
}

async function steps(folder: string, zeros: number): Promise<number> {
  const machine = describeMachine(core);
  const { launches, missing } = field(folder);
  const rounds = options.rounds ?? (options.smoke ? 2 : 7);
  const windowMs = options.smoke ? 20 : options.window;
  const results: Result[] = [];
  const columns: Column[] = [];
  const failures: Failure[] = [];
  const repeats = options.smoke ? 0 : options.repeats;
  for (const threads of options.threads) {
    const part = launches.filter((launch) => launch.threads === threads);
    const measured = await measure(
      part,
      { configurations, rounds, windowMs, repeats },
      threads === 1 ? core : undefined,
      tell,
    );
    results.push(...measured.results);
    columns.push(...measured.columns);
    failures.push(...measured.failures);
  }
  const lossComplaints = compareLosses(results);
  const report: Report = {
    machine,
    configurations,
    rounds,
    windowMs,
    zeros,
    results,
    columns,
    failures,
    missing,
    lossComplaints,
  };
  const markdown = toMarkdown(report, options.smoke ? [] : judge(results, configurations, columns, options.dense));
  publish(markdown, toJson(report));
  const ourFailures = failures.filter(({ launch }) => launch.kind.startsWith("ours"));
  return lossComplaints.length + ourFailures.length > 0 ? 1 : 0;
}

async function accuracy(folder: string): Promise<number> {
  const machine = describeMachine(core);
  writeOrders(folder, options.epochs);
  const { launches, missing } = field(folder);
  const rounds = options.rounds ?? 3;
  const { starts, failures } = await coldStarts(launches, rounds, options.epochs, core, tell);
  const installed = await measureInstalled(options.threads, rounds, folder, resolve(options.dataDir!));
  const goals = judgeStarts(starts, installed);
  const lines = [
    "MNIST, 784-256-256-256-10, B = 64, η = 0.1, the same start and order of examples for all; from process start, data loading included.",
    ...describeRun({ machine }),
    `Medians of ${rounds} runs, interleaved; accuracy is looked at after every epoch.`,
    "",
    ...coldStartTable(starts),
    "",
    ...(installed ? installedLines(installed) : ["- not here, the package as installed: npm run build"]),
    "",
    ...(goals.length > 0 ? ["What it must reach:", "", ...goals.map((goal) => `- ${goal}`), ""] : []),
    ...failures.map(({ launch, reason }) => `- left out, ${launch.name} on ${launch.threads} thread(s): ${reason}`),
    ...missing.map((line) => `- not here, ${line}`),
  ];
  const plain = ({ launch: { name, threads, kind }, ...rest }: ColdStart) => ({ name, threads, kind, ...rest });
  publish(
    `${lines.join("\n")}\n`,
    `${JSON.stringify({ machine, rounds, starts: starts.map(plain), installed, goals, missing }, null, 1)}\n`,
  );
  return 0;
}

/** The tables to the output, unless JSON takes it; files where they were asked for. */
function publish(markdown: string, json: string) {
  process.stdout.write(options.json === true ? json : markdown);
  if (typeof options.json === "string") writeFileSync(options.json, json);
  if (options.markdown) writeFileSync(options.markdown, markdown);
}

const folder = workFolder();
const clean = () => rmSync(folder, { recursive: true, force: true });
process.on("exit", clean);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
const zeros = writeWork(folder, inputs, options.dense ?? false);
process.exitCode = await (options.mnist ? accuracy(folder) : steps(folder, zeros));
