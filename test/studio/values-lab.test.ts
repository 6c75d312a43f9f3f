// Models of numbers and of several labels in the lab: the run is the command line's, bit for bit, and what the page is
// told of it is what `test` would say.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { GivenFile } from "../../src/studio/lab/protocol.ts";
import { lossTerms } from "../../src/studio/note/loss-forms.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { predictValues } from "../../src/training/evaluate.ts";
import { folder } from "../cli/run.ts";
import { expectRepeated, labToPlay } from "./lab-run.ts";
import { memoryStore } from "./memory-store.ts";

const [place, remove] = folder();
afterAll(remove);

/** A price follows from size and place; a number of visits ≥ 0; two flags. */
const ROWS = Array.from({ length: 120 }, (_, i) => {
  const [size, town] = [20 + ((i * 37) % 91), ["north", "south"][i % 2]];
  const price = 1000 + 13.5 * size + (town === "south" ? 250 : 0) + ((i * 7) % 10) / 7;
  return [size, town, (i * 13) % 11, Number(size > 60), Number(i % 3 === 0), (i * 5) % 9, price].join(",");
});
const TEXT = ["size,town,heat,big,third,visits,price", ...ROWS].join("\n");
const FILE: GivenFile = { name: "homes.csv", bytes: new TextEncoder().encode(TEXT).buffer };
const SMALL: StudioSetup = { ...DEFAULT_SETUP, hidden: [6], epochs: 3, batchSize: 16, learningRate: 0.02 };

const LOSSES: readonly (readonly [name: string, setup: Partial<StudioSetup>])[] = [
  ["squared error, as it is found", {}],
  ["huber", { loss: "huber=0.5" }],
  ["absolute error", { loss: "absolute-error" }],
  ["three quantiles", { loss: "quantile=0.1,0.5,0.9" }],
  ["a mean and a variance", { loss: "gaussian" }],
  ["counts", { label: "visits", task: "regress", loss: "poisson" }],
  ["two numbers", { label: "price,visits", task: "regress" }],
  ["two labels", { label: "big,third" }],
  ["two labels, focal", { label: "big,third", loss: "focal=1.5" }],
  ["two labels, smoothed", { label: "big,third", labelSmoothing: 0.1 }],
  ["classes, smoothed", { label: "town", labelSmoothing: 0.1 }],
];

test.each(LOSSES)("%s: verify and train give the page's bits, and the page shows their figures", async (_, chosen) => {
  await writeFile(join(place, "homes.csv"), TEXT);
  const { lab, playOut } = labToPlay();
  const found = await lab.open({ ...SMALL, ...chosen }, [FILE]);
  await playOut();
  const run = join(place, `run-${Object.values(chosen).join("-")}`);
  const repeated = await expectRepeated(place, run, lab, found, "homes.csv");
  expect(repeated.epochParametersSha256).toHaveLength(3);
  const { testScore, testAccuracy } = JSON.parse(JSON.stringify(await lastEpoch(lab, found.id)));
  expect(testScore === null).toBe(found.task === "classify");
  expect(testAccuracy === null).toBe(found.task !== "classify");
  const { figures, metrics } = await lab.evaluate();
  expect(figures ?? metrics).toEqual(repeated.testValues ?? expect.objectContaining({ loss: repeated.testLoss }));
});

async function lastEpoch(lab: Lab, id: string) {
  return (await lab.keptCurves(id))!.epochs.at(-1)!;
}

const MODEL_LOSSES = LOSSES.filter(([name]) => !name.startsWith("classes"));

