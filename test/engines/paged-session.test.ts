// A session that reads its rows by pieces does what one that holds them all does, bit for bit.
import { describe, expect, onTestFinished, test } from "vitest";
import type { FeatureRows, Features, Session, Setup } from "../../src/engines/engine.ts";
import { BESIDE, windowOf } from "../../src/engines/paged-session.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";
import { mixesOf } from "../../src/training/mixup.ts";

const network = defineNetwork([9, 8, 4]);
const N = 101;
const B = 6;
const random = new Random(3, 21);
const floats = Float32Array.from({ length: N * 9 }, () => random.normal());
const bytes = Uint8Array.from({ length: N * 9 }, () => random.integer(256));
const labels = Int32Array.from({ length: N }, () => random.integer(4));
const targets = Float64Array.from({ length: N * 4 }, (_, i) => (labels[i >> 2] === i % 4 ? 0.7 : 0.1));
const order = random.shuffle(Uint32Array.from({ length: 93 }, (_, i) => i));
/** Of another size in every step, so that a window with the steps of another is seen. */
const rates = (rows: number, rate = 0.1) =>
  Float64Array.from({ length: Math.ceil(rows / B) * COEFFICIENTS }, (_, i) =>
    i % COEFFICIENTS === 0 ? rate / (1 + i / COEFFICIENTS) : 0,
  );

/** The rows of an array, each read when it is asked for; `read` counts. */
function rowsOf(features: Features): FeatureRows & { read: number } {
  return {
    rows: N,
    form: features instanceof Uint8Array ? "bytes" : "floats",
    read: 0,
    *gathering(rows) {
      const out = features.slice(0, rows.length * 9);
      for (const [i, row] of rows.entries()) {
        out.set(features.subarray(row * 9, row * 9 + 9), i * 9);
        yield;
      }
      this.read += rows.length;
      return out;
    },
  };
}

const SETUPS: readonly (readonly [string, Setup])[] = [
  ["floats and labels", { network, batchSize: B, features: floats, labels, labelSmoothing: 0.1 }],
  [
    "bytes, weighted classes",
    { network, batchSize: B, features: bytes, divisor: 255, labels, classWeights: [1, 2, 3, 0] },
  ],
  ["soft targets", { network, batchSize: B, features: floats, labels, targets }],
  ["numbers", { network, batchSize: B, features: floats, loss: "huber", targets }],
  [
    "two levels of two targets, weighted rows",
    {
      ...{ network, batchSize: B, features: floats, loss: { name: "quantile", levels: [0.1, 0.9] } },
      ...{ targets: targets.subarray(0, N * 3), weightedTargets: true },
    },
  ],
];

async function open(setup: Setup): Promise<Session> {
  const session = await chooseEngine("wasm").open(setup);
  onTestFinished(() => session.close());
  session.writeParameters(initialize(network, "he", 5));
  return session;
}

