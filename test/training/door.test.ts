// The one door of training: every number is tested once on its way in, and every entry refuses bad data and options
// alike.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { planRun } from "../../src/cli/train/plan-run.ts";
import { type CheckedDataset, checkDataset, type Dataset, selectRows } from "../../src/data/dataset.ts";
import { readCsv } from "../../src/data/formats/csv.ts";
import { splitDataset } from "../../src/data/split.ts";
import { InvalidInput } from "../../src/errors.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { type PlannedTraining, planTraining } from "../../src/training/plan-training.ts";
import type { Splits } from "../../src/training/splits.ts";
import { openPlanned, openRun, train } from "../../src/training/trainer.ts";
import { blobs } from "./blobs.ts";

const MARK = 1.0625; // a feature of one row only: exact in float32, so each test of it for finiteness is seen
const network = defineNetwork([4, 5, 3]);
const quick = { epochs: 1, batchSize: 16 };
const machine = { engine: "reference" };
const home = mkdtempSync(join(tmpdir(), "deltaprop-door-"));
afterAll(() => rmSync(home, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function marked(rows = 60, stream = 0): Dataset {
  const data = blobs(rows, { stream });
  data.features[5] = MARK;
  return data;
}

/** How many times `work` tests MARK for being finite. */
async function finiteTests(work: () => unknown): Promise<number> {
  const spy = vi.spyOn(Number, "isFinite");
  await work();
  const seen = spy.mock.calls.filter(([value]) => value === MARK).length;
  spy.mockRestore();
  return seen;
}

test("a data set is tested once, whether it is trained on whole, with a validation split held out, or checked before", async () => {
  expect(await finiteTests(() => train(network, marked(), { ...quick, ...machine }))).toBe(1);
  expect(await finiteTests(() => train(network, marked(), { ...quick, ...machine, validation: 0.25 }))).toBe(1);
  const splits = { train: marked(), validation: blobs(20, { stream: 1 }), test: marked(20, 2) };
  expect(await finiteTests(() => train(network, splits, { ...quick, ...machine }))).toBe(2); // train and test
  const data = marked();
  expect(await finiteTests(() => checkDataset(data))).toBe(1);
  expect(await finiteTests(() => train(network, data, { ...quick, ...machine }))).toBe(0);
  const parts = splitDataset(checkDataset(data), [0.5, 0.5], 1);
  expect(await finiteTests(() => train(network, { train: parts[0]!, test: parts[1] }, { ...quick, ...machine }))).toBe(
    0,
  );
});

test("an opened plan tests nothing again", async () => {
  const planned = planTraining(network, marked(), { ...quick, validation: 0.25 });
  expect(
    await finiteTests(async () => {
      const run = await openPlanned(planned, machine);
      await run.train();
      await run.result();
      await run.close();
    }),
  ).toBe(0);
});

test("the rows of a CSV file are tested by their reader alone, on the command line's way too", async () => {
  const { features, labels } = marked();
  const lines = Array.from(labels, (label, i) => [...features.subarray(4 * i, 4 * i + 4), `k${label}`].join(","));
  const text = `a,b,c,d,kind\n${lines.join("\n")}\n`;
  const read = () => readCsv([new TextEncoder().encode(text)], { name: "door" });
  const byReader = await finiteTests(read);
  const { data } = await read();
  expect(await finiteTests(() => train(network, data, { ...quick, ...machine }))).toBe(0);
  const file = join(home, "door.csv");
  writeFileSync(file, text);
  const plan = () =>
    planRun(file, {}, () => (inputs, classes) => defineNetwork([inputs, 5, classes]), { ...quick, validation: 0.25 });
  expect(await finiteTests(plan)).toBe(byReader);
  const { training } = await plan();
  expect(await finiteTests(async () => (await openPlanned(training, machine)).close())).toBe(0);
});

/** Every public entry that takes data and options. */
const ENTRIES: readonly (readonly [string, (data: Dataset | Splits, options: object) => Promise<unknown>])[] = [
  ["train", (data, options) => train(network, data, { ...quick, ...options })],
  ["openRun", (data, options) => openRun(network, data, { ...quick, ...options })],
  ["planTraining", async (data, options) => planTraining(network, data, { ...quick, ...options })],
];

test.each(ENTRIES)("%s refuses bad data and options, and says what is wrong where", async (_, enter) => {
  const refuse = (data: Dataset | Splits, options: object, message: RegExp, code = "INVALID_ARGUMENT") =>
    expect(enter(data, options)).rejects.toThrow(
      expect.objectContaining({
        constructor: InvalidInput,
        code,
        message: expect.stringMatching(message),
      }),
    );
  const good = blobs(60);
  const broken = (features: Float64Array) => ({ ...checkDataset(blobs(60)), features });
  const holed = new Float64Array(240).fill(1).with(9, Number.NaN);
  await refuse(broken(holed), {}, /^features\[2, 1\] must be a finite float32 number, got NaN/);
  await refuse({ train: good, test: broken(holed) }, {}, /^features\[2, 1\] must be a finite float32 number/);
  await refuse({ train: good, validation: broken(holed) }, {}, /^features\[2, 1\] must be a finite float32 number/);
  await refuse(broken(new Float64Array(239)), {}, /^features must be 60 × 4 = 240 values, got 239/);
  await refuse({ ...good, labels: good.labels.with(7, 3) }, {}, /^labels\[7\] must be a class in \[0, 3\), got 3/);
  await refuse({ ...good, labels: good.labels.with(7, 3) }, { validation: 0.2 }, /^labels\[7\] must be a class/);
  await refuse({ ...good, targets: new Float32Array(180) }, {}, /^targets\[0\] must be a row that sums to 1/);
  await refuse(blobs(60, { cols: 5 }), {}, /^the network's inputs must be 5/);
  await refuse({ train: good, test: blobs(60, { classes: 4 }) }, {}, /^the network's outputs must be 4/);
  const bytes = { ...good, features: new Uint8Array(240) };
  await refuse({ train: good, test: bytes }, {}, /^the features of blobs must be bytes or floats, as in training/);
  const soft = { ...good, targets: Float32Array.from({ length: 180 }, (_, k) => (k % 3 === 0 ? 1 : 0)) };
  await refuse({ train: good, test: soft }, {}, /^the soft targets of blobs must be given in every part or in none/);
  await refuse(good, { epochs: 0 }, /^epochs must be an integer in \[1, 1000000\], got 0/);
  await refuse(good, { learningRate: "fast" }, /^learningRate must be a number/);
  await refuse(good, { validation: 1e-9 }, /^the part of 1e-9 must be at least one row/, "TOO_FEW_ROWS");
});

test("a copy of a checked data set, and rows that are not in it, are not checked ones", () => {
  const data: CheckedDataset = checkDataset(blobs(60));
  expect(selectRows(data, Uint32Array.of(3, 3, 59)).rows).toBe(3);
  const copy: Dataset = { ...data, labels: data.labels.with(0, 9) };
  expect(() => checkDataset(copy)).toThrow("labels[0]");
  // @ts-expect-error: a spread loses the mark
  const unmarked: CheckedDataset = { ...data };
  expect(unmarked.rows).toBe(60);
  // @ts-expect-error: only planTraining makes a plan
  const plan: PlannedTraining = { ...planTraining(network, data, quick) };
  expect(plan.network).toBe(network);
  const targets = Float32Array.from({ length: 180 }, (_, k) => (k % 3 === 0 ? 1 : 0));
  const outside = selectRows(checkDataset({ ...blobs(60), targets }), Uint32Array.of(60));
  expect(() => checkDataset(outside)).toThrow("targets[0]");
});

test("taken features are freed once they lie in the session; the run goes on, and its plan opens no other", async () => {
  const options = { ...quick, epochs: 3, validation: 0.25 };
  const splits = () => ({ train: blobs(60), test: blobs(20, { stream: 1 }) });
  const expected = await train(network, splits(), { ...options, ...machine });
  const planned = planTraining(network, splits(), options);
  const run = await openPlanned(planned, { ...machine, takeFeatures: true });
  const { train: rows, validation, test: held } = planned.splits;
  expect([rows, validation!, held!].map(({ features }) => features.buffer.byteLength)).toEqual([0, 0, 0]);
  await run.train();
  const { parametersSha256, test: figures } = await run.result();
  expect([parametersSha256, figures]).toEqual([expected.parametersSha256, expected.test]);
  await run.close();
  await expect(openPlanned(planned, machine)).rejects.toThrow(/the plan must be one that no run/);
});
