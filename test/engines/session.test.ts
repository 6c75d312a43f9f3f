// What holds for every session, on one thread and on two: calls that overlap, calls at the wrong time, one example in
// place.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session, Setup } from "../../src/engines/engine.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { EnvironmentFailure, InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";

const network = defineNetwork([9, 8, 4]);
const N = 50;
const random = new Random(3, 21);
const setup: Setup = {
  network,
  batchSize: 6,
  features: Float32Array.from({ length: N * 9 }, () => random.normal()),
  labels: Int32Array.from({ length: N }, () => random.integer(4)),
  labelSmoothing: 0.2,
  classWeights: [1, 3, 0.5, 1],
};
const rows = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => (from + i) % N);
const rates = (steps: number, rate = 0.1) =>
  Float64Array.from({ length: steps * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS === 0 ? rate : 0));

describe.each([1, 2])("on %i threads", (threads) => {
  let session: Session;
  let other: Session; // asked one call after another

  beforeEach(async () => {
    const open = async () => {
      const opened = await chooseEngine("wasm").open({ ...setup, threads });
      opened.writeParameters(initialize(network, "he", 5));
      return opened;
    };
    [session, other] = [await open(), await open()];
  });
  afterEach(async () => {
    await Promise.all([session.close(), other.close()]);
  });

  test("calls that overlap are answered as if each had waited for the one before", async () => {
    const calls = [
      (s: Session) => s.evaluate(rows(0, 30)),
      (s: Session) => s.train(rows(7, 20), rates(4)),
      (s: Session) => s.evaluate(rows(20, 50)),
      (s: Session) => s.gradients(rows(3, 5)),
      (s: Session) => s.logits(rows(40, 10)),
      (s: Session) => s.evaluate(rows(0, 30), { plain: true }),
      (s: Session) => s.evaluate(rows(0, 30)),
    ];
    const together = await Promise.all(calls.map((call) => call(session)));
    for (const [i, call] of calls.entries()) expect(together[i]).toEqual(await call(other));
    expect(session.readParameters()).toEqual(other.readParameters());
  });

  test("an order and coefficients may be reused while their call waits its turn", async () => {
    const order = rows(0, 12);
    const steps = rates(2);
    const first = session.evaluate(rows(5, 40));
    const waiting = session.train(order, steps);
    order.fill(49);
    steps.fill(9);
    await Promise.all([first, waiting]);
    await other.train(rows(0, 12), rates(2));
    expect(session.readParameters()).toEqual(other.readParameters());
  });

  test("a call that is refused leaves those around it alone", async () => {
    const before = session.evaluate(rows(0, 10));
    const refused = session.train(rows(0, 12), rates(1));
    const after = session.evaluate(rows(10, 10));
    await expect(refused).rejects.toThrow(InvalidInput);
    expect([await before, await after]).toEqual([
      await other.evaluate(rows(0, 10)),
      await other.evaluate(rows(10, 10)),
    ]);
  });

  test("what cannot wait is refused while a call is under way, and possible after it", async () => {
    const call = session.train(rows(0, 12), rates(2));
    for (const now of [
      () => session.readParameters(),
      () => session.writeParameters(initialize(network, "he", 6)),
      () => session.readStates(),
      () => session.arrays(),
      () => session.setExample(0, new Float32Array(9), 0),
    ])
      expect(now).toThrow(expect.objectContaining({ code: "SESSION_BUSY" }));
    await call;
    expect(session.arrays(6).layers[1]!.delta.length).toBe(6 * 4);
  });

  test("closing ends the calls under way and those that wait, and every later one", async () => {
    const settled = Promise.allSettled([session.evaluate(rows(0, 50)), session.evaluate(rows(0, 20))]);
    await session.close();
    const last = (await settled).at(-1)!;
    expect(last.status).toBe("rejected");
    expect((last as PromiseRejectedResult).reason).toMatchObject({ code: "SESSION_CLOSED" });
    await expect(session.evaluate(rows(0, 1))).rejects.toThrow(EnvironmentFailure);
  });

  test("plain evaluation is that of a session without smoothing and class weights", async () => {
    const plain = await chooseEngine("wasm").open({ ...setup, labelSmoothing: 0, classWeights: undefined, threads });
    plain.writeParameters(initialize(network, "he", 5));
    expect(await session.evaluate(rows(0, 50), { plain: true })).toEqual(await plain.evaluate(rows(0, 50)));
    expect(await session.evaluate(rows(0, 50))).not.toEqual(await plain.evaluate(rows(0, 50)));
    await plain.close();
  });

  test("an example put in place is the one that is computed", async () => {
    const features = setup.features as Float32Array;
    session.setExample(4, features.subarray(9 * 30, 9 * 31), setup.labels![30]!);
    expect(await session.evaluate(rows(4, 1))).toEqual(await other.evaluate(rows(30, 1)));
    for (const [row, values, label] of [
      [N, new Float32Array(9), 0],
      [0, new Float32Array(8), 0],
      [0, new Uint8Array(9), 0],
      [0, new Float32Array(9), 4],
      [0, new Float32Array(9), Number.NaN],
    ] as const)
      expect(() => session.setExample(row, values, label)).toThrow(InvalidInput);
  });

  test("an example put in place of a session with targets brings its own, or those of its label", async () => {
    const features = setup.features as Float32Array;
    const x = features.subarray(9 * 30, 9 * 31);
    const targets = new Float32Array(N * 4).fill(0.25);
    const { labelSmoothing: _, ...rest } = setup;
    const soft = await chooseEngine("wasm").open({ ...rest, targets, threads });
    soft.writeParameters(initialize(network, "he", 5));
    const lossOf = async () => (await soft.evaluate(rows(4, 1))).losses[0]!;
    soft.setExample(4, x, setup.labels![30]!);
    const byLabel = await lossOf();
    soft.setExample(
      4,
      x,
      setup.labels![30]!,
      Float32Array.from({ length: 4 }, (_, c) => +(c === setup.labels![30])),
    );
    expect(await lossOf()).toBe(byLabel);
    soft.setExample(4, x, setup.labels![30]!, new Float32Array(4));
    expect(await lossOf()).toBe(0);
    expect(() => soft.setExample(4, x, 0, new Float32Array(3))).toThrow(InvalidInput);
    expect(() => session.setExample(4, x, 0, new Float32Array(4))).toThrow(/targets must be left out/);
    await soft.close();
  });

  test("losses can be read of the steps that progress reports, and are those of the result", async () => {
    const order = Uint32Array.from({ length: N }, (_, i) => i);
    const seen: Float64Array[] = [];
    const { losses } = await session.train(order, rates(9), (steps) => {
      seen.push(session.readLosses(0, Math.min(N, steps * 6)));
      return true;
    });
    expect(seen.length).toBeGreaterThan(0);
    for (const read of seen) expect(read).toEqual(losses.subarray(0, read.length));
  });
});

test("a long training and a long evaluation on one thread give the event loop its turn", async () => {
  const wide = defineNetwork([9, 512, 512, 4]);
  const session = await chooseEngine("reference").open({ ...setup, network: wide, capacity: 4000, threads: 1 });
  session.writeParameters(initialize(wide, "he", 1));
  const order = Uint32Array.from({ length: 4000 }, (_, i) => i % N);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await session.evaluate(order);
  const evaluating = turns;
  await session.train(order.subarray(0, 600), rates(100));
  clearInterval(timer);
  expect(evaluating).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(evaluating);
  await session.close();
});