describe.each([1, 2])("on %i threads", (threads) => {
  /** Of 13 rows beside what each row and its targets take, so windows of 12: two whole batches. */
  const inPieces = (setup: Setup) => {
    const features = rowsOf(setup.features as Features);
    const beside = BESIDE * N + (setup.targets?.byteLength ?? 0);
    return { ...setup, threads, features, room: beside + 13 * 4 * 9 * (features.form === "bytes" ? 1 : 4) };
  };

  test.each(SETUPS)("%s: training, evaluation and logits", async (_, setup) => {
    const paged = inPieces(setup);
    expect(windowOf(paged)).toBe(12);
    const [whole, pieces] = [await open({ ...setup, threads }), await open(paged)];
    for (const call of [
      (s: Session) => s.train(order, rates(order.length)),
      (s: Session) => s.evaluate(order, { plain: true }),
      (s: Session) => s.train(order.subarray(7, 40), rates(33)),
      (s: Session) => s.evaluate(Uint32Array.from({ length: N }, (_, i) => N - 1 - i)),
      (s: Session) => s.logits(order),
      (s: Session) => s.gradients(order.subarray(50, 55)),
    ])
      expect(await call(pieces)).toEqual(await call(whole));
    expect(pieces.readParameters()).toEqual(whole.readParameters());
    expect(pieces.readLosses(2, 4)).toEqual(whole.readLosses(2, 4));
    expect(paged.features.read).toBe(93 + 93 + 33 + N + 93 + 5);
  });

  test("what is drawn is drawn for the example, not for its place in a window", async () => {
    const setup = {
      network,
      batchSize: B,
      features: floats,
      labels,
      draws: { seed: 1, dropout: 0.5, inputDropout: 0.2, inputNoise: 0.1 },
    };
    const [whole, pieces] = [await open({ ...setup, threads }), await open(inPieces(setup))];
    for (const session of [whole, pieces]) await session.train(order, rates(order.length), undefined, { epoch: 2 });
    expect(pieces.readParameters()).toEqual(whole.readParameters());
    const some = order.subarray(50, 55);
    expect(await pieces.gradients(some, { epoch: 3 })).toEqual(await whole.gradients(some, { epoch: 3 }));
  });

  test("a row's partner is one of its step, whatever the window", async () => {
    const setup = { network, batchSize: B, features: bytes, divisor: 255, labels, mix: true };
    const mixes = mixesOf({ mixup: 1, batchSize: B }, 4, 2, 0, order.length);
    const [whole, pieces] = [await open({ ...setup, threads }), await open(inPieces(setup))];
    const coefficients = rates(order.length);
    for (const session of [whole, pieces]) await session.train(order, coefficients, undefined, { epoch: 2, mixes });
    expect(pieces.readParameters()).toEqual(whole.readParameters());
    const some = order.subarray(50, 55);
    const own = { epoch: 3, mixes: mixesOf({ mixup: 1, batchSize: B }, 4, 3, 0, 5) };
    expect(await pieces.gradients(some, own)).toEqual(await whole.gradients(some, own));
  });

  test("a loss that is not finite stops at its step, in whatever window", async () => {
    const setup = { network, batchSize: B, features: floats.slice(), labels };
    setup.features[order[4 * B + 1]! * 9] = 3e38;
    setup.features[order[4 * B + 1]! * 9 + 1] = -3e38;
    const [whole, pieces] = [await open({ ...setup, threads }), await open(inPieces(setup))];
    const expected = await whole.train(order, rates(order.length));
    expect(expected.stoppedAt).toBe(4);
    expect(await pieces.train(order, rates(order.length))).toEqual(expected);
    expect(pieces.readParameters()).toEqual(whole.readParameters());
  });

  test("progress counts the steps of all windows, and false ends the call", async () => {
    const pieces = await open(inPieces({ network, batchSize: B, features: floats, labels }));
    const seen: number[] = [];
    const { losses, stoppedAt } = await pieces.train(order, rates(order.length), (steps) => {
      seen.push(steps);
      return steps < 6;
    });
    expect([seen.toSorted((a, b) => a - b).join(), stoppedAt]).toEqual([seen.join(), -1]);
    expect(seen.at(-1)).toBe(losses.length / B);
    expect(losses.length / B).toBe(6);
  });
});

test("features that cannot be read end the call with their error, and the session stays", async () => {
  const features = rowsOf(floats);
  let broken = false;
  const failing: FeatureRows = {
    ...features,
    *gathering(rows) {
      if (broken && rows.includes(order[30]!)) throw new Error("the disk is gone");
      return yield* features.gathering(rows);
    },
  };
  const pieces = await open({ network, batchSize: B, features: failing, labels, room: 1000 });
  const expected = await pieces.evaluate(order);
  broken = true;
  await expect(pieces.evaluate(order)).rejects.toThrow("the disk is gone");
  broken = false;
  expect(await pieces.evaluate(order)).toEqual(expected);
});
