// The network as a picture: the lab's looks against the exported model's own arrays, and the page by pointer and keys.
import { expect, test } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import { principalPlane } from "../../src/studio/lab/principal-map.ts";
import { overTime } from "../../src/studio/network/time-map.ts";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { browserTest, useBrowser } from "./browser.ts";
import { memoryStore } from "./memory-store.ts";
import { useStudio } from "./studio.ts";

const browser = useBrowser();
const studio = useStudio();
const SMALL = { ...DEFAULT_SETUP, hidden: [24, 5], rows: 300, batchSize: 32 };

function openLab() {
  return new Lab({ base: "http://127.0.0.1/", store: memoryStore(), versions: {}, emit() {} });
}

test("a unit is shown with the weights of the model's file, and what excites it most is found among all rows", async () => {
  const lab = openLab();
  await lab.open(SMALL);
  for (let s = 0; s < 10; s++) await lab.step();
  const { model } = await decodeModel((await lab.exportModel("safetensors")).bytes);
  const W = model.parameters.subarray(0, 784 * 24);
  const bias = model.parameters.subarray(784 * 24, 785 * 24);
  const view = await lab.unit({ part: "test", row: 3 }, 1, 7);
  expect([...view.weights]).toEqual(Array.from({ length: 784 }, (_, i) => W[i * 24 + 7]));
  expect([view.bias, view.last, view.output]).toEqual([bias[7], false, Math.max(0, view.z)]);

  const { test: rows } = await drawDigits({ seed: 1 });
  const activation = (row: number) => {
    let z = bias[7]!;
    for (let i = 0; i < 784; i++) z += (rows!.features[row * 784 + i]! / 255) * W[i * 24 + 7]!;
    return Math.max(0, z);
  };
  const all = Array.from({ length: rows!.rows }, (_, row) => activation(row)).sort((a, b) => b - a);
  const exciting = await lab.excitingRows(1, 7, 4);
  expect(exciting).toHaveLength(4);
  exciting.forEach(({ row, value, label }, k) => {
    expect(value).toBeCloseTo(activation(row), 4);
    expect(value).toBeCloseTo(all[k]!, 4);
    expect(label).toBe(rows!.labels[row]);
  });
});

test("blocks hold every weight of a small layer, every seventh input of a large one; histograms count all", async () => {
  const lab = openLab();
  await lab.open(SMALL);
  await lab.step();
  const blocks = await lab.weightBlocks();
  const layers = await Promise.all([1, 2, 3].map((l) => lab.weights(l)));
  expect(blocks.map(({ rows, cols, every }) => [rows, cols, ...every])).toEqual([
    [112, 24, 7, 1],
    [24, 5, 1, 1],
    [5, 10, 1, 1],
  ]);
  expect(blocks[0]!.values[24 + 3]).toBe(layers[0]!.W[7 * 24 + 3]);
  expect(blocks[1]!.values).toEqual(layers[1]!.W);
  const counted = (await lab.histograms()).map(({ weights, outputs, deltas }) =>
    [weights, outputs, deltas].map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)),
  );
  expect(counted).toEqual([
    [784 * 24, 32 * 24, 32 * 24],
    [24 * 5, 32 * 5, 32 * 5],
    [5 * 10, 32 * 10, 32 * 10],
  ]);
});

test("the histograms over time are those of the weights at their steps, and at most so many", async () => {
  const lab = openLab();
  await lab.open(SMALL);
  const inBins = async () => {
    const { W } = await lab.weights(2);
    const largest = Math.max(...W.map(Math.abs));
    const counts = new Array<number>(31).fill(0);
    for (const w of W) counts[Math.min(30, Math.floor(((w / largest + 1) / 2) * 31))]!++;
    return counts;
  };
  const seen = [await inBins()];
  for (let s = 0; s < 3; s++) {
    await lab.step();
    seen.push(await inBins());
  }
  const { steps, weights, outputs, deltas } = await lab.histogramHistory(2);
  expect(steps).toEqual([0, 1, 2, 3]);
  expect(weights.map(({ counts }) => [...counts])).toEqual(seen);
  expect([outputs.length, deltas.length]).toEqual([4, 4]);
  for (let s = 3; s < 90; s++) await lab.step();
  const thinned = (await lab.histogramHistory(2)).steps;
  expect(thinned.length).toBeLessThanOrEqual(64);
  expect(thinned).toEqual(Array.from({ length: 46 }, (_, k) => 2 * k));
});

test("a history is drawn with its steps in proportion, on the scale of its largest value", () => {
  const histogram = (largest: number, ...at: number[]) => {
    const counts = new Uint32Array(4);
    for (const k of at) counts[k]!++;
    return { largest, counts, zeros: 0 };
  };
  // after 9 of 10 steps the values double: the first half of the scale's bins held them before
  const { values, rows, scale } = overTime(
    [0, 9, 10],
    [histogram(1, 0, 3), histogram(1, 0, 3), histogram(2, 0, 3)],
    11,
  );
  expect([rows, scale]).toEqual([4, 2]);
  const column = (c: number) => Array.from({ length: 4 }, (_, r) => values[(3 - r) * 11 + c]!);
  for (let c = 0; c < 10; c++) expect(column(c)).toEqual([0, 1, 1, 0]);
  expect(column(10)).toEqual([1, 0, 0, 1]);
});

