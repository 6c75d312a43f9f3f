// A program for mpirun (ranks.test.ts and main.ts start it): rank 0 opens sessions on all ranks, trains, asks
// everything a session answers, and prints one SHA-256 for each case; the others follow. Alone, the same without MPI.
// Arguments: threads of a rank; "apart" where ranks are to exchange as between machines, else "together"; engines, a
// list for the ranks in turn with "+" between; cases.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { Session, Setup } from "../../src/engines/engine.ts";
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import { openSessionsBy } from "../../src/engines/ranks/open-session.ts";
import { RankJob } from "../../src/engines/ranks/rank-job.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { OPTIMIZERS, type Optimizer } from "../../src/gradients/kernels.ts";
import { type Activation, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";
import { mixesOf } from "../../src/training/mixup.ts";

type Case = {
  readonly optimizer: Optimizer;
  readonly activation: Activation;
  readonly B: number;
  readonly bytes?: true;
  readonly hidden?: readonly number[];
  readonly bounds?: Pick<Setup, "clipNorm" | "maxNorm" | "draws" | "average" | "mix">;
};

/**
 * Ragged last batches of 9, 5 and 1 rows, fewer rows than threads, bytes, soft targets by smoothing and weights; and a
 * W of several parts, of which each is on its way before the next is computed.
 */
const CASES: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(OPTIMIZERS.map((optimizer) => [optimizer, { optimizer, activation: "relu" as const, B: 13 }])),
  ragged: { optimizer: "adam", activation: "tanh", B: 28 },
  few: { optimizer: "sgd", activation: "relu", B: 3 },
  wide: { optimizer: "adam", activation: "relu", B: 61, hidden: [290, 480, 300] },
  single: { optimizer: "sgd", activation: "relu", B: 1 },
  bounded: { optimizer: "adam", activation: "relu", B: 13, bounds: { clipNorm: 0.3, maxNorm: 1.2, average: true } },
  drawn: {
    optimizer: "sgd",
    activation: "tanh",
    B: 13,
    bounds: { draws: { seed: 3, dropout: 0.3, inputDropout: 0.2, inputNoise: 0.1 } },
  },
  mixed: { optimizer: "adam", activation: "relu", B: 13, bounds: { mix: true } },
  bytes: { optimizer: "momentum", activation: "leaky-relu", B: 30, bytes: true },
};

const N = 61;
const network = (activation: Activation, hidden: readonly number[] = [29, 17]) =>
  defineNetwork([33, ...hidden, 7], activation);

/** Everything a run leaves, as one hash: losses, predictions, θ, states, evaluations, logits, gradients, arrays. */
async function hashOf(session: Session, { draws: drawn, mix = false }: Partial<Setup>): Promise<string> {
  const hash = createHash("sha256");
  const add = (values: ArrayBufferView) =>
    void hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  session.writeParameters(initialize(session.network, "he", 3));
  const steps = Math.ceil(N / session.batchSize);
  const rates = [0.05, 0.001, 0.9, 0.1, 0.99, 0.01, 1e-8, 1.5, 0.0001, 0.3];
  const coefficients = Float64Array.from({ length: steps * COEFFICIENTS }, (_, i) => rates[i % COEFFICIENTS]!);
  for (let epoch = 0; epoch < 2; epoch++) {
    const order = new Random(1, 2, epoch).shuffle(Uint32Array.from({ length: N }, (_, i) => i));
    const mixes = mix ? mixesOf({ mixup: 1, batchSize: session.batchSize }, 3, epoch, 0, N) : undefined;
    const draws = drawn || mix ? { epoch: epoch + 1, mixes } : undefined;
    const { losses, predictions } = await session.train(order, coefficients, undefined, draws);
    add(losses);
    add(predictions);
    for (const { input, output, delta } of session.arrays(1).layers) for (const one of [input, output, delta]) add(one);
    add(session.readParameters());
    for (const state of session.readStates()) add(state);
  }
  const all = Uint32Array.from({ length: N }, (_, i) => N - 1 - i);
  for (const plain of [false, true])
    for (const one of Object.values(await session.evaluate(all, { plain }))) if (typeof one === "object") add(one);
  add(await session.logits(all.subarray(0, 50)));
  const some = all.subarray(0, Math.min(session.batchSize, 11));
  const mixed = mix ? { epoch: 3, mixes: mixesOf({ mixup: 1, batchSize: 13 }, 3, 3, 0, some.length) } : undefined;
  const { layers, inputDelta, losses } = await session.gradients(some, mixed);
  for (const one of [
    losses,
    inputDelta!,
    ...layers.flatMap(({ input, output, delta, dW, db }) => [input, output, delta, dW, db]),
  ])
    add(one);
  session.setExample(3, session.engine === "reference-float64" ? new Float64Array(33) : new Float32Array(33), 2);
  add((await session.evaluate(Uint32Array.of(3, 4))).losses);
  return hash.digest("hex").slice(0, 16);
}

async function runCases(names: readonly string[], threads: number, engine: string): Promise<void> {
  const random = new Random(5, 99);
  const floats = Float32Array.from({ length: N * 33 }, () => (random.integer(4) === 0 ? 0 : random.normal()));
  const labels = Int32Array.from({ length: N }, () => random.integer(7));
  for (const name of names) {
    const { optimizer, activation, B, bytes, hidden, bounds } = CASES[name]!;
    const session = await chooseEngine(engine).open({
      network: network(activation, hidden),
      batchSize: B,
      features: bytes ? Uint8Array.from(floats, (x) => Math.abs(50 * x)) : floats,
      divisor: bytes ? 255 : 1,
      labels,
      optimizer,
      labelSmoothing: 0.1,
      classWeights: [1, 2, 0.5, 1, 1, 3, 1],
      inputDelta: true,
      ...bounds,
      threads,
    });
    if (bytes)
      session.setExample = (row, _, label) =>
        Object.getPrototypeOf(session).setExample.call(session, row, new Uint8Array(33), label);
    console.log(`${name} ${await hashOf(session, bounds ?? {})}`);
    await session.close();
  }
}

const [threads = "1", how = "together", engines = "auto", ...cases] = process.argv.slice(2);
const names = cases.length > 0 ? cases : Object.keys(CASES);
const launch = findLaunch(process.env);
if (launch === undefined) await runCases(names, Number(threads), engines.split("+")[0]!);
else {
  if ("refused" in launch) throw new Error(launch.refused);
  const host = how === "apart" ? `${hostname()} ${launch.rank}` : hostname();
  const list = engines.split("+");
  const engine = list[launch.rank % list.length]!;
  const hello = { version: "1", asked: "", host, engine, threads: Number(threads) };
  const job = await RankJob.join(launch, hello, console.error);
  openSessionsBy((backend, setup) => job.open(backend, setup));
  if (job.rank > 0) await job.follow();
  else {
    await runCases(names, Number(threads), list[0]!);
    await job.end(0);
  }
}