test.each(MODEL_LOSSES)(
  "%s: of one example the answer is the exported model's, and δ^L is the loss's formula",
  async (_, chosen) => {
    const { lab, playOut } = labToPlay();
    const { task, loss, classes, targetScaling, cols } = await lab.open({ ...SMALL, ...chosen, labelSmoothing: 0 }, [
      FILE,
    ]);
    await playOut();
    const { model } = await decodeModel((await lab.exportModel("safetensors")).bytes);
    const place = { part: "test", row: 3 } as const;
    const { answer, values, targets, layers, loss: own, probabilities } = await lab.example(place);
    const row = await lab.modelRow(place);
    const said = await predictValues(model, row, { engine: "reference" });
    expect(answer).toEqual({ ...said });
    expect(Float64Array.from(task === "multilabel" ? said.values : [])).toEqual(probabilities);
    const scaled = Array.from(values!, (t, j) =>
      targetScaling ? (t - targetScaling.mean[j]!) / targetScaling.deviation[j]! : t,
    );
    expect([...targets]).toEqual(scaled);
    const terms = lossTerms(loss, layers.at(-1)!.output, Float32Array.from(targets));
    expect(own).toBeCloseTo(
      terms.reduce((sum, { value }) => sum + value, 0),
      12,
    );
    for (const [c, { slope }] of terms.entries()) expect(layers.at(-1)!.delta[c]).toBe(Math.fround(slope));
    for (const l of [1, 2]) {
      const { product, difference, error, rounding, kink } = await lab.weightCheck(place, l, 0, 0);
      expect(kink || Math.abs(product - difference) <= error + rounding).toBe(true);
    }
    const j = classes.length - 1;
    const pushed = await lab.answerRow(row, j);
    expect([...pushed.values!.values]).toEqual([...said.values]);
    expect(pushed.pushes.integrated).toHaveLength(cols);
    const sum = pushed.pushes.integrated.reduce((total, push) => total + push, pushed.none);
    expect(sum).toBeCloseTo(pushed.explained, 9);
    const start = await predictValues(
      { ...model, scaling: { kind: "none" }, featureNames: undefined },
      new Float64Array(model.network.layers[0]!), // where every input of the network is 0
      { engine: "reference" },
    );
    const link =
      task === "multilabel" ? (p: number) => Math.log(p / (1 - p)) : loss.name === "poisson" ? Math.log : Number;
    expect(pushed.explained).toBeCloseTo(link(said.values[j]!), 6);
    const size = targetScaling?.deviation[j] ?? 1;
    expect(Math.abs(pushed.none - link(start.values[j]!)) / size).toBeLessThan(0.01);
  },
);

test("the rows of the largest error are told, and every row of the plot is a row of the test part", async () => {
  const { lab, playOut } = labToPlay();
  const { targetScaling, rows } = await lab.open({ ...SMALL, label: "price,visits", task: "regress" }, [FILE]);
  await playOut();
  const { worst } = await lab.evaluate();
  const far = ({ values }: (typeof worst)[number]) =>
    Math.max(...[0, 1].map((j) => Math.abs(values!.answered[j]! - values!.wanted[j]!) / targetScaling!.deviation[j]!));
  expect(worst.map(far)).toEqual(worst.map(far).toSorted((a, b) => b - a));
  const all = await Promise.all(
    Array.from({ length: rows.test }, async (_, row) => {
      const { values, answer } = await lab.example({ part: "test", row });
      return { values: { wanted: values!, answered: answer!.values } } as (typeof worst)[number];
    }),
  );
  expect(Math.max(...all.map(far))).toBe(far(worst[0]!));
  const { wanted, answered } = (await lab.targetAnswers(1, 1000))!;
  expect([...wanted]).toEqual(all.map(({ values }) => values!.wanted[1]));
  expect([...answered]).toEqual(all.map(({ values }) => values!.answered[1]));
  expect((await lab.targetAnswers(0, 10))!.wanted).toHaveLength(10);
});

test("quantiles and a deviation are a band around the plot's answers", async () => {
  const { lab } = labToPlay();
  await lab.open({ ...SMALL, loss: "quantile=0.1,0.5,0.9" }, [FILE]);
  for (let s = 0; s < 40; s++) await lab.step();
  await lab.evaluate();
  const quantiles = (await lab.targetAnswers(0, 1000))!;
  for (const [i, value] of quantiles.answered.entries()) {
    expect(quantiles.low![i]).toBeLessThanOrEqual(value);
    expect(quantiles.high![i]).toBeGreaterThanOrEqual(value);
  }
  await lab.open({ ...SMALL, data: "file", loss: "gaussian" });
  await lab.evaluate();
  const { answered, low, high } = (await lab.targetAnswers(0, 3))!;
  for (const i of [0, 1, 2]) expect(high![i]! - answered[i]!).toBeCloseTo(answered[i]! - low![i]!, 9);
});

