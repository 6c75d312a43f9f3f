// Options of a step that are absent where they are off: what a run with them takes to its state, and comes back from.
import { expect, test } from "vitest";
import { fromArrays } from "../../src/data/from-arrays.ts";
import type { EngineName } from "../../src/engines/engine.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Random } from "../../src/numerics/random.ts";
import { resolveOptions } from "../../src/training/defaults.ts";
import { evaluate } from "../../src/training/evaluate.ts";
import type { TrainingOptions } from "../../src/training/options.ts";
import { openRun } from "../../src/training/trainer.ts";
import { sumsOf, sumsWithStops } from "./stopping.ts";

const random = new Random(4, 97);
const X = Array.from({ length: 44 }, () => Array.from({ length: 6 }, () => random.normal()));
const data = fromArrays(
  X,
  X.map(([a, b, c]) => (a! * b! > 0 ? "same" : c! > 0 ? "up" : "down")),
);
const network = defineNetwork([6, 9, 9, 3], ["gelu", "relu"]);
const base: Partial<TrainingOptions> = { epochs: 3, batchSize: 10, seed: 5, validation: 0.2, patience: 3 };

const CASES: Readonly<Record<string, Partial<TrainingOptions>>> = {
  "the gradient clipped": { clipNorm: 0.2 },
  "the L1 penalty": { l1: 0.05, optimizer: "sgd", learningRate: 0.1 },
  "max-norm": { maxNorm: 0.9 },
  dropout: { dropout: 0.4 },
  "dropout of inputs": { inputDropout: 0.3 },
  "input noise": { inputNoise: 0.3 },
  mixup: { mixup: 0.4 },
  "the mean of the parameters": { averageDecay: 0.9 },
  "a scale of the inputs": { frontScale: 6 },
  "all of them": {
    frontScale: 2,
    averageDecay: 0.5,
    dropout: 0.2,
    inputDropout: 0.1,
    inputNoise: 0.1,
    mixup: 1,
    clipNorm: 0.2,
    l1: 0.05,
    maxNorm: 0.9,
    optimizer: "momentum",
    learningRate: 0.05,
  },
};

async function whole(options: Partial<TrainingOptions>, engine: EngineName = "reference", threads = 1) {
  await using run = await openRun(network, data, { ...base, ...options, engine, threads });
  await run.train();
  return { sums: await sumsOf(run), used: run.options };
}

test.each(Object.entries(CASES))(
  "%s: stopped after every step and gone on with elsewhere, the same bits",
  async (_, options) => {
    const { sums } = await whole(options);
    const { optimizer, learningRate } = resolved(options);
    expect(sums).not.toEqual((await whole({ optimizer, learningRate })).sums);
    expect(await sumsWithStops(network, (on) => openRun(network, data, { ...base, ...options, ...on }))).toEqual(sums);
  },
);

test.each(Object.entries(CASES))("%s: its options are in the result, others are not", async (_, options) => {
  const { used } = await whole(options);
  expect(used).toMatchObject(options);
  expect(Object.keys(used).length).toBe(
    Object.keys((await whole({})).used).length + Object.keys(options).filter((name) => !(name in resolved({}))).length,
  );
});

function resolved(options: Partial<TrainingOptions>): TrainingOptions {
  return resolveOptions({ ...base, ...options }, { rows: 44, classes: 3, bytes: false });
}

test.each([
  ["clipNorm", 0],
  ["l1", -1],
  ["maxNorm", Number.NaN],
  ["dropout", 1],
  ["inputDropout", 1],
  ["frontScale", 0],
  ["averageDecay", 1],
  ["inputNoise", -1],
  ["mixup", 0],
] as const)("%s of %d is refused by name", async (name, value) => {
  await expect(openRun(network, data, { ...base, [name]: value })).rejects.toThrow(name);
  await expect(openRun(network, data, { ...base, [name]: "much" as never })).rejects.toThrow(name);
});

test("the mean is what the model, the validation figures and the test are of", async () => {
  const options = { ...base, averageDecay: 0.9, engine: "reference", threads: 1 } as const;
  await using run = await openRun(network, { train: data, test: data }, options);
  await run.train();
  const { model, epochs, test: figures } = await run.result();
  const mean = run.session.readStates().at(-1)!;
  expect(run.session.readParameters()).not.toEqual(mean); // the run itself goes on from θ
  if (epochs.at(-1)!.best) expect(model.parameters).toEqual(mean);
  expect(figures!.loss).toBeCloseTo((await evaluate(model, data)).loss, 12);
});
