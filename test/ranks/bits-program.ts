// A program for mpirun (ranks.test.ts and main.ts start it): rank 0 opens sessions on all ranks, trains, asks
// everything a session answers, and prints one SHA-256 for each case; the others follow. Alone, the same without MPI.
// Arguments: threads of a rank; "apart" where ranks are to exchange as between machines, else "together", with
// ",arrays" or ",sums" behind it where they are told what; engines, a list for the ranks in turn with "+" between;
// cases.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { DrawnRows, RankExchange, Session, Setup } from "../../src/engines/engine.ts";
import { findLaunch } from "../../src/engines/ranks/launcher.ts";
import { openSessionsBy } from "../../src/engines/ranks/open-session.ts";
import { RankJob } from "../../src/engines/ranks/rank-job.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { OPTIMIZERS, type Optimizer } from "../../src/gradients/kernels.ts";
import { checkLoss, type Loss, outputsPerTarget } from "../../src/network/losses.ts";
import { type Activation, defineNetwork, type LayerOptions } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import type { WarpForm } from "../../src/network/warp.ts";
import { Random } from "../../src/numerics/random.ts";
import { type Augmentation, UNDISTORTED } from "../../src/training/augmentation.ts";
import { epochWarps, warpForm } from "../../src/training/distortions.ts";
import { mixesOf } from "../../src/training/mixup.ts";

type Case = {
  readonly optimizer: Optimizer;
  readonly activation: Activation;
  readonly B: number;
  readonly bytes?: true;
  readonly hidden?: readonly number[];
  readonly between?: LayerOptions;
  readonly loss?: Loss;
  readonly augmentation?: Partial<Augmentation>;
  readonly setup?: Partial<Setup>;
};

const relu = { optimizer: "adam", activation: "relu", B: 13 } as const;

/** Every loss on several labels or numbers, some with a weight a row. */
const VALUED: readonly Loss[] = [
  { name: "sigmoid-cross-entropy", labelWeights: [1, 2, 0.5] },
  { name: "focal", gamma: 1.5 },
  { name: "squared-error" },
  { name: "absolute-error" },
  { name: "huber", threshold: 0.7 },
  { name: "quantile", levels: [0.1, 0.6] },
  { name: "poisson" },
  { name: "gaussian" },
];

/**
 * Ragged last batches of 9, 5 and 1 rows, fewer rows than threads, bytes, soft targets by smoothing and weights; a W of
 * several parts, of which each is on its way before the next is computed; every loss; and what lies before, between and
 * behind the layers.
 */
const CASES: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(OPTIMIZERS.map((optimizer) => [optimizer, { ...relu, optimizer }])),
  ragged: { optimizer: "adam", activation: "tanh", B: 28 },
  few: { optimizer: "sgd", activation: "relu", B: 3 },
  wide: { optimizer: "adam", activation: "relu", B: 61, hidden: [290, 480, 300] },
  single: { optimizer: "sgd", activation: "relu", B: 1 },
  bounded: { ...relu, setup: { clipNorm: 0.3, maxNorm: 1.2, average: true } },
  unbounded: { ...relu, setup: { clipNorm: Infinity, maxNorm: Infinity } },
  drawn: {
    ...relu,
    activation: "tanh",
    optimizer: "sgd",
    setup: { draws: { seed: 3, dropout: 0.3, inputDropout: 0.2, inputNoise: 0.1 } },
  },
  mixed: { ...relu, setup: { mix: true } },
  bytes: { optimizer: "momentum", activation: "leaky-relu", B: 30, bytes: true },
  ...Object.fromEntries(
    VALUED.map((loss, n) => [loss.name, { ...relu, activation: "gelu", loss, setup: { weightedTargets: n % 2 > 0 } }]),
  ),
  normalized: { ...relu, between: { layerNorm: true }, optimizer: "sgd" },
  joined: {
    ...relu,
    hidden: [17, 17, 17],
    between: { layerNorm: true, residual: true },
    setup: { clipNorm: 0.4, draws: { seed: 5, dropout: 0.2 } },
  },
  scaled: { ...relu, setup: { frontScale: 6, inputDelta: false, draws: { seed: 5, inputNoise: 0.1 } } },
  scaledBounded: { ...relu, setup: { frontScale: 6, inputDelta: false, clipNorm: 0.2, average: true } },
  distorted: { ...relu, augmentation: { rotation: 20, shift: 1, elastic: 1, noise: 0.05, erase: 0.5 } },
  distortedBytes: { ...relu, bytes: true, augmentation: { scale: 0.3, shear: 0.2, erase: 0.5 } },
};

const N = 61;
const PIXELS = { width: 11, height: 3, channels: 1 };