test("random numbers are those of other rows, and the test part keeps its own", async () => {
  const { lab } = labToPlay();
  await lab.open(SMALL, [FILE]);
  const read = async (part: "train" | "test", n: number) =>
    (await lab.rawExamples(Array.from({ length: n }, (_, row) => ({ part, row })))).map(({ values }) => values![0]!);
  const [train, held] = [await read("train", 96), await read("test", 24)];
  await lab.open({ ...SMALL, data: "file", randomLabels: true });
  const drawn = await read("train", 96);
  expect(drawn).not.toEqual(train);
  expect(drawn.toSorted((a, b) => a - b)).toEqual(train.toSorted((a, b) => a - b));
  expect(await read("test", 24)).toEqual(held);
});

test("a loss for other targets is refused, with what the data have", async () => {
  const { lab } = labToPlay();
  await expect(lab.open({ ...SMALL, label: "town", loss: "huber=1" }, [FILE])).rejects.toThrow(
    /the loss must be one for a class, as the data have them to learn, got "huber"/,
  );
});

test("a kept run of numbers goes on with its loss, and its typical rows are told", async () => {
  const store = memoryStore();
  const lab = () => new Lab({ base: "http://127.0.0.1/", store, versions: {}, emit() {} });
  const first = lab();
  const { id } = await first.open({ ...SMALL, loss: "huber=0.5" }, [FILE]);
  await first.step();
  const { parametersSha256 } = await first.parameterStatus();
  const again = lab();
  const { opened } = (await again.reopen(id))!;
  expect(opened.loss).toEqual({ name: "huber", threshold: 0.5 });
  expect((await again.parameterStatus()).parametersSha256).toBe(parametersSha256);
  const { typical, unusual, doubted, judged } = await again.dataAnswers();
  expect([typical.length, unusual.length, doubted.length, judged]).toEqual([12, 12, 0, 0]);
  const normOf = async (place: { part: "train" | "test"; row: number }) => {
    const { layers } = await again.example(place);
    const squares = layers.map(({ input, delta }) => (1 + squareOf(input)) * squareOf(delta));
    return Math.sqrt(squares.reduce((sum, x) => sum + x, 0));
  };
  for (const place of [typical[0]!, unusual[0]!]) expect(place.norm).toBeCloseTo(await normOf(place), 5);
});

const squareOf = (values: Float32Array) => values.reduce((sum, x) => sum + x * x, 0);

test("a dropped model brings its loss, and says where its numbers had another scale", async () => {
  const { lab } = labToPlay();
  await lab.open({ ...SMALL, loss: "quantile=0.2,0.8" }, [FILE]);
  for (let s = 0; s < 5; s++) await lab.step();
  const { parametersSha256 } = await lab.parameterStatus();
  const model: GivenFile = { name: "m.safetensors", bytes: (await lab.exportModel("safetensors")).bytes.buffer };
  const same = await lab.open(SMALL, [FILE, model]);
  expect([same.loss, same.setup.loss]).toEqual([{ name: "quantile", levels: [0.2, 0.8] }, "quantile=0.2,0.8"]);
  expect((await lab.parameterStatus()).parametersSha256).toBe(parametersSha256);
  expect(same.warnings.join(" ")).not.toContain("another mean");
  const again = await lab.open({ ...same.setup, batchSize: 8 }, []);
  expect(again.model?.name).toBe("m.safetensors");
  expect((await lab.open({ ...same.setup, loss: "" }, [])).model).toBeNull();
  const other = new TextEncoder().encode(TEXT.replaceAll(/,(\d+)\.(\d+)$/gm, ",1$1.$2")).buffer;
  const moved = await lab.open(SMALL, [{ name: "other.csv", bytes: other }, model]);
  expect(moved.warnings.join(" ")).toContain("another mean and deviation");
});
