// Mixup: what a row is mixed with, and what a session makes of it.
import { expect, test } from "vitest";
import type { Setup } from "../../src/engines/engine.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";
import { mixesOf } from "../../src/training/mixup.ts";
import { openRun } from "../../src/training/trainer.ts";

const COUNT = 20_000;

/** P(λ ≤ x) of Beta(α, α), in closed form. */
const LAWS: readonly (readonly [alpha: number, below: (x: number) => number])[] = [
  [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  [1, (x) => x],
  [2, (x) => x * x * (3 - 2 * x)],
  [3, (x) => x ** 3 * (10 - 15 * x + 6 * x * x)],
];

test.each(LAWS)("with α = %d the larger share is that of Beta(α, α), by Kolmogorov and Smirnov", (mixup, below) => {
  const { shares } = mixesOf({ mixup, batchSize: 100 }, 7, 1, 0, COUNT);
  const sorted = shares.toSorted();
  let distance = 0;
  for (const [i, share] of sorted.entries()) {
    const law = below(share) - below(1 - share); // of max(λ, 1 − λ)
    distance = Math.max(distance, Math.abs(law - i / COUNT), Math.abs(law - (i + 1) / COUNT));
  }
  expect(distance).toBeLessThan(1.95 / Math.sqrt(COUNT)); // passed by one law in a thousand
});

test.each([1e-300, 1e-3, 0.2, 40, 1e6])(
  "shares lie in [½, 1] and have the variance of the law with α = %d",
  (mixup) => {
    const { shares } = mixesOf({ mixup, batchSize: 100 }, 7, 1, 0, COUNT);
    expect(shares.every((share) => share >= 0.5 && share <= 1)).toBe(true);
    const squares = shares.reduce((sum, share) => sum + (share - 0.5) ** 2 / COUNT, 0);
    expect(squares * 4 * (2 * mixup + 1)).toBeCloseTo(1, 1); // (λ − ½)² has the mean 1/(4(2α + 1))
  },
);

test("partners are of the same step, each as often as another; no epoch, seed or position repeats one", () => {
  const [batchSize, rows] = [10, 9_994];
  const { partners, shares } = mixesOf({ mixup: 0.2, batchSize }, 2 ** 40 + 1, 3, 0, rows);
  const hits = new Uint32Array(batchSize * batchSize);
  for (const [at, partner] of partners.entries()) {
    expect(Math.floor(partner / batchSize)).toBe(Math.floor(at / batchSize));
    expect(partner).toBeLessThan(rows);
    hits[(at % batchSize) * batchSize + (partner % batchSize)]!++;
  }
  const mean = rows / hits.length;
  for (const hit of hits) expect(Math.abs(hit - mean)).toBeLessThan(5 * Math.sqrt(mean));
  for (const [seed, epoch] of [
    [2 ** 40 + 1, 4],
    [1, 3],
  ] as const) {
    const other = mixesOf({ mixup: 0.2, batchSize }, seed, epoch, 0, rows);
    expect(other.shares.filter((share, i) => share === shares[i] && share < 1).length).toBeLessThan(3);
  }
});

test("a later part of an epoch is mixed as it is in the whole", () => {
  const whole = mixesOf({ mixup: 0.3, batchSize: 8 }, 5, 2, 0, 60);
  const part = mixesOf({ mixup: 0.3, batchSize: 8 }, 5, 2, 24, 60);
  expect(part.shares).toEqual(whole.shares.slice(24));
  expect(part.partners.map((partner) => partner + 24)).toEqual(whole.partners.slice(24));
});

const [N, B, D, C] = [23, 7, 5, 3];
const random = new Random(11, 98);
const bytes = Uint8Array.from({ length: N * D }, () => random.integer(256));
const labels = Int32Array.from({ length: N }, () => random.integer(C));
const order = random.shuffle(Uint32Array.from({ length: N }, (_, i) => i));
const network = defineNetwork([D, 9, C], "tanh");
const mixes = mixesOf({ mixup: 1, batchSize: B }, 3, 4, 0, N);
const HERE = ENGINES.filter(({ name, missing }) => name !== "reference-float64" && missing() === undefined);
const steps = (rows: number) =>
  Float64Array.from({ length: Math.ceil(rows / B) * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS === 0 ? 0.3 : 0));

/** The rows of the order mixed before any session has them. */
function mixedBefore() {
  const features = new Float32Array(N * D);
  const targets = new Float32Array(N * C);
  for (const [at, row] of order.entries()) {
    const [other, share] = [order[mixes.partners[at]!]!, mixes.shares[at]!];
    const x = (r: number, j: number) => Math.fround(bytes[r * D + j]! / 255);
    for (let j = 0; j < D; j++) features[row * D + j] = share * x(row, j) + (1 - share) * x(other, j);
    for (let c = 0; c < C; c++)
      targets[row * C + c] = share * Number(labels[row] === c) + (1 - share) * Number(labels[other] === c);
  }
  return { features, targets };
}

test.each(HERE)("on $name a step learns what it learns of rows that were mixed before", async ({ name }) => {
  const setup: Setup = { network, batchSize: B, features: bytes, divisor: 255, labels, optimizer: "adam" };
  for (const threads of [1, 3]) {
    await using mixing = await chooseEngine(name).open({ ...setup, mix: true, threads });
    await using given = await chooseEngine("reference").open({
      ...{ network, batchSize: B, labels, optimizer: "adam" },
      ...mixedBefore(),
    });
    for (const session of [mixing, given]) session.writeParameters(initialize(network, "he", 2));
    const expected = await given.train(order, steps(N));
    expect(await mixing.train(order, steps(N), undefined, { epoch: 1, mixes })).toEqual(expected);
    expect(mixing.readParameters()).toEqual(given.readParameters());
    const { losses } = await mixing.evaluate(order); // of the rows as they are
    await using plain = await chooseEngine("reference").open(setup);
    plain.writeParameters(given.readParameters());
    expect(losses).toEqual((await plain.evaluate(order)).losses);
  }
});

test("an image and its partner are both distorted, each as in the epoch", async () => {
  const data = {
    name: "images",
    ...{ rows: N, cols: 16, features: Uint8Array.from({ length: N * 16 }, () => random.integer(256)), labels },
    ...{ classes: ["a", "b", "c"], image: { width: 4, height: 4 } },
  };
  const images = defineNetwork([16, 8, C]);
  const options = { epochs: 2, batchSize: B, augment: { shift: 1, elastic: 0.5, noise: 0.1 }, seed: 9 } as const;
  const inputs = async (mixup?: number) => {
    await using run = await openRun(images, data as never, { ...options, mixup, engine: "reference", threads: 1 });
    const rows = run.nextRows();
    await run.train({ steps: 1 });
    return { rows, x: run.session.arrays(B).layers[0]!.input };
  };
  const [plain, mixed] = [await inputs(), await inputs(1)];
  expect(mixed.rows).toEqual(plain.rows);
  const { partners, shares } = mixesOf({ mixup: 1, batchSize: B }, 9, 1, 0, B);
  expect(mixed.x).toEqual(
    plain.x.map((value, i) => {
      const [r, j] = [Math.floor(i / 16), i % 16];
      return Math.fround(shares[r]! * value + (1 - shares[r]!) * plain.x[partners[r]! * 16 + j]!);
    }),
  );
});

test.each([
  ["partners beyond the step", { ...mixes, partners: mixes.partners.with(2, B) }, "mixes.partners[2]"],
  ["partners beyond the order", { ...mixes, partners: mixes.partners.with(N - 1, N) }, `mixes.partners[${N - 1}]`],
  ["too few partners", { ...mixes, partners: mixes.partners.slice(1) }, "mixes.partners"],
  ["too few shares", { ...mixes, shares: mixes.shares.slice(1) }, "mixes.shares"],
  ["a share above 1", { ...mixes, shares: mixes.shares.with(4, 1.5) }, "mixes.shares[4]"],
  ["a share that is no number", { ...mixes, shares: mixes.shares.with(4, Number.NaN) }, "mixes.shares[4]"],
  ["no mixes", undefined, "mixes"],
] as const)("%s: refused by name", async (_, wrong, name) => {
  const setup = { network, batchSize: B, features: bytes, divisor: 255, labels };
  await using session = await chooseEngine("reference").open({ ...setup, mix: true });
  await expect(session.train(order, steps(N), undefined, { epoch: 1, mixes: wrong })).rejects.toThrow(name);
  await expect(session.train(order, steps(N))).rejects.toThrow("draws");
  await using plain = await chooseEngine("reference").open({ ...setup, draws: { seed: 1, dropout: 0.1 } });
  await expect(plain.train(order, steps(N), undefined, { epoch: 1, mixes })).rejects.toThrow("mixes");
});

test("private training and L-BFGS refuse mixup", async () => {
  const data = { name: "rows", rows: N, cols: D, features: bytes, labels, classes: ["a", "b", "c"] } as never;
  await expect(openRun(network, data, { mixup: 0.2, private: { epsilon: 3, delta: 1e-5 } })).rejects.toThrow("mixup");
  await expect(openRun(network, data, { mixup: 0.2, optimizer: "lbfgs" })).rejects.toThrow("mixup");
});
