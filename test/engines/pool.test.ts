import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import { BACKENDS } from "../../src/engines/backends.ts";
import { Control } from "../../src/engines/control.ts";
import type { Session, Setup } from "../../src/engines/engine.ts";
import { openPool } from "../../src/engines/pool.ts";
import { prepare } from "../../src/engines/prepare.ts";
import { referenceBackend } from "../../src/engines/reference-backend.ts";
import { chooseThreads } from "../../src/engines/registry.ts";
import { TeamThread } from "../../src/engines/thread.ts";
import { forgetWarnings } from "../../src/engines/warning.ts";
import { WorkQueue } from "../../src/engines/work-queue.ts";
import { EnvironmentFailure } from "../../src/errors.ts";
import { OPTIMIZERS, type Optimizer } from "../../src/gradients/kernels.ts";
import { referenceKernels } from "../../src/gradients/reference.ts";
import { packBlock, unpackBlock } from "../../src/network/memory.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { COEFFICIENTS } from "../../src/network/plan.ts";
import { Random } from "../../src/numerics/random.ts";

const network = defineNetwork([33, 29, 17, 7], "relu");
const N = 61;

function setupOf(optimizer: Optimizer = "sgd", batchSize = 13): Setup & { readonly features: Float32Array } {
  const random = new Random(5, 99);
  const features = Float32Array.from({ length: N * 33 }, () => (random.integer(4) === 0 ? 0 : random.normal()));
  const labels = Int32Array.from({ length: N }, () => random.integer(7));
  return {
    network,
    batchSize,
    features,
    labels,
    optimizer,
    labelSmoothing: 0.1,
    classWeights: [1, 2, 0.5, 1, 1, 3, 1],
  };
}

/** Three epochs with a partial last batch; everything a run leaves behind. */
async function run(session: Session) {
  session.writeParameters(initialize(network, "he", 3));
  const steps = Math.ceil(N / session.batchSize);
  const coefficients = Float64Array.from(
    { length: steps * COEFFICIENTS },
    (_, i) => [0.05, 0.001, 0.9, 0.1, 0.99, 0.01, 1e-8, 1.5, 0][i % COEFFICIENTS]!,
  );
  const losses: Float64Array[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const order = new Random(1, 2, epoch).shuffle(Uint32Array.from({ length: N }, (_, i) => i));
    losses.push((await session.train(order, coefficients)).losses);
  }
  const all = Uint32Array.from({ length: N }, (_, i) => N - 1 - i);
  const result = {
    losses,
    parameters: session.readParameters(),
    states: session.readStates(),
    evaluated: await session.evaluate(all),
    logits: await session.logits(all),
    gradients: (await session.gradients(all.subarray(0, 3))).losses,
  };
  await session.close();
  return result;
}

describe.each(BACKENDS.filter((source) => source.missing() === undefined && source.floatBytes === 4))(
  "the $name pool",
  (source) => {
    test.each(OPTIMIZERS)(
      "gives the same bits on any number of threads under %s",
      { timeout: 60_000 },
      async (optimizer) => {
        const alone = await run(await openPool(source, setupOf(optimizer), 1));
        for (const threads of optimizer === "sgd" ? [2, 3, 4, 7, 8] : [3]) {
          const session = await openPool(source, setupOf(optimizer), threads);
          expect(session.threads).toBe(threads);
          expect(await run(session)).toEqual(alone);
        }
      },
    );

    test("evaluates and trains with fewer rows in a batch than threads", async () => {
      const alone = await run(await openPool(source, setupOf("sgd", 3), 1));
      expect(await run(await openPool(source, setupOf("sgd", 3), 8))).toEqual(alone);
    });

    test("evaluates an order of many passes alike whatever the batch size", async () => {
      const order = Uint32Array.from({ length: 1100 }, (_, i) => (7 * i) % N);
      const answers = async (batchSize: number, threads: number) => {
        const session = await openPool(source, { ...setupOf("sgd", batchSize), capacity: order.length }, threads);
        session.writeParameters(initialize(network, "he", 3));
        const given = { walk: await session.evaluate(order), logits: await session.logits(order) };
        await session.close();
        return given;
      };
      const wanted = await answers(1100, 1);
      for (const threads of [1, 3]) expect(await answers(1, threads)).toEqual(wanted);
    });
  },
);

