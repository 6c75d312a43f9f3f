import { expect, test } from "vitest";
import { clip, clock, table } from "../../src/cli/tables.ts";
import { epochLine, liveLine, Progress, sparkline } from "../../src/cli/train/progress.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { DEFAULTS } from "../../src/training/defaults.ts";
import { train } from "../../src/training/trainer.ts";
import type { EpochRecord, TrainEvent } from "../../src/training/training-result.ts";
import { blobs } from "../training/blobs.ts";

const live = {
  ...{
    epoch: 3,
    total: 10,
    done: 0.5,
    loss: 0.21344,
    accuracy: 0.9341,
    examplesPerSecond: 48_210.4,
    secondsLeft: 71.2,
  },
  losses: [2.3, 0.9, 0.4, 0.21],
};

const record = (epoch: number): EpochRecord => ({
  ...{ epoch, steps: epoch * 10, learningRate: 0.1, trainLoss: 1 / epoch, trainAccuracy: 0.5, best: true },
  ...{ validationLoss: null, validationAccuracy: null, parametersSha256: "", seconds: 1, examplesPerSecond: 100 },
});

test("the live line shows everything where there is room", () => {
  expect(liveLine(live, 200)).toBe(
    "epoch 3/10  ━━━━━━──────  loss 0.2134  accuracy 93.41 %  48,210 examples/s  1:12 left  █▃▁▁",
  );
});

test("the live line never exceeds the terminal and gives up the least important parts first", () => {
  for (let width = 0; width < 120; width++) expect(liveLine(live, width).length).toBeLessThanOrEqual(width);
  expect(liveLine(live, 24)).toBe("epoch 3/10  loss 0.2134");
  expect(liveLine(live, 36)).toBe("epoch 3/10  loss 0.2134  1:12 left");
});

test("a curve is as wide as asked, highest where the values are, and flat where they are equal", () => {
  expect(sparkline([], 10)).toBe("");
  expect(sparkline([1, 1, 1], 10)).toBe("▁▁▁");
  expect(sparkline([8, 7, 6, 5, 4, 3, 2, 1], 8)).toBe("█▇▆▅▄▃▂▁");
  expect(
    sparkline(
      Array.from({ length: 1000 }, (_, i) => i),
      20,
    ),
  ).toHaveLength(20);
});

test("a long run gets about twenty lines, the first and the last among them", () => {
  const lines: string[] = [];
  const progress = new Progress({ live: false, columns: () => 80, write: (text) => lines.push(text) }, 100);
  const options = { ...DEFAULTS, epochs: 995, batchSize: 1 };
  progress.handle({ event: "start", options, engine: "wasm", threads: 1, epoch: 1, step: 0, steps: 1 });
  for (let epoch = 1; epoch <= 995; epoch++) progress.handle({ event: "epoch", ...record(epoch) });
  progress.end();
  expect(lines.length).toBeLessThanOrEqual(22);
  expect(lines[0]).toMatch(/^epoch {3}1\/995 /);
  expect(lines.at(-1)).toMatch(/^epoch 995\/995 /);
  expect(lines.join("")).not.toContain("\x1b");
});

test("in a terminal the live line is cleared before a lasting line and at the end", () => {
  let screen = "";
  const progress = new Progress({ live: true, columns: () => 80, write: (text) => (screen += text) }, 100);
  progress.handle({
    event: "start",
    options: { ...DEFAULTS, epochs: 2, batchSize: 1 },
    engine: "wasm",
    threads: 1,
    epoch: 1,
    step: 0,
    steps: 1,
  });
  progress.handle({ event: "progress", epoch: 1, step: 50, steps: 100, loss: 1 });
  expect(screen).toContain("epoch 1/2");
  expect(screen.endsWith("\n")).toBe(false);
  progress.handle({ event: "epoch", ...record(1) });
  expect(screen).toContain("\r\x1b[2Kepoch 1/2  loss 1.000");
  progress.end();
  expect(screen.endsWith("\r\x1b[2K")).toBe(true);
});

test("before the first step there is no live line, and none ever shows a number that is none", () => {
  let screen = "";
  const progress = new Progress({ live: true, columns: () => 80, write: (text) => (screen += text) }, 100);
  const options = { ...DEFAULTS, epochs: 60, batchSize: 1 };
  progress.handle({ event: "start", options, engine: "wasm", threads: 2, epoch: 3, step: 4, steps: 100 });
  progress.handle({ event: "progress", epoch: 3, step: 4, steps: 100, loss: Number.NaN });
  expect(screen).toBe("");
  progress.handle({ event: "progress", epoch: 3, step: 5, steps: 100, loss: 1 });
  expect(screen).toContain("epoch 3/60");
  expect(screen).not.toMatch(/NaN|Infinity/);
});

test("a run on two threads tells of progress only after a step, with a loss that is a number", async () => {
  const events: TrainEvent[] = [];
  const data = blobs(60);
  const network = defineNetwork([4, 8, 3]);
  await train(network, data, { epochs: 2, threads: 2, engine: "reference", onEvent: (event) => events.push(event) });
  const steps = events.filter((event) => event.event === "progress");
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.filter(({ step, loss }) => step === 0 || !Number.isFinite(loss))).toEqual([]);
});

test("an epoch's line has its validation figures where there are any", () => {
  const line = epochLine({ ...record(2), validationLoss: 0.25, validationAccuracy: 0.875 }, 2, 0);
  expect(line).toBe(
    "epoch 2/2  loss 0.5000   accuracy 50.00 %  validation loss 0.2500  accuracy 87.50 %  100 examples/s",
  );
});

test("in a narrow terminal an epoch's line gives up its pace, then its words, and stays one line", () => {
  expect(epochLine(record(1), 60, 72, 64)).toBe("epoch  1/60  loss 1.000    accuracy 50.00 %  1:12 left");
  expect(epochLine(record(1), 60, 72, 45)).toBe("epoch  1/60  loss 1.000    accuracy 50.00 %");
  expect(epochLine(record(1), 60, 72, 40)).toBe("epoch  1/60  1.000  50.00 %");
});

test("times, clipped text and tables", () => {
  expect([0, 59.1, 75, 3700].map(clock)).toEqual(["0:00", "1:00", "1:15", "1:01:40"]);
  expect(clip("evil\x1b[2J", 40)).toBe("evil\\x1b[2J");
  expect(clip("abcdef", 4)).toBe("abc…");
  expect(
    table([
      ["a", "b"],
      ["long", "1"],
    ]),
  ).toEqual(["a     b", "long  1"]);
});
