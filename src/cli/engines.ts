// `deltaprop engines`: the engines that can run here, why others cannot, and the speed of each, in about two seconds.
import type { Command } from "commander";
import type { Engine, KernelTable } from "../engines/engine.ts";
import { MPI_NAMES, type MpiKind } from "../engines/ranks/launcher.ts";
import { findMpi } from "../engines/ranks/mpi-addon.ts";
import { chooseEngine, ENGINES } from "../engines/registry.ts";
import { processors } from "../engines/worker-host.ts";
import { defineNetwork, stepFlops } from "../network/network.ts";
import { initialize } from "../network/parameters.ts";
import { COEFFICIENTS } from "../network/plan.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { print, printJson } from "./program.ts";
import { plural, table } from "./tables.ts";

const SECONDS = 2; //              for all measurements together
const BATCH = 32;
const NETWORK = defineNetwork([784, 128, 128, 128, 10]);
const FEATURES = 784;

type Line = {
  readonly name: string;
  readonly about: string | null;
  readonly missing: string | null;
  readonly speeds: readonly { readonly threads: number; readonly gigaflops: number }[];
  readonly kernels: readonly Kernels[];
};

/** An MPI for jobs of several ranks: its version, or why there is none. */
type MpiLine = { readonly name: string; readonly about: string | null; readonly missing: string | null };

/** The tables of kernels of one arithmetic, timed alone on one thread. */
type Kernels = { readonly arithmetic: string; readonly tables: readonly Timed[] };

type Timed = KernelTable & { readonly used: boolean };

export function registerEngines(program: Command): void {
  program
    .command("engines")
    .description("what can run here, why not where not, and a two-second speed test")
    .option("--json", "one JSON object instead of text")
    .action(run);
}

async function run(flags: { readonly json?: true }): Promise<void> {
  const threads = processors();
  const counts = threads > 1 ? [1, threads] : [1];
  const auto = chooseEngine("auto").name;
  if (!flags.json) print(`${plural(threads, "processor")}; --engine auto picks ${auto}\n`); // measuring takes a while
  const able = ENGINES.filter((engine) => engine.missing() === undefined);
  const share = (SECONDS * 1000) / (able.length * counts.length);
  const lines: Line[] = [];
  for (const engine of ENGINES) {
    const missing = engine.missing() ?? null;
    const speeds = [];
    if (missing === null)
      for (const count of counts) speeds.push({ threads: count, gigaflops: await measure(engine, count, share) });
    const about = missing === null ? engine.about() : null;
    lines.push({ name: engine.name, about, missing, speeds, kernels: missing === null ? kernelsOf(engine) : [] });
  }
  const ranks = Object.entries(MPI_NAMES).map(([kind, mpi]) => mpiLine(kind as MpiKind, mpi));
  if (flags.json) return printJson({ processors: threads, auto, engines: lines, ranks });
  const figures = ({ speeds }: Line) =>
    counts.map((count) => speeds.find((s) => s.threads === count)?.gigaflops.toFixed(1) ?? "–");
  for (const line of table([
    ["engine", ...counts.map((count) => `${count} thread${count === 1 ? "" : "s"}`)],
    ...lines.map((line) => [line.name, ...figures(line)]),
  ]))
    print(line);
  print(`\nGFLOP/s, training ${NETWORK.layers.join("-")} with batches of ${BATCH}\n`);
  for (const { name, about, missing, kernels } of lines) {
    print(`${name}: ${about ?? `cannot run here: ${missing}`}`);
    for (const { arithmetic, tables } of kernels) print(`  ${arithmetic} sums: ${tables.map(shown).join(", ")}`);
  }
  print(
    "\nranks, for mpirun and srun: they send activations and errors to all; or, where that is less (B·S > P), partial",
  );
  print(
    "sums of gradients from rank to rank, in the order of the rows, so that the bits stay the same; a run says which",
  );
  for (const { name, about, missing } of ranks) print(`${name}: ${about ?? `no ranks here: ${missing}`}`);
}

function mpiLine(kind: MpiKind, name: string): MpiLine {
  const found = findMpi(kind);
  if ("missing" in found) return { name, about: null, missing: found.missing };
  const [version = ""] = found.mpi.library().replace("Version:", "").replace(/\s+/g, " ").split(",");
  return { name, about: version, missing: null };
}

function kernelsOf(engine: Engine): readonly Kernels[] {
  return Object.entries(engine.tables?.() ?? {}).flatMap(([arithmetic, { tables, chosen }]) =>
    tables.length === 0 ? [] : [{ arithmetic, tables: tables.map((one, i) => ({ ...one, used: i === chosen })) }],
  );
}

const shown = ({ name, gigaflops, used }: Timed) => `${name} ${gigaflops}${used ? " (used)" : ""}`;

/** GFLOP/s of training steps over about `ms` milliseconds. */
async function measure(engine: Engine, threads: number, ms: number): Promise<number> {
  const random = new Random(1, PURPOSE.check);
  const features = Uint8Array.from({ length: 8 * BATCH * FEATURES }, () => random.integer(256));
  const labels = Int32Array.from({ length: 8 * BATCH }, (_, i) => i % 10);
  const setup = { network: NETWORK, batchSize: BATCH, features, divisor: 255, labels, threads, capacity: 1 << 16 };
  const session = await engine.open(setup);
  session.writeParameters(initialize(NETWORK, "he", 1));
  const train = async (steps: number) => {
    const order = Uint32Array.from({ length: steps * BATCH }, (_, i) => i % (8 * BATCH));
    const coefficients = Float64Array.from({ length: steps * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS ? 0 : 0.01));
    const start = performance.now();
    await session.train(order, coefficients);
    return (performance.now() - start) / steps;
  };
  const first = await train(8); // also warms the compiler
  const steps = Math.max(8, Math.min(2048, Math.floor(ms / 2 / first)));
  const step = Math.min(await train(steps), await train(steps));
  await session.close();
  return stepFlops(NETWORK, BATCH) / step / 1e6;
}
