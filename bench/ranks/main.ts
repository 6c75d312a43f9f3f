// `npm run bench:mpi`: a training step of two ranks beside two threads; its exchanges beside the same in C and with
// mpi4py; and PyTorch's DistributedDataParallel on two processes; measured in turns.
import { execFileSync, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { jobWords, LAUNCHERS, type Launcher, startProgram } from "../../test/ranks/launch.ts";
import { describeMachine } from "../machine.ts";
import { spread } from "../statistics.ts";
import { workFolder } from "../work.ts";
import { partsText, stepParts } from "./parts.ts";

type Options = { configs: string[]; chains: string[]; rounds: number; window: number; python: string[] };

const list = (text: string) => text.split(",");
const options = new Command("bench:mpi")
  .description("Measure training steps of 784-H-H-H-10 on two ranks, and what they exchange: µs a step, medians.")
  .option("--configs <HxB,…>", "e.g. 256x64", list, ["128x32", "256x64", "512x128"])
  .option("--chains <HxB,…>", "also arrays to all beside sums from rank to rank, of shapes with B·S > P", list, [
    "32x2048",
  ])
  .option("--rounds <n>", "jobs of each contender", Number, 3)
  .option("--window <ms>", "length of a window; a job has five", Number, 150)
  .option("--python <paths>", "for mpi4py and PyTorch; the first that has the package is taken", list, ["python3"])
  .parse()
  .opts<Options>();

const WINDOWS = 5;
const here = (file: string) => join(import.meta.dirname, file);
const peer = (file: string) => join(import.meta.dirname, "../peers", file);
const having = (module: string) =>
  options.python.find((path) => spawnSync(path, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0);

type Contender = { readonly name: string; readonly words: readonly string[] };

/** Two ranks of a program that is not Node's. */
const twoOf = ({ kind, mpirun }: Launcher, words: readonly string[]) => [
  mpirun,
  ...(kind === "openmpi" ? ["--oversubscribe", "--bind-to", "none"] : []),
  ...["-n", "2", ...words],
];

const times = () => [`${WINDOWS}`, `${options.window}`];
const stepWords = (H: number, B: number, threads: number, how: string[] = []) => [
  here("step.ts"),
  ...[`${H}`, `${B}`, `${threads}`],
  ...times(),
  ...how,
];

/** One process. */
const alone = (H: number, B: number): Contender[] =>
  [1, 2].map((threads) => ({
    name: `step, ${threads} ${threads > 1 ? "threads" : "thread"}`,
    words: [process.execPath, ...stepWords(H, B, threads)],
  }));

/** Two ranks that exchange arrays, or sums; after each pass, and as between machines. */
const chained = (H: number, B: number): Contender[] => [
  ...alone(H, B),
  ...LAUNCHERS.flatMap((launcher) =>
    ["together,arrays", "together,sums", "apart,arrays"].map((how) => ({
      name: `step, 2 ranks, ${launcher.kind}, ${how.replace("together,", "").replace("apart,arrays", "arrays, overlapped")}`,
      words: jobWords(launcher, [[2, stepWords(H, B, 1, [how])]]),
    })),
  ),
];

function contenders(H: number, B: number, folder: string): Contender[] {
  const size = [`${H}`, `${B}`];
  const step = (threads: number, apart: string[] = []) => stepWords(H, B, threads, apart);
  const parts = join(folder, `parts-${H}-${B}`);
  writeFileSync(parts, partsText(stepParts(H, B, 2)));
  const [mpi4py, torch] = [having("mpi4py"), having("torch")];
  const ofRanks = LAUNCHERS.flatMap((launcher): Contender[] => {
    const program = join(folder, `exchange-${launcher.kind}`);
    const [mpicc = "mpicc"] = [`mpicc.${launcher.kind}`].filter((name) => spawnSync(name, ["--version"]).status === 0);
    execFileSync(mpicc, ["-O2", peer("exchange.c"), "-o", program], { stdio: "pipe" });
    const python = mpi4py && launcher.kind === "openmpi" ? mpi4py : undefined; // Debian's is built for Open MPI
    return [
      { name: `step, 2 ranks, ${launcher.kind}`, words: jobWords(launcher, [[2, step(1)]]) },
      { name: `step, 2 ranks, ${launcher.kind}, overlapped`, words: jobWords(launcher, [[2, step(1, ["apart"])]]) },
      {
        name: `exchanges, addon, ${launcher.kind}`,
        words: jobWords(launcher, [[2, [here("exchange.ts"), ...size, ...times()]]]),
      },
      { name: `exchanges, C, ${launcher.kind}`, words: twoOf(launcher, [program, parts, ...times()]) },
      ...(python
        ? [{ name: "exchanges, mpi4py", words: twoOf(launcher, [python, peer("exchange.py"), parts, ...times()]) }]
        : []),
    ];
  });
  const ddp = torch
    ? [
        {
          name: "step, PyTorch DDP over Gloo, 2 processes",
          words: [torch, "-W", "ignore", peer("ddp.py"), ...size, ...times()],
        },
      ]
    : [];
  return [...alone(H, B), ...ofRanks, ...ddp];
}

const folder = workFolder();
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
if (LAUNCHERS.length === 0) throw new Error("there is no MPI here with its addon: npm run build:mpi");
for (const module of ["mpi4py", "torch"])
  if (!having(module)) console.log(`- not here, ${module}: a Python that has it, by --python`);
const { processor, processors, load } = describeMachine(undefined);
console.log(`${processor}, ${processors} processors, load ${load[0]} as it began`);
for (const config of options.configs) await measured(config, (H, B) => contenders(H, B, folder));
for (const config of options.chains) await measured(config, chained);

async function measured(config: string, fieldOf: (H: number, B: number) => Contender[]): Promise<void> {
  const [H, B] = config.split("x").map(Number) as [number, number];
  const field = fieldOf(H, B);
  const us = new Map<string, number[]>(field.map(({ name }) => [name, []]));
  const shares = new Map<string, string>();
  for (let round = 0; round < options.rounds; round++)
    for (const { name, words } of field) {
      const { out, err, code, ms } = await startProgram(words).ended;
      process.stderr.write(`${config}, round ${round + 1}: ${name}, ${(ms / 1000).toFixed(1)} s\n`);
      const line = out.split("\n").find((one) => one.startsWith("{"));
      if (line === undefined) {
        console.log(`- left out, ${name}: it ended with ${code}: ${err.trim().split("\n").at(-1)}`);
        continue;
      }
      const said = JSON.parse(line) as { us: number[]; rows?: number; weights?: number };
      us.get(name)!.push(...said.us);
      if (said.rows !== undefined)
        shares.set(name, ` (rows ${said.rows.toFixed(0)}, weights ${said.weights!.toFixed(0)})`);
    }
  console.log(
    `\n784-${H}-${H}-${H}-10, B = ${B}: µs, medians of ${options.rounds} × ${WINDOWS} windows, and the least\n`,
  );
  for (const [name, values] of us) {
    if (values.length === 0) continue;
    const { median, best } = spread(values);
    console.log(`| ${name}${shares.get(name) ?? ""} | ${median.toFixed(0)} | ${best.toFixed(0)} |`);
  }
}
