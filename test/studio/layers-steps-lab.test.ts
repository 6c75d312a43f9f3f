// What the command line has of layers and steps, in the lab: an activation a layer, dropout and limits, L-BFGS, and the
// temperature of a dropped model.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { packedLayers } from "../../src/network/parameters.ts";
import type { Lab } from "../../src/studio/lab/lab.ts";
import type { GivenFile, KeptRun } from "../../src/studio/lab/protocol.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { predict } from "../../src/training/evaluate.ts";
import { deltaprop, folder } from "../cli/run.ts";
import { expectRepeated, labToPlay } from "./lab-run.ts";

const [place, remove] = folder();
afterAll(remove);

const ROWS = Array.from({ length: 90 }, (_, i) => {
  const [a, b] = [((i * 37) % 90) / 45 - 1, ((i * 17) % 90) / 45 - 1];
  return `${a},${b},${(i * 7) % 5},${a * b + 0.2 * Math.sin(i) > 0 ? "yes" : "no"}`;
});
const TEXT = ["a,b,c,said", ...ROWS].join("\n");
const given = (name: string, bytes: Uint8Array): GivenFile => ({ name, bytes: Uint8Array.from(bytes).buffer });
const FILE = given("said.csv", new TextEncoder().encode(TEXT));
const SMALL: StudioSetup = { ...DEFAULT_SETUP, hidden: [7, 6, 5], epochs: 3, batchSize: 16, learningRate: 0.05 };

/** A run that `verify` and the page's own command give again, bit for bit. */
async function provenRun(settings: Partial<StudioSetup>): Promise<Lab> {
  await writeFile(join(place, "said.csv"), TEXT);
  const { lab, playOut } = labToPlay();
  const found = await lab.open({ ...SMALL, ...settings }, [FILE]);
  await playOut();
  const run = join(place, `run-${Object.entries(settings).flat().join("-")}`);
  const { epochParametersSha256: hashes } = await expectRepeated(place, run, lab, found, "said.csv");
  expect(hashes.length).toBeGreaterThan(2);
  return lab;
}

const NETS: readonly { readonly activation: StudioSetup["activation"] }[] = [
  { activation: ["gelu", "tanh", "mish"] },
  { activation: ["silu", "leaky-relu", "softplus"] },
  { activation: "gelu" },
];

test.each(NETS)(
  "$activation: verify and train give the page's bits, and the slopes that are shown make δ",
  async ({ activation }) => {
    const lab = await provenRun({ activation });
    const at = { part: "test", row: 2 } as const;
    for (const batch of [false, true])
      for (const l of [1, 2, 3]) {
        const of = (kind: "slope" | "delta" | "W", layer: number) => ({
          kind,
          layer,
          batch: kind === "W" ? false : batch,
        });
        const [slope, delta, above, W] = await lab.values(at, [
          of("slope", l),
          of("delta", l),
          of("delta", l + 1),
          of("W", l + 1),
        ]);
        const { rows, cols: H, values } = delta!;
        const C = above!.cols;
        for (let k = 0; k < rows * H; k++) {
          const [i, h] = [Math.floor(k / H), k % H];
          let sum = 0;
          for (let c = 0; c < C; c++) sum += above!.values[i * C + c]! * W!.values[h * C + c]!;
          expect(values[k]).toBeCloseTo(sum * slope!.values[k]!, 6);
        }
      }
    for (const l of [1, 2, 3, 4]) {
      const { product, difference, error, rounding, kink } = await lab.weightCheck(at, l, 0, 0);
      expect(kink || Math.abs(product - difference) <= error + rounding).toBe(true);
    }
  },
);

const meanOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

const BETWEEN: readonly Partial<StudioSetup>[] = [
  { layerNorm: true, activation: ["gelu", "tanh", "relu"] },
  { residual: true, hidden: [6, 6, 6], activation: ["tanh", "gelu", "softplus"] },
  { layerNorm: true, residual: true, hidden: [6, 6, 6], activation: "silu" },
];