test("the map of a layer lies on the two axes of largest variance, which are uncorrelated", async () => {
  const [n, O] = [60, 7];
  const noise = (k: number) => ((k * 7919) % 1009) / 1009 - 0.5;
  // 9 along one axis, 3 along another, little along the rest, all of it turned and moved
  const values = new Float64Array(n * O);
  for (let i = 0; i < n; i++) {
    const [a, b] = [9 * noise(i + 1), 3 * noise(17 * i + 5)];
    for (let o = 0; o < O; o++)
      values[i * O + o] = 4 + a * (o % 2 ? 0.5 : -0.3) + b * (o < 3 ? 0.6 : -0.1) + 0.1 * noise(i * O + o);
  }
  const { points, shares } = principalPlane(values, n, O);
  const dot = (p: number, q: number) =>
    Array.from({ length: n }, (_, i) => points[2 * i + p]! * points[2 * i + q]!).reduce((s, x) => s + x, 0);
  expect(Math.abs(dot(0, 1))).toBeLessThan(1e-6 * dot(1, 1));
  expect(shares[0]).toBeGreaterThan(shares[1]);
  expect(shares[0] + shares[1]).toBeGreaterThan(0.99);
  const means = Array.from({ length: O }, (_, o) =>
    Array.from({ length: n }, (_, i) => values[i * O + o]! / n).reduce((s, x) => s + x, 0),
  );
  for (let turn = 0; turn < 50; turn++) {
    // no direction has more variance than the first axis
    const w = Array.from({ length: O }, (_, o) => noise(turn * O + o + 3));
    const length = Math.hypot(...w);
    const along = Array.from({ length: n }, (_, i) =>
      w.reduce((s, x, o) => s + (x / length) * (values[i * O + o]! - means[o]!), 0),
    );
    expect(along.reduce((s, x) => s + x * x, 0)).toBeLessThanOrEqual(dot(0, 0) * (1 + 1e-9));
  }
  expect(principalPlane(new Float64Array(6).fill(2), 3, 2)).toEqual({ points: new Float64Array(6), shares: [0, 0] });
  const lab = openLab();
  await lab.open(SMALL);
  const map = await lab.layerMap(2);
  expect([map.labels.length, map.points.length, map.points.every(Number.isFinite)]).toEqual([400, 800, true]);
});

test("a weight set by hand is in the model, is said in the record, and is undone to the bit", async () => {
  const lab = openLab();
  await lab.open(SMALL);
  await lab.step();
  const before = await lab.parameterStatus();
  const set = await lab.setWeight(2, 3, 1, 0.75);
  expect([set.taught, set.undoable, set.parametersSha256 === before.parametersSha256]).toEqual([1, true, false]);
  expect((await lab.weights(2)).W[3 * 5 + 1]).toBe(0.75);
  await lab.setWeight(3, -1, 9, -2);
  expect((await lab.weights(3)).b[9]).toBe(-2);
  expect(JSON.parse(await lab.record()).studio.taught).toBe(2);
  await lab.undoTeaching();
  expect(await lab.undoTeaching()).toEqual({ ...before, undoable: false });
  await expect(lab.setWeight(2, 24, 0, 1)).rejects.toThrow(/i must be an integer in \[-1, 24\)/);
});

browserTest("by keys a unit is picked and a weight is set; the loss answers, and Undo takes it back", async () => {
  const { page, problems } = await browser.open(`${studio.url}#data=xor&hidden=4&rows=100&batchSize=16&view=watch`);
  const picture = page.locator(".network-picture");
  await picture.waitFor();
  await page.getByRole("button", { name: "Step" }).click();
  await picture.focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("heading", { name: /^Layer 2, class / }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("heading", { name: "Layer 1, unit 2" }).waitFor();
  expect(await page.locator(".edges line").count()).toBe(2 * 4 + 4 * 2);
  await page.getByText("From step 0 on the left to step 1 on the right").waitFor();
  expect(await page.getByRole("img", { name: /^W of layer 1 over the steps, up to ±[\d.]+: 31 × 96/ }).count()).toBe(1);
  const weight = page.getByLabel("weight", { exact: true });
  const [was, loss] = [await weight.inputValue(), await page.locator(".subject p").textContent()];
  await weight.fill("5");
  await expect.poll(() => page.locator(".strongest tbody tr").first().textContent()).toMatch(/^x5\.00/);
  await expect.poll(() => page.locator(".subject p").textContent()).not.toBe(loss);
  await page.locator(".set-weight button").click();
  await expect.poll(() => weight.inputValue()).toBe(was);
  await expect.poll(() => page.locator(".subject p").textContent()).toBe(loss);
  await page.locator(".layer-column circle").nth(4).hover();
  await page.getByRole("heading", { name: "Layer 1, unit 3" }).waitFor();
  expect(problems).toEqual([]);
});
