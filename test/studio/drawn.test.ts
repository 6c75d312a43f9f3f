// The lab's predictions for a drawing, and taught steps, on a small run over the embedded digits.
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { DrawnExample } from "../../src/studio/lab/drawn-example.ts";
import { inputGradients, predict } from "../../src/training/evaluate.ts";
import type { Run } from "../../src/training/run.ts";
import { openRun } from "../../src/training/trainer.ts";

const RATE = 0.2;
const network = defineNetwork([784, 24, 10]);
const data = await drawDigits({ seed: 2, train: 600, test: 20 });
const pixels = (data.test!.features as Uint8Array).slice(0, 784);
const label = data.test!.labels[0]!;
let run: Run;
let drawn: DrawnExample;

beforeEach(async () => {
  run = await openRun(network, data.train, {
    epochs: 3,
    batchSize: 20,
    learningRate: RATE,
    seed: 4,
    optimizer: "momentum",
  });
  await run.train({ steps: 12 });
  drawn = new DrawnExample(run.session, { features: pixels, divisor: 255 }, RATE);
});
afterEach(async () => {
  await drawn.close();
  await run.close();
});

const modelNow = () => ({
  network,
  parameters: run.session.readParameters() as Float32Array,
  classes: data.train.classes,
  scaling: { kind: "divide", by: 255 } as const,
});

test("a drawing gets the probabilities and the pixels' push that the model gives as a file", async () => {
  const view = await drawn.predict(pixels);
  const { classes, probabilities } = await predict(modelNow(), pixels);
  expect(view.probabilities).toEqual(probabilities);
  expect([view.predicted, view.targetClass]).toEqual([classes[0], classes[0]]);
  expect(view.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  const { gradients } = await inputGradients(modelNow(), pixels, Int32Array.of(3));
  expect((await drawn.predict(pixels, 3)).inputDelta).toEqual(Float32Array.from(gradients));
});

test("the answer follows the run as it trains", async () => {
  const early = await drawn.predict(pixels);
  await run.train({ steps: 5 });
  const { probabilities } = await predict(modelNow(), pixels);
  expect((await drawn.predict(pixels)).probabilities).toEqual(probabilities);
  expect(probabilities).not.toEqual(early.probabilities);
});

test("a taught step raises the taught class, is one plain step at the run's rate, and leaves the optimizer's state alone", async () => {
  const wrong = (label + 1) % 10;
  const [states, { progress }] = [run.session.readStates(), run];
  const theta = run.session.readParameters();
  const { before, after, status } = await drawn.teach(pixels, wrong);
  expect(after.probabilities[wrong]).toBeGreaterThan(before.probabilities[wrong]!);
  expect(status).toMatchObject({ taught: 1, undoable: true });
  expect(run.session.readStates()).toEqual(states);
  expect(run.progress).toEqual(progress);
  // the last layer's biases: b ← b − η(S − y)
  const now = run.session.readParameters();
  for (let c = 0; c < 10; c++) {
    const at = theta.length - 10 + c;
    const step = RATE * (before.probabilities[c]! - (c === wrong ? 1 : 0));
    expect(now[at]! - theta[at]!).toBeCloseTo(-step, 6);
  }
});

test("taught steps are undone bit for bit, the last one first", async () => {
  const start = await drawn.status();
  expect(start).toMatchObject({ taught: 0, undoable: false });
  const first = (await drawn.teach(pixels, 1)).status;
  const second = (await drawn.teach(pixels, 8)).status;
  expect(new Set([start, first, second].map((s) => s.parametersSha256)).size).toBe(3);
  expect(await drawn.undo()).toEqual(first);
  expect(await drawn.undo()).toEqual(start);
  await expect(drawn.undo()).rejects.toThrow("the last lesson");
});

test("a taught step that was trained on cannot be undone, and stays counted", async () => {
  await drawn.teach(pixels, 1);
  await run.train({ steps: 1 });
  expect(await drawn.status()).toMatchObject({ taught: 1, undoable: false });
  await expect(drawn.undo()).rejects.toThrow("a run that has gone on");
});

test("pixels and labels that do not fit are refused, and nothing changes", async () => {
  const start = await drawn.status();
  await expect(drawn.predict(new Uint8Array(783))).rejects.toThrow("784 bytes");
  await expect(drawn.teach(pixels, 10)).rejects.toThrow("a class in [0, 10)");
  expect(await drawn.status()).toEqual(start);
});