test.each(BETWEEN)(
  "%o: verify and train give the page's bits, and what is shown makes every δ by X49 and X50",
  async (settings) => {
    const lab = await provenRun(settings);
    const { layerNorm = false, residual = false } = settings;
    const hidden = settings.hidden ?? SMALL.hidden;
    const { model } = await decodeModel((await lab.exportModel("safetensors")).bytes);
    const places = packedLayers(model.network);
    for (const at of [
      { part: "test", row: 2 },
      { part: "train", row: 5 },
    ] as const) {
      const { layers } = await lab.example(at);
      let passed: number[] = []; // ∂ℓ/∂(what layer l + 1 handed on)
      for (const l of [3, 2, 1]) {
        const of = (kind: "slope" | "a", layer: number) => ({ kind, layer, batch: false });
        const [slope, below] = await lab.values(at, [of("slope", l), of("a", l - 1)]);
        const { W } = await lab.weights(l + 1);
        const above = layers[l]!.delta;
        const joins = residual && l + 1 < 4 && hidden[l] === hidden[l - 1];
        const back = Array.from({ length: hidden[l - 1]! }, (_, h) =>
          above.reduce((sum, d, c) => sum + d * W[h * above.length + c]!, 0),
        );
        passed = back.map((x, h) => (joins ? x + passed[h]! : x));
        const η = passed.map((x, h) => x * slope!.values[h]!);
        const { z, delta } = layers[l - 1]!;
        let expected = η;
        if (layerNorm) {
          const { b, outputs: O } = places[l - 1]!;
          const middle = meanOf([...z]);
          const root = Math.sqrt(meanOf(Array.from(z, (x) => (x - middle) ** 2)) + 1e-5);
          const n = Array.from(z, (x) => (x - middle) / root);
          const p = η.map((x, h) => model.parameters[b + O + h]! * x);
          const [m1, m2] = [meanOf(p), meanOf(p.map((x, h) => x * n[h]!))];
          expected = p.map((x, h) => (x - m1 - n[h]! * m2) / root);
        }
        for (const [h, d] of delta.entries()) expect(d).toBeCloseTo(expected[h]!, 4);
        const { dW } = await lab.gradient(at, l);
        dW.forEach((g, k) => {
          const [i, h] = [Math.floor(k / delta.length), k % delta.length];
          expect(g).toBeCloseTo(below!.values[i]! * delta[h]!, 5);
        });
      }
    }
    const next = (await lab.stepView()).rows;
    for (const l of [1, 2, 3]) {
      const [slopes] = await lab.values(next[1]!, [{ kind: "slope", layer: l, batch: true }]);
      const [own] = await lab.values(next[1]!, [{ kind: "slope", layer: l, batch: false }]);
      const { cols } = slopes!;
      own!.values.forEach((x, h) => {
        expect(slopes!.values[cols + h]).toBeCloseTo(x, 5);
      });
    }
    const { setup } = await lab.open(SMALL, [
      FILE,
      given("m.safetensors", (await lab.exportModel("safetensors")).bytes),
    ]);
    expect(setup).toMatchObject({ layerNorm, residual });
  },
);

const LIMITS: readonly Partial<StudioSetup>[] = [
  { dropout: 0.3 },
  { inputNoise: 0.1, clipNorm: 0.5 },
  { l1: 0.001, maxNorm: 1.5 },
];

test.each(LIMITS)("%o: verify and train give the page's bits", async (settings) => {
  await provenRun(settings);
});

test("L-BFGS finds its steps, ends where none is left, and verify and train give the page's bits", async () => {
  const lab = await provenRun({ optimizer: "lbfgs", epochs: 400, weightDecay: 0.01 });
  const [{ id, ended, epoch }] = (await lab.keptRuns()) as [KeptRun];
  expect(ended).toBe(true);
  expect(epoch).toBeLessThan(400); // no lower point was left
  const { points, epochs } = (await lab.keptCurves(id))!;
  expect(points.map(({ loss }) => loss)).toEqual(epochs.map(({ trainLoss }) => trainLoss));
  expect(epochs.every(({ testLoss }) => testLoss !== null)).toBe(true);
  expect((await lab.norms()).map(({ update }) => update)).toEqual([null, null, null, null]);
  const { rows } = await lab.stepView();
  expect(rows.map(({ row }) => row)).toEqual([...rows.keys()]);
  const changed = await lab.change({ epochs: 500 });
  expect(changed.progress.ended).toBe(false);
});

test("a dropped model with an activation a layer opens as it is", async () => {
  const { lab } = labToPlay();
  await lab.open({ ...SMALL, activation: ["gelu", "tanh", "mish"] }, [FILE]);
  await lab.step();
  const { bytes } = await lab.exportModel("safetensors");
  const { setup } = await lab.open(SMALL, [FILE, given("model.safetensors", bytes)]);
  expect(setup.activation).toEqual(["gelu", "tanh", "mish"]);
});

test("a calibrated model's temperature is in every probability until the first step, and in its file", async () => {
  await writeFile(join(place, "said.csv"), TEXT);
  const words = ["train", "said.csv", "--hidden", "6", "--epochs", "40", "--validation", "0.2", "--calibrate"];
  const trained = await deltaprop(place, [...words, "--out", "calibrated"]);
  expect(trained.code, trained.err).toBe(0);
  const bytes = await readFile(join(place, "calibrated", "model.safetensors"));
  const { model } = await decodeModel(Uint8Array.from(bytes));
  expect(model.temperature).not.toBe(1);
  const { lab } = labToPlay();
  const { warnings } = await lab.open({ ...SMALL, validation: 0 } as StudioSetup, [
    FILE,
    given("m.safetensors", bytes),
  ]);
  expect(warnings.join(" ")).toContain(`divided by T = ${Number(model.temperature!.toPrecision(4))}`);
  const at = { part: "test", row: 2 } as const;
  const row = await lab.modelRow(at);
  const { model: own } = await decodeModel((await lab.exportModel("safetensors")).bytes);
  expect(own.temperature).toBe(model.temperature);
  const { probabilities } = await predict(own, row, { engine: "reference" });
  expect([...(await lab.example(at)).probabilities]).toEqual([...probabilities]);
  expect([...(await lab.answerRow(row)).probabilities]).toEqual([...probabilities]);
  await lab.step();
  const { model: later } = await decodeModel((await lab.exportModel("safetensors")).bytes);
  expect(later.temperature).toBeUndefined();
  const plain = await predict(later, row, { engine: "reference" });
  expect([...(await lab.example(at)).probabilities]).toEqual([...plain.probabilities]);
});