/** Everything a run leaves, as one hash: losses, predictions, θ, states, evaluations, logits, gradients, arrays. */
async function hashOf(session: Session, { setup = {}, augmentation }: Case, targets: number): Promise<string> {
  const hash = createHash("sha256");
  const add = (values: ArrayBufferView) =>
    void hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const weights = initialize(session.network, "he", 3);
  const first = new Float32Array(weights.length + (setup.frontScale === undefined ? 0 : 33)).fill(1);
  first.set(weights);
  session.writeParameters(first);
  const steps = Math.ceil(N / session.batchSize);
  const rates = [0.05, 0.001, 0.9, 0.1, 0.99, 0.01, 1e-8, 1.5, 0.0001, 0.3];
  const coefficients = Float64Array.from({ length: steps * COEFFICIENTS }, (_, i) => rates[i % COEFFICIENTS]!);
  const drawnRows = (order: Uint32Array, epoch: number): DrawnRows | undefined => {
    const { draws, mix } = setup;
    const mixes = mix ? mixesOf({ mixup: 1, batchSize: session.batchSize }, 3, epoch, 0, order.length) : undefined;
    if (!augmentation) return draws || mix ? { epoch, mixes } : undefined;
    const labels = new Int32Array(N);
    const whole = { ...UNDISTORTED, ...augmentation };
    const warps = epochWarps(
      { augmentation: whole, form: formOf(augmentation), labels, classes: ["one"] },
      1,
      epoch,
      order,
    );
    return { epoch, warps };
  };
  for (let epoch = 1; epoch <= 2; epoch++) {
    const order = new Random(1, 2, epoch - 1).shuffle(Uint32Array.from({ length: N }, (_, i) => i));
    const { losses, predictions } = await session.train(order, coefficients, undefined, drawnRows(order, epoch));
    add(losses);
    add(predictions);
    const { layers } = session.arrays(N % session.batchSize || session.batchSize);
    for (const { input, output, delta, norm } of layers)
      for (const one of [input, output, delta, ...(norm ? [norm.normalized, norm.delta] : [])]) add(one);
    add(session.readParameters());
    for (const state of session.readStates()) add(state);
  }
  const all = Uint32Array.from({ length: N }, (_, i) => N - 1 - i);
  for (const plain of [false, true])
    for (const one of Object.values(await session.evaluate(all, { plain }))) if (typeof one === "object") add(one);
  add(await session.logits(all.subarray(0, 50)));
  const some = all.subarray(0, Math.min(session.batchSize, 11));
  const { layers, inputDelta, scaleGradient, losses } = await session.gradients(some, drawnRows(some, 3));
  for (const one of [losses, inputDelta, scaleGradient]) if (one) add(one);
  for (const { input, output, delta, dW, db, norm } of layers)
    for (const one of [input, output, delta, dW, db, ...(norm ? Object.values(norm) : [])]) add(one);
  const row = targets === 0 ? undefined : new Float32Array(targets).fill(1);
  session.setExample(3, setup.features instanceof Uint8Array ? new Uint8Array(33) : new Float32Array(33), 0, row);
  add((await session.evaluate(Uint32Array.of(3, 4))).losses);
  return hash.digest("hex").slice(0, 16);
}

const formOf = (augmentation: Partial<Augmentation>): WarpForm =>
  warpForm({ ...UNDISTORTED, ...augmentation }, PIXELS, { kind: "divide", by: 1 }, N);

/** The setup of a case but its threads, and how many numbers a target row has. */
function setupOf({ optimizer, activation, B, bytes, hidden = [29, 17], between, loss, augmentation, setup }: Case) {
  const random = new Random(5, 99);
  const floats = Float32Array.from({ length: N * 33 }, () => (random.integer(4) === 0 ? 0 : random.normal()));
  const labels = Int32Array.from({ length: N }, () => random.integer(7));
  const wanted = loss && checkLoss(loss);
  const targets = wanted ? 3 : 0;
  const cols = targets + Number(setup?.weightedTargets ?? false);
  const outputs = wanted ? targets * outputsPerTarget(wanted) : 7;
  const classes = { labels, labelSmoothing: 0.1, classWeights: [1, 2, 0.5, 1, 1, 3, 1] };
  const values = { loss, targets: Float32Array.from({ length: N * cols }, () => random.integer(5) / 4) };
  const given: Setup = {
    network: defineNetwork([33, ...hidden, outputs], activation, between),
    batchSize: B,
    features: bytes ? Uint8Array.from(floats, (x) => Math.abs(50 * x)) : floats,
    divisor: bytes ? 255 : 1,
    optimizer,
    inputDelta: true,
    warp: augmentation && formOf(augmentation),
    ...(wanted ? values : classes),
    ...setup,
  };
  return { given, cols };
}

async function runCases(names: readonly string[], threads: number, engine: string): Promise<void> {
  for (const name of names) {
    const { given, cols } = setupOf(CASES[name]!);
    const session = await chooseEngine(engine).open({ ...given, threads });
    console.log(`${name} ${await hashOf(session, { ...CASES[name]!, setup: given }, cols)}`);
    await session.close();
  }
}

const [threads = "1", how = "together", engines = "auto", ...cases] = process.argv.slice(2);
const names = cases.length > 0 ? cases : Object.keys(CASES);
const launch = findLaunch(process.env);
if (launch === undefined) await runCases(names, Number(threads), engines.split("+")[0]!);
else {
  if ("refused" in launch) throw new Error(launch.refused);
  const [where, exchange] = how.split(",") as [string, RankExchange["kind"] | undefined];
  const host = where === "apart" ? `${hostname()} ${launch.rank}` : hostname();
  const list = engines.split("+");
  const engine = list[launch.rank % list.length]!;
  const hello = { version: "1", asked: "", host, engine, threads: Number(threads) };
  const job = await RankJob.join(launch, hello, console.error);
  openSessionsBy((backend, setup) => job.open(backend, setup, exchange));
  if (job.rank > 0) await job.follow();
  else {
    await runCases(names, Number(threads), list[0]!);
    await job.end(0);
  }
}