test("a loss that is not finite stops every thread at the same step, before its update", async () => {
  const setup = setupOf();
  const features = Float32Array.from(setup.features);
  features[40 * 33] = Number.POSITIVE_INFINITY; // row 40 is in step 3 of an order 0, 1, 2, …
  const session = await openPool(referenceBackend, { ...setup, features }, 3);
  session.writeParameters(initialize(network, "he", 3));
  const order = Uint32Array.from({ length: N }, (_, i) => i);
  const coefficients = Float64Array.from({ length: 5 * COEFFICIENTS }, (_, i) => (i % COEFFICIENTS === 0 ? 0.1 : 0));
  const walk = await session.train(order, coefficients);
  const stopped = session.readParameters();
  expect(walk.stoppedAt).toBe(3);
  expect(walk.losses.length).toBe(4 * 13);
  expect(stopped.every(Number.isFinite)).toBe(true);
  session.writeParameters(initialize(network, "he", 3));
  await session.train(order.subarray(0, 39), coefficients.subarray(0, 3 * COEFFICIENTS));
  expect(session.readParameters()).toEqual(stopped);
  await session.close();
});

test("the caller can stop a walk, and gets the steps that were walked", async () => {
  const session = await openPool(referenceBackend, { ...setupOf(), capacity: 100_000 }, 2);
  const order = Uint32Array.from({ length: 100_000 }, (_, i) => i % N);
  const walk = await session.train(order, new Float64Array(Math.ceil(100_000 / 13) * COEFFICIENTS), () => false);
  expect(walk.losses.length).toBeLessThan(100_000);
  expect(walk.losses.length % 13).toBe(0);
  expect(walk.losses.every((loss) => loss > 0)).toBe(true);
  await session.close();
});

test.each(["throw", "exit"])(
  "a worker that dies (%s) ends the call with its reason, and every later call",
  async (fault) => {
    process.env.FAULT = fault;
    const url = new URL("./faulty-worker.ts", import.meta.url);
    const session = await openPool(referenceBackend, setupOf(), 3, { workerUrl: url });
    const order = Uint32Array.from({ length: N }, (_, i) => i);
    const training = () => session.train(order, new Float64Array(5 * COEFFICIENTS));
    await expect(training()).rejects.toThrow(EnvironmentFailure);
    await expect(training()).rejects.toThrow(/worker 1/);
    await session.close();
  },
);

test("a thread that is late for an evaluation finds its part done by the others, with the same results", async () => {
  process.env.FAULT = "late";
  const order = Uint32Array.from({ length: N }, (_, i) => N - 1 - i);
  const results = [];
  for (const url of [undefined, new URL("./faulty-worker.ts", import.meta.url)]) {
    const session = await openPool(referenceBackend, { ...setupOf(), capacity: N }, 3, { workerUrl: url });
    session.writeParameters(initialize(network, "he", 3));
    results.push(await session.evaluate(order));
    await session.close();
  }
  expect(results[1]).toEqual(results[0]);
});

test.each([1, 2, 20, 50, 61])("an evaluation of %i rows leaves none out", async (length) => {
  const order = Uint32Array.from({ length }, (_, i) => i);
  const session = await openPool(referenceBackend, { ...setupOf("sgd", 5), capacity: N }, 3);
  session.writeParameters(initialize(network, "he", 3));
  const { losses } = await session.evaluate(order);
  for (const at of order) expect((await session.evaluate(Uint32Array.of(at))).losses[0]).toBe(losses[at]);
  await session.close();
});

test("a thread whose team does nothing does the whole weight pass, with the same bits", () => {
  const setup = setupOf();
  const walked = [1, 3].map((threads) => {
    const { plan, memory } = prepare(referenceBackend, setup, threads, false);
    unpackBlock(plan, memory.floats, plan.parameters, initialize(network, "he", 3));
    memory.floats.set([0.05, 0.001], plan.coefficients.offset);
    memory.integers.set(
      Int32Array.from({ length: 13 }, (_, i) => i),
      plan.examples.order,
    );
    const kernels = referenceKernels(memory);
    const pacing = { spins: 0, pause: () => false };
    const team = Array.from(
      { length: threads },
      (_, thread) => new TeamThread(kernels, plan, memory, { thread, threads }, pacing),
    );
    for (const thread of team) thread.rows(0, 13);
    team.at(-1)!.weights(0, 13, "sgd");
    return packBlock(plan, memory.floats, plan.parameters);
  });
  expect(walked[1]).toEqual(walked[0]);
});

