// predict of a plain model: its memory stays warm from call to call, whatever comes at once, and never goes stale.
import { expect, test } from "vitest";
import { ScaledRows } from "../../src/data/scaling.ts";
import { chooseEngine, ENGINES } from "../../src/engines/registry.ts";
import { ACTIVATIONS, defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { type Prediction, predict, softmaxRows } from "../../src/training/evaluate.ts";
import type { Model } from "../../src/training/model.ts";

const model = (seed = 1, activation: Model["network"]["activation"] = "relu"): Model => {
  const network = defineNetwork([9, 14, 11, 4], activation);
  const scaling = { kind: "divide", by: 255 } as const;
  return { network, parameters: initialize(network, "he", seed), scaling, classes: ["a", "b", "c", "d"] };
};
const rows = (count: number) => Float64Array.from({ length: 9 * count }, (_, k) => ((k * 7919) % 200) + 0.5);

/** WebAssembly memories that `work` takes. */
async function memories(work: () => Promise<unknown>): Promise<number> {
  const { Memory } = WebAssembly;
  let taken = 0;
  WebAssembly.Memory = class extends Memory {
    constructor(limits: WebAssembly.MemoryDescriptor) {
      super(limits);
      taken++;
    }
  };
  try {
    await work();
  } finally {
    WebAssembly.Memory = Memory;
  }
  return taken;
}

test.each(["wasm", "auto"])("4,000 calls at once on %s take one memory, and the next ones none", async (engine) => {
  const plain = model();
  const one = rows(1);
  const burst = () => Promise.all(Array.from({ length: 4000 }, () => predict(plain, one, { engine })));
  let answers: Awaited<ReturnType<typeof burst>> = [];
  expect(await memories(async () => (answers = await burst()))).toBe(1);
  expect(await memories(burst)).toBe(0);
  expect(new Set(answers.map(({ probabilities }) => probabilities.join())).size).toBe(1);
  expect(await memories(() => predict(plain, rows(70), { engine }))).toBe(1);
  expect(await memories(burst)).toBe(0);
});

test("calls at once that ask for threads open one team after another", async () => {
  let [running, most] = [0, 0];
  const count = (worker: { once(event: "exit", ended: () => void): void }) => {
    most = Math.max(most, ++running);
    worker.once("exit", () => running--);
  };
  process.on("worker", count as never);
  const plain = model();
  const [alone, ...teams] = await Promise.all([
    predict(plain, rows(90)),
    ...Array.from({ length: 4 }, () => predict(plain, rows(90), { threads: 2 })),
  ]);
  process.off("worker", count as never);
  expect(most).toBe(2);
  for (const answers of teams) expect(answers).toEqual(alone);
});

/** The answers of a session that is opened for this call, on this thread: workers take a tenth of a second to start. */
async function ofSession({ network, parameters, scaling }: Model, count: number, engine: string): Promise<Prediction> {
  const features = new ScaledRows({ features: rows(count), rows: count, cols: 9 }, scaling);
  const setup = { network, batchSize: count, features, divisor: features.divisor, threads: 1 };
  await using session = await chooseEngine(engine).open(setup);
  session.writeParameters(parameters);
  return softmaxRows(await session.logits(Uint32Array.from({ length: count }, (_, i) => i)), 4);
}

const engines = ENGINES.filter((engine) => engine.missing() === undefined).map(({ name }) => name);
test.each(engines)(
  "parameters that are written to are taken anew, with the bits of a session, on %s",
  async (engine) => {
    for (const activation of ACTIVATIONS) {
      const plain = model(2, activation);
      for (const at of [0, 1, 207, plain.parameters.length - 1]) {
        const before = await predict(plain, rows(3), { engine });
        plain.parameters[at]! += 0.25;
        const after = await predict(plain, rows(3), { engine });
        if (at === plain.parameters.length - 1) expect(after.probabilities).not.toEqual(before.probabilities); // a bias
        expect(after).toEqual(await ofSession(plain, 3, engine));
      }
      const other = { ...plain, network: defineNetwork([9, 14, 11, 4], activation === "relu" ? "tanh" : "relu") };
      expect(await predict(other, rows(3), { engine })).not.toEqual(await predict(plain, rows(3), { engine }));
      if (activation === "relu")
        expect(await predict(plain, rows(3), { engine, threads: 2 })).toEqual(await ofSession(plain, 3, engine));
    }
  },
);

test("no more than eight models stay warm", async () => {
  const models = Array.from({ length: 9 }, (_, seed) => model(seed));
  for (const one of models) await predict(one, rows(1), { engine: "wasm" });
  expect(await memories(() => predict(models[8]!, rows(1), { engine: "wasm" }))).toBe(0);
  expect(await memories(() => predict(models[0]!, rows(1), { engine: "wasm" }))).toBe(1);
});

test("parameters that begin in the middle of eight bytes are compared to the last one", async () => {
  const { parameters, ...rest } = model(3);
  const plain = { ...rest, parameters: new Float32Array(new ArrayBuffer(4 + parameters.byteLength), 4) };
  plain.parameters.set(parameters);
  const before = await predict(plain, rows(1));
  plain.parameters[parameters.length - 1]! += 1;
  expect(await predict(plain, rows(1))).not.toEqual(before);
});
