// Private training out of the library: its steps against a simulation from single examples, what it leaves in states,
// records and models, and what it refuses.
import { expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.ts";
import { chooseEngine } from "../../src/engines/registry.ts";
import { InvalidInput } from "../../src/errors.ts";
import { decodeModel, encodeModel } from "../../src/files/model/model-file.ts";
import { decodeModelJson, encodeModelJson } from "../../src/files/model/model-json.ts";
import { fit } from "../../src/index.ts";
import { packGradients } from "../../src/network/memory.ts";
import { defineNetwork, parameterCount } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import { drawNormals } from "../../src/privacy/keyed-normals.ts";
import { drawKey, drawRows, insecureWords } from "../../src/privacy/private-draws.ts";
import { planTraining } from "../../src/training/plan-training.ts";
import { mostDrawn } from "../../src/training/private-steps.ts";
import { openRun, type RunOptions, train } from "../../src/training/trainer.ts";

const N = 60;
const [D, C] = [6, 3];
/** Bytes, whose scaling no row decides. */
function bytes(rows = N, stream = 0): Dataset {
  const random = new Random(4, 90, stream);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % C);
  const features = Uint8Array.from(
    { length: rows * D },
    (_, at) => 70 * labels[Math.floor(at / D)]! + random.integer(90),
  );
  return { name: "bytes", rows, cols: D, features, labels, classes: ["a", "b", "c"] };
}
const network = defineNetwork([D, 5, C], "tanh");
const P = parameterCount(network);
const promise = { epsilon: 6, delta: 1e-3, clip: 0.5 };
const options: RunOptions = { epochs: 3, batchSize: 8, learningRate: 0.3, optimizer: "sgd", schedule: "constant" };
const seeded: RunOptions = { ...options, private: { ...promise, insecureSeed: 11 } };

test("a run's parameters are those of clipped single gradients, drawn rows and noise once, step by step", async () => {
  const run = await openRun(network, bytes(), { ...seeded, engine: "reference-float64" });
  await run.train();
  const got = run.session.readParameters();
  const { noise: sigma } = run.options.private!;
  const { stepsPerEpoch } = run.progress;
  await run.close();

  const theta = Float64Array.from(initialize(network, "he", 1));
  const { features, labels } = bytes();
  const one = await chooseEngine("reference-float64").open({ network, batchSize: 1, features, divisor: 255, labels });
  const sizes = new Set<number>();
  for (let step = 0; step < 3 * stepsPerEpoch; step++) {
    const drawn = drawRows(insecureWords(11, "privateRows", step), N, 8 / N);
    sizes.add(drawn.length);
    const noise = new Float64Array(P);
    drawNormals(drawKey(insecureWords(11, "privateNoise", step)), noise);
    one.writeParameters(theta);
    const sum = new Float64Array(P);
    for (const row of drawn) {
      const g = Float64Array.from(packGradients((await one.gradients(Uint32Array.of(row))).layers));
      const size = Math.sqrt(g.reduce((total, x) => total + x * x, 0));
      for (let i = 0; i < P; i++) sum[i]! += g[i]! * Math.min(1, promise.clip / size);
    }
    for (let i = 0; i < P; i++) theta[i]! -= (0.3 / 8) * (sum[i]! + sigma! * promise.clip * noise[i]!);
  }
  await one.close();
  expect(sizes.size).toBeGreaterThan(4);
  for (let i = 0; i < P; i++) expect(got[i]).toBeCloseTo(theta[i]!, 12);
});

test("with a seed every engine and team give the same bits, and a run that stops goes on to them", async () => {
  const whole = await train(network, bytes(), { ...seeded, engine: "reference" });
  for (const [engine, threads] of [
    ["wasm", 1],
    ["auto", 2],
  ] as const)
    expect((await train(network, bytes(), { ...seeded, engine, threads })).parametersSha256).toBe(
      whole.parametersSha256,
    );
  const first = await openRun(network, bytes(), seeded);
  await first.train({ steps: 11 });
  const state = first.state();
  await first.close();
  const rest = await openRun(network, bytes(), { ...seeded, from: state });
  await rest.train();
  const result = await rest.result();
  await rest.close();
  expect(result.parametersSha256).toBe(whole.parametersSha256);
  expect(result.epochs.map(({ epsilon }) => epsilon)).toEqual(whole.epochs.map(({ epsilon }) => epsilon));
});

test("without a seed two runs differ, and no figure of a training row is left", async () => {
  const secure: RunOptions = { ...options, private: promise };
  const [one, two] = [await train(network, bytes(), secure), await train(network, bytes(), secure)];
  expect(one.parametersSha256).not.toBe(two.parametersSha256);
  for (const { trainLoss, trainAccuracy, noise } of one.epochs)
    expect([trainLoss, trainAccuracy, noise]).toEqual([null, null, undefined]);
  expect(one.epochs.at(-1)!.epsilon).toBeLessThanOrEqual(promise.epsilon);
  expect(one.model.privacy).toEqual({ epsilon: one.epochs.at(-1)!.epsilon, delta: promise.delta });
  const run = await openRun(network, bytes(), secure);
  const events: unknown[] = [];
  await run.train({ steps: 3 });
  const state = run.state();
  expect(state.tally).toEqual({ lossSum: 0, hits: 0 });
  expect(JSON.stringify([run.options, events])).not.toContain("insecureSeed");
  await run.close();
});