test("slices are run once, their owner's first, also by a thread that comes in the middle", () => {
  const slices = [["a", "b"], [], ["c", "d", "e"]];
  const { plan, memory } = prepare(referenceBackend, setupOf(), 3, false);
  const control = new Control(plan, memory);
  const queues = [0, 1, 2].map((thread) => new WorkQueue(control, { thread, threads: 3 }));
  for (let step = 0; step < 2; step++) {
    const done: string[] = [];
    for (const queue of queues) queue.refill();
    queues[2]!.each(slices, (slice) => {
      done.push(`2${slice}`);
      if (slice === "c") queues[1]!.each(slices, (other) => void done.push(`1${other}`));
    });
    queues[0]!.each(slices, (slice) => void done.push(`0${slice}`));
    expect(done).toEqual(["2c", "1d", "1e", "1a", "1b"]);
  }
});

test("no worker is started before the first job", async () => {
  let started = 0;
  const count = () => started++;
  process.on("worker", count);
  const session = await openPool(referenceBackend, setupOf(), 2);
  await new Promise(setImmediate); // Node tells of a worker a turn later
  expect([session.threads, started]).toEqual([2, 0]);
  await session.evaluate(Uint32Array.of(0));
  expect(started).toBe(2);
  process.off("worker", count);
  await session.close();
});

test.each(BACKENDS.filter((source) => source.missing() === undefined && source.floatBytes === 4))(
  "workers that cannot start leave the work of the $name pool to one thread, with the same bits, and one warning says so",
  async (source) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    forgetWarnings();
    const wanted = await run(await openPool(source, setupOf("adam"), 1));
    for (const url of [new URL("./no-such-worker.ts", import.meta.url), "no address" as unknown as URL]) {
      const session = await openPool(source, setupOf("adam"), 3, { workerUrl: url });
      expect(await run(session)).toEqual(wanted);
      expect(session.threads).toBe(1);
    }
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^deltaprop: workers cannot start.*no-such-worker/)]]);
    warn.mockRestore();
  },
);

test("a team of which one worker cannot start is no team", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  process.env.FAULT = "unborn";
  const url = new URL("./faulty-worker.ts", import.meta.url);
  const session = await openPool(referenceBackend, setupOf(), 3, { workerUrl: url });
  const results = await run(session);
  expect(session.threads).toBe(1);
  expect(results).toEqual(await run(await openPool(referenceBackend, setupOf(), 1)));
  warn.mockRestore();
});

test("a team of which one worker never answers is given up, and one thread does the work with the same bits", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  forgetWarnings();
  process.env.FAULT = "mute";
  const workerUrl = new URL("./faulty-worker.ts", import.meta.url);
  const session = await openPool(referenceBackend, setupOf(), 3, { workerUrl, startMs: 300 });
  const results = await run(session);
  expect(session.threads).toBe(1);
  expect(results).toEqual(await run(await openPool(referenceBackend, setupOf(), 1)));
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/workers cannot start here.*not ready after 0\.3 s/)]]);
  warn.mockRestore();
});

test("a session that is closed while its workers start ends its call", async () => {
  const session = await openPool(referenceBackend, setupOf(), 2);
  const call = session.evaluate(Uint32Array.of(0));
  await Promise.resolve();
  await session.close();
  await expect(call).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});

test.each([1, 2, 3, 4, 8])("10,000 barrier rounds on %i threads lose nobody", async (threads) => {
  const buffer = new SharedArrayBuffer(4 * (64 + threads * 16));
  const rounds = 10_000;
  const spins = threads <= 2 ? 2000 : 1;
  const missed = await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(new URL("./barrier-worker.ts", import.meta.url), {
        workerData: { buffer, thread, threads, rounds, spins },
      });
      return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    }),
  );
  expect(missed).toEqual(Array(threads).fill(0));
});

test("small work starts no worker, and a wish for threads is honoured", () => {
  expect(chooseThreads(setupOf())).toBe(1);
  expect(chooseThreads({ ...setupOf(), threads: 3 })).toBe(3);
});

test("a session that nobody closes does not hold the process open", () => {
  const script = `
    import { chooseEngine, defineNetwork } from ${JSON.stringify(new URL("../../src/sessions.ts", import.meta.url).href)};
    const network = defineNetwork([3, 4, 2]);
    const session = await chooseEngine("wasm").open({ network, batchSize: 1, features: new Float32Array(6), threads: 2 });
    const { losses } = await session.evaluate(Uint32Array.of(0, 1));
    console.log(session.threads, losses.length);`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([status, stdout]).toEqual([0, "2 2\n"]);
});
