// A program for mpirun, or for one process: training steps of 784-H-H-H-10, timed on rank 0. Arguments: H, B, threads
// of a rank, windows, milliseconds of each, and "apart" where exchanges are to overlap with computing as between
// machines, with ",arrays" or ",sums" behind it where they are told what. Prints one line: µs a step of every window,
// and the SHA-256 of θ after 50 steps.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { RankExchange } from "../../src/engines/engine.ts";
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import { openSessionsBy } from "../../src/engines/ranks/open-session.ts";
import { RankJob } from "../../src/engines/ranks/rank-job.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";
import { LEARNING_RATE, networkOf } from "../work.ts";

const [H, B, threads, windows, ms] = process.argv.slice(2).map(Number) as [number, number, number, number, number];
const ROWS = 2048;
const CHECKED = 50; // steps before the hash, which also warm everything up

async function measured(): Promise<{ readonly us: number[]; readonly sha256: string }> {
  const random = new Random(1, 7);
  const network = networkOf({ H, B });
  const session = await chooseEngine("native").open({
    network,
    batchSize: B,
    features: Uint8Array.from({ length: ROWS * network.layers[0]! }, () => Math.max(0, random.integer(512) - 256)),
    divisor: 255,
    labels: Int32Array.from({ length: ROWS }, (_, i) => i % 10),
    capacity: 1 << 16,
    threads,
  });
  session.writeParameters(initialize(network, "he", 1));
  const walk = async (steps: number) => {
    const order = Uint32Array.from({ length: steps * B }, (_, i) => i % ROWS);
    const coefficients = new Float64Array(steps * COEFFICIENTS).map((_, i) => (i % COEFFICIENTS ? 0 : LEARNING_RATE));
    const begun = performance.now();
    await session.train(order, coefficients);
    return (1000 * (performance.now() - begun)) / steps;
  };
  const most = Math.floor((1 << 16) / B);
  await walk(Math.min(CHECKED, most));
  const bytes = new Uint8Array(session.readParameters().buffer.slice(0));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const steps = Math.max(2, Math.min(most, Math.round((1000 * ms) / (await walk(4)))));
  const us: number[] = [];
  for (let window = 0; window < windows; window++) us.push(await walk(steps));
  await session.close();
  return { us, sha256 };
}

const launch = findLaunch(process.env);
if (launch === undefined) console.log(JSON.stringify(await measured()));
else {
  if ("refused" in launch) throw new Error(launch.refused);
  const [where, exchange] = (process.argv[7] ?? "").split(",") as [string, RankExchange["kind"] | undefined];
  const host = where === "apart" ? `${hostname()} ${launch.rank}` : "one";
  const hello = { version: "1", asked: "", host, engine: "native", threads };
  const job = await RankJob.join(launch, hello, console.error);
  openSessionsBy((backend, setup) => job.open(backend, setup, exchange));
  if (job.rank > 0) await job.follow();
  else {
    console.log(JSON.stringify(await measured()));
    await job.end(0);
  }
}
