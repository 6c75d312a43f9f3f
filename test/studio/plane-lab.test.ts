// The surface of a run in the plane: at every point of the grid, what the run's own model answers there.
import { expect, test } from "vitest";
import { planarRow } from "../../src/data/planar/planar.ts";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import { DEFAULT_SETUP, PLANAR_PRESET, type StudioSetup } from "../../src/studio/state/setup.ts";
import { predict } from "../../src/training/evaluate.ts";
import { memoryStore } from "./memory-store.ts";

const lab = new Lab({ base: "http://127.0.0.1/", store: memoryStore(), versions: {}, emit() {} });

test.each<[string, Partial<StudioSetup>]>([
  ["x and y", {}],
  ["x², xy and sin πy", { features: ["x²", "xy", "sin πy"] }],
])(
  "with the features %s the surface is the model's answer on the grid, and its units' activations",
  async (_, more) => {
    const setup = { ...DEFAULT_SETUP, ...PLANAR_PRESET, data: "spiral", hidden: [5, 3], ...more } as StudioSetup;
    expect((await lab.open(setup)).plane).toBe(true);
    await lab.step();
    const { side, range, probabilities, units } = (await lab.surface())!;
    const [left, right, low, high] = range;
    const at = (k: number, from: number, to: number) => from + ((k + 0.5) / side) * (to - from);
    const rows = Array.from({ length: side * side }, (_, p) =>
      planarRow([at(p % side, left, right), at(Math.floor(p / side), high, low)], setup.features),
    );
    const { model } = await decodeModel((await lab.exportModel("safetensors")).bytes);
    const answers = await predict(model, Float32Array.from(rows.flat()));
    expect(Array.from(probabilities)).toEqual(Array.from(answers.probabilities));
    expect(units.map((layer) => layer.length)).toEqual([5, 3]);
    expect(units.flat().every((values) => values.length === side * side && new Set(values).size > 10)).toBe(true);
  },
);

test("pictures, and tables of other than two columns of numbers, have no surface", async () => {
  expect((await lab.open({ ...DEFAULT_SETUP, rows: 100 })).plane).toBe(false);
  expect(await lab.surface()).toBeNull();
  const rows = Array.from({ length: 30 }, (_, i) => `${(i * 7) % 11},${(i * i) % 13},${i % 3},${i % 2 ? "a" : "b"}`);
  const file = { name: "t.csv", bytes: new TextEncoder().encode(["p,q,r,kind", ...rows].join("\n")).buffer };
  expect((await lab.open({ ...DEFAULT_SETUP }, [file])).plane).toBe(false);
});