test("a model says ε and δ in both of its files, and that its draws came from a seed, but not the seed", async () => {
  const { model } = await train(network, bytes(), seeded);
  expect(model.privacy).toEqual({ epsilon: expect.any(Number), delta: 1e-3, insecure: true });
  expect((await decodeModel(await encodeModel(model))).model.privacy).toEqual(model.privacy);
  expect(decodeModelJson(encodeModelJson(model)).privacy).toEqual(model.privacy);
  expect(encodeModelJson(model)).not.toMatch(/seed/i);
});

test("the model is the mean of θ over steps where asked: made of private parameters alone, it spends no ε", async () => {
  const steps: number[][] = [];
  const plain = await openRun(network, bytes(), { ...seeded, engine: "reference-float64" });
  while ((await plain.train({ steps: 1 })) === "paused") steps.push([...plain.session.readParameters()]);
  steps.push([...plain.session.readParameters()]);
  await plain.close();
  const mean = new Float64Array(P);
  for (const [s, theta] of steps.entries()) {
    const keep = Math.min(0.8, s / (s + 9));
    for (let i = 0; i < P; i++) mean[i] = keep * mean[i]! + (1 - keep) * theta[i]!;
  }
  for (const [engine, threads] of [
    ["reference-float64", 1],
    ["auto", 2],
  ] as const) {
    const { model, epochs } = await train(network, bytes(), { ...seeded, averageDecay: 0.8, engine, threads });
    for (let i = 0; i < P; i++) expect(model.parameters[i]).toBeCloseTo(mean[i]!, engine === "auto" ? 4 : 6);
    expect(model.privacy!.epsilon).toBe(epochs.at(-1)!.epsilon);
    expect(model.privacy!.epsilon).toBeLessThanOrEqual(promise.epsilon);
  }
});

test("validation rows judge as ever, and ε is that of all steps, also where an earlier epoch is kept", async () => {
  const data = { train: bytes(), validation: bytes(30, 1) };
  const result = await train(network, data, { ...seeded, epochs: 8, patience: 1, validation: 0.2 });
  expect(result.epochs.every(({ validationLoss }) => validationLoss !== null)).toBe(true);
  expect(result.model.privacy!.epsilon).toBe(result.epochs.at(-1)!.epsilon);
});

test("fit takes the promise and gives a classifier that says it", async () => {
  const classifier = await fit(bytes(), { epochs: 2, batchSize: 8, hidden: [5], activation: "tanh", private: promise });
  expect(classifier.model.privacy!.epsilon).toBeLessThanOrEqual(promise.epsilon);
});

test("what would tell of rows beside the promise is refused by name", async () => {
  const refusal = (data: Dataset, more: object, basis = {}) => {
    try {
      planTraining(network, data, { ...options, private: promise, ...more } as never, basis);
      return undefined;
    } catch (error) {
      return error instanceof InvalidInput ? `${error.code} ${error.reason}` : error;
    }
  };
  const numbers = { ...bytes(), features: Float64Array.from(bytes().features, (x) => x / 255) };
  expect(refusal(bytes(), {})).toBeUndefined();
  expect(refusal(numbers, {})).toMatch(/^NOT_PRIVATE a scaling fitted on the training rows/);
  expect(refusal(numbers, {}, { scaling: "none" })).toBeUndefined();
  expect(refusal(bytes(), { private: { ...promise, delta: 0.02 } })).toMatch(/^NOT_PRIVATE δ = 0.02 lets a run/);
  expect(refusal(bytes(), { classWeights: "balanced" })).toMatch(/^NOT_PRIVATE balanced class weights/);
  expect(refusal(bytes(), { private: { ...promise, epsilon: 1e-7, delta: 1e-12 } })).toMatch(/^PRIVACY_OUT_OF_REACH/);
  expect(refusal(bytes(), { private: { ...promise, noise: 0.4 } })).toMatch(/^NOT_PRIVATE noise 0.4 spends ε/);
  expect(refusal(bytes(), { private: { ...promise, clip: -1 } })).toMatch(/^INVALID_ARGUMENT private.clip must be/);
  for (const [name, value] of Object.entries({ clipNorm: 1, dropout: 0.5, frontScale: 6, augment: { rotation: 5 } }))
    expect(refusal({ ...bytes(), image: { height: 1, width: bytes().cols } }, { [name]: value })).toContain(
      `INVALID_ARGUMENT ${name} must be left out of a private run`,
    );
  await expect(openRun(network, bytes(), { ...options, private: promise, noiseScale: true })).rejects.toThrow(
    "the gradient noise tells of single rows",
  );
});

test("room for a batch's rows is enough but for a chance of 10⁻¹⁸, and never more than there are", () => {
  expect(mostDrawn(64, 60_000)).toBeGreaterThan(64 + 9 * 8);
  expect(mostDrawn(2048, 60_000)).toBeLessThan(2500);
  expect(mostDrawn(8, 20)).toBe(20);
});
