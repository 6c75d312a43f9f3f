// The page's lab, driven in Node as the page drives it: a run that is played, paused, inspected and reloaded is, bit
// for bit, the run that `train` makes.
import { expect, test, vi } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { readCsv } from "../../src/data/formats/csv.ts";
import { splitDataset } from "../../src/data/split.ts";
import { defineNetwork } from "../../src/network/network.ts";
import type { RunStore } from "../../src/studio/lab/kept-runs.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { LabEvent } from "../../src/studio/lab/protocol.ts";
import type { Claim } from "../../src/studio/lab/run-keeper.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { train } from "../../src/training/trainer.ts";
import { memoryStore } from "./memory-store.ts";

vi.mock(import("../../src/data/digits/digits.ts"), async (original) =>
  (await import("./drawn-once.ts")).drawnOnce(original),
);

const SMALL: StudioSetup = { ...DEFAULT_SETUP, hidden: [24, 16], rows: 500, epochs: 3, batchSize: 32 };

function openLab(store: RunStore = memoryStore(), claim?: Claim) {
  const events: LabEvent[] = [];
  const waiting: { wanted: (event: LabEvent) => boolean; found: () => void }[] = [];
  const emit = (event: LabEvent) => {
    events.push(event);
    for (const { wanted, found } of waiting) if (wanted(event)) found();
  };
  const lab = new Lab({ base: "http://127.0.0.1/", store, claim, versions: {}, emit });
  const until = (wanted: (event: LabEvent) => boolean) =>
    new Promise<void>((found) => {
      waiting.push({ wanted, found });
    });
  const ended = () => until((event) => event.event === "progress" && event.progress.ended && !event.progress.playing);
  const hashes = () =>
    events.flatMap((event) =>
      event.event === "progress" ? event.epochs.map(({ parametersSha256 }) => parametersSha256) : [],
    );
  return { lab, events, until, ended, hashes };
}

let hashesOfSmall: Promise<string[]> | undefined;

/** SHA-256 after every epoch of the run of SMALL, made by the library: once for this file. */
function hashesByLibrary(): Promise<string[]> {
  return (hashesOfSmall ??= trainSmall());
}

async function trainSmall(): Promise<string[]> {
  const { hidden, epochs, batchSize, seed } = SMALL;
  const network = defineNetwork([784, ...hidden, 10]);
  const { epochs: records } = await train(network, await trainRows(), {
    epochs,
    batchSize,
    seed,
    learningRate: 0.1,
    schedule: "constant",
    engine: "reference",
  });
  return records.map(({ parametersSha256 }) => parametersSha256);
}

async function trainRows() {
  const { train: all } = await drawDigits({ seed: 1 });
  return splitDataset(all, [SMALL.rows / all.rows, 1 - SMALL.rows / all.rows], SMALL.seed)[0]!;
}

test("a run played to its end, or stepped and paused on the way, has the parameters of the library's run", async () => {
  const wanted = await hashesByLibrary();
  const played = openLab();
  await played.lab.open(SMALL);
  const end = played.ended();
  await played.lab.play();
  await end;
  expect(played.hashes()).toEqual(wanted);

  const stepped = openLab();
  const { stepsPerEpoch } = await stepped.lab.open(SMALL);
  for (let s = 0; s <= stepsPerEpoch; s++) {
    await stepped.lab.step();
    if (s % 5 === 0) {
      await stepped.lab.stepView();
      await stepped.lab.norms();
      await stepped.lab.example({ part: "test", row: s });
      await stepped.lab.evaluate();
    }
  }
  expect(stepped.hashes()).toEqual(wanted.slice(0, 1));
  const rest = stepped.ended();
  await stepped.lab.play();
  await rest;
  expect(stepped.hashes()).toEqual(wanted);
}, 120_000); // three epochs of the reference engine beside two of the lab

test("a taught step is in the run's parameters, survives a reload as one, and is undone bit for bit", async () => {
  const store = memoryStore();
  const { lab } = openLab(store);
  const { id } = await lab.open(SMALL);
  await lab.step();
  const before = await lab.parameterStatus();
  const { pixels, label } = await lab.rawExample({ part: "test", row: 3 });
  const { status } = await lab.teach(pixels as Uint8Array, (label + 1) % 10);
  expect(status).toMatchObject({ taught: 1, undoable: true });
  const reloaded = openLab(store).lab;
  await reloaded.reopen(id);
  expect(await reloaded.parameterStatus()).toEqual({ ...status, undoable: false });
  expect(await lab.undoTeaching()).toEqual(before);
});

test("where nothing is to be kept nothing is, the open run included, until runs are kept again", async () => {
  const store = memoryStore();
  const { lab } = openLab(store);
  await lab.open(SMALL);
  await lab.step();
  await lab.keepRuns(false);
  await lab.step();
  await lab.reset();
  expect(await store.list()).toEqual([]);
  await lab.keepRuns(true);
  expect(await store.list()).toHaveLength(1);
});

test("every run that took a step is kept until it is deleted, and opens again where it stood", async () => {
  const { lab } = openLab();
  const first = await lab.open(SMALL);
  await lab.step();
  const there = await lab.parameterStatus();
  await lab.renameRun(first.id, "the first");
  const second = await lab.open({ ...SMALL, seed: 2 });
  await lab.step();
  await lab.open({ ...SMALL, seed: 3 }); // no step: not worth keeping
  const third = await lab.open({ ...SMALL, seed: 4 });
  const kept = await lab.keptRuns();
  expect(kept.map(({ id }) => id).toSorted()).toEqual([first.id, second.id, third.id].toSorted());
  expect(kept.find(({ id }) => id === first.id)).toMatchObject({
    title: "the first",
    steps: 1,
    ended: false,
    data: { name: "digits", sha256: first.sha256 },
  });
  expect(await lab.reopen(first.id)).toMatchObject({ opened: { id: first.id, resumed: true, progress: { steps: 1 } } });
  expect((await lab.parameterStatus()).parametersSha256).toBe(there.parametersSha256);
  await lab.removeRuns([second.id, first.id]); // the open one stays
  expect((await lab.keptRuns()).map(({ id }) => id)).toEqual([first.id]);
  expect(await lab.reopen(second.id)).toBeNull();
});

test("a run that another tab has open is opened as a copy, and neither touches the other's", async () => {
  const store = memoryStore();
  const held = new Set<string>();
  const claim: Claim = async (id) => {
    if (held.has(id)) return null;
    held.add(id);
    return () => held.delete(id);
  };
  const [here, there] = [openLab(store, claim).lab, openLab(store, claim).lab];
  const { id } = await here.open(SMALL);
  await here.step();
  const copy = await there.reopen(id);
  expect(copy?.opened.progress.steps).toBe(1);
  expect(copy?.opened.id).not.toBe(id);
  await there.step();
  await there.step();
  const steps = new Map((await here.keptRuns()).map((run) => [run.id, run.steps]));
  expect([steps.get(id), steps.get(copy!.opened.id)]).toEqual([1, 3]);
  await here.open({ ...SMALL, seed: 2 }); // gives the first run back
  expect(await there.reopen(id)).toMatchObject({ opened: { id } });
});

test("a run does not go on, on data that are not its own", async () => {
  const csv = (shift: number) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${(i * 7 + shift) % 11},${i % 2 === 0 ? "even" : "odd"}`);
    return { name: "t.csv", bytes: new TextEncoder().encode(["a,kind", ...rows].join("\n")).buffer };
  };
  const store = memoryStore();
  const { lab } = openLab(store);
  const { id } = await lab.open({ ...SMALL, rows: 0 }, [csv(0)]);
  await lab.step();
  const saved = (await store.load(id))!;
  await store.save(saved, [csv(1)]);
  await expect(openLab(store).lab.reopen(id)).rejects.toMatchObject({ code: "OTHER_DATA", file: "t" });
  expect(await store.list()).toHaveLength(1);
});

test("a run that has ended goes on with more epochs, as if it had had them from the start", async () => {
  const wanted = await hashesByLibrary();
  const { lab, ended, hashes } = openLab();
  await lab.open({ ...SMALL, epochs: 1 });
  const first = ended();
  await lab.play();
  await first;
  expect(await lab.change({ epochs: 3 })).toMatchObject({ setup: SMALL, changes: [], progress: { ended: false } });
  const rest = ended();
  await lab.play();
  await rest;
  expect(hashes()).toEqual(wanted);
});

test("changed settings are in force from the step at hand, another batch size from the next epoch on", async () => {
  const { lab, hashes } = openLab();
  await lab.open(SMALL);
  await lab.step();
  expect(await lab.change({ learningRate: 0.02 })).toMatchObject({
    setup: { ...SMALL, learningRate: 0.02 },
    changes: [{ epoch: 1, step: 1, options: { learningRate: 0.02 } }],
  });
  expect((await lab.stepView()).learningRate).toBe(0.02);
  const { changes, progress } = await lab.change({ batchSize: 100 });
  expect(progress).toMatchObject({ epoch: 2, step: 0 });
  expect(changes[1]).toEqual({ epoch: 2, step: 0, options: { batchSize: 100 } });
  expect((await lab.stepView()).rows).toHaveLength(100);
  expect(hashes()).toHaveLength(1);
  expect(JSON.parse(await lab.record())).toMatchObject({ options: { learningRate: 0.1, batchSize: 32 }, changes });
  expect((await lab.reset()).changes).toEqual([]); // a run of its own
});

test("a run from a dropped model says so, to the page, in its record, and after a reload", async () => {
  const store = memoryStore();
  const { lab } = openLab(store);
  await lab.open(SMALL);
  await lab.step();
  const { bytes } = await lab.exportModel("safetensors");
  const { parametersSha256 } = await lab.parameterStatus();
  const files = [{ name: "mine.safetensors", bytes: bytes.buffer }];
  const model = { name: "mine.safetensors", parametersSha256 };
  const { id } = await lab.open(SMALL, files);
  expect(JSON.parse(await lab.record())).toMatchObject({ studio: { model } });
  expect(await openLab(store).lab.reopen(id)).toMatchObject({ opened: { model } });
});

test("ten thousand short epochs send few messages, and every epoch comes once", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i % 5},${i % 2 === 0 ? "even" : "odd"}`);
  const text = new TextEncoder().encode(["a,kind", ...rows].join("\n"));
  const { lab, events, ended } = openLab();
  const setup = { ...SMALL, hidden: [2], rows: 0, epochs: 2000, batchSize: 16 };
  await lab.open(setup, [{ name: "t.csv", bytes: text.buffer }]);
  const end = ended();
  await lab.play();
  await end;
  const epochs = events.flatMap((event) => (event.event === "progress" ? event.epochs : []));
  expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 2000 }, (_, e) => e + 1));
  expect(epochs.at(-1)?.testAccuracy).not.toBeNull();
  expect(events.length).toBeLessThan(epochs.length / 10);
});

test("a lab that resumes a run saved in the middle of an epoch ends with the same bits and the same curve", async () => {
  const wanted = await hashesByLibrary();
  const store = memoryStore();
  const first = openLab(store);
  const { id } = await first.lab.open(SMALL);
  for (let s = 0; s < 21; s++) await first.lab.step(); // 16 steps make an epoch
  const second = openLab(store);
  const resumed = await second.lab.reopen(id);
  expect(resumed).toMatchObject({ opened: { resumed: true, progress: { epoch: 2, step: 5, playing: false } } });
  expect(resumed?.epochs.map(({ parametersSha256 }) => parametersSha256)).toEqual(wanted.slice(0, 1));
  expect(resumed?.points).toHaveLength(21);
  const end = second.ended();
  await second.lab.play();
  await end;
  expect(second.hashes()).toEqual(wanted.slice(1));
});

test("reset goes back to the seed's parameters, and a run that diverged reports it and stays", async () => {
  const { lab, events } = openLab();
  await lab.open({ ...SMALL, learningRate: 1e6 });
  const before = await lab.parameterStatus();
  await lab.play();
  await vi.waitFor(() => expect(events.some(({ event }) => event === "failed")).toBe(true), 30_000);
  expect(events.find(({ event }) => event === "failed")).toMatchObject({ failure: { code: "NOT_FINITE" } });
  expect(await lab.example({ part: "test", row: 0 })).toMatchObject({ layers: { length: 3 } });
  const { progress } = await lab.reset();
  expect(progress).toMatchObject({ steps: 0, ended: false, playing: false });
  expect(await lab.parameterStatus()).toEqual(before);
});

test("a dropped table is split as the command line splits it, and a file is opened again without being dropped again", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 3) % 5},${i % 2 === 0 ? "even" : "odd"}`);
  const text = new TextEncoder().encode(["a,b,kind", ...rows].join("\n"));
  const store = memoryStore();
  const { lab } = openLab(store);
  const files = [{ name: "t.csv", bytes: text.buffer }];
  const opened = await lab.open({ ...SMALL, rows: 0 }, files);
  expect(opened).toMatchObject({ setup: { data: "file" }, rows: { train: 48, test: 12 }, featureNames: ["a", "b"] });
  const { data } = await readCsv([text], { name: "t" });
  const [train] = splitDataset(data, [0.8, 0.2], SMALL.seed);
  const { pixels } = await lab.rawExample({ part: "train", row: 7 });
  expect([...pixels]).toEqual([...train!.features.subarray(14, 16)]);
  const again = await lab.open({ ...opened.setup, seed: 2 }, []);
  expect(again).toMatchObject({ rows: { train: 48 } });
  expect(await openLab(store).lab.reopen(again.id)).toMatchObject({ opened: { name: "t", rows: { train: 48 } } });
  await expect(openLab().lab.open(opened.setup, [])).rejects.toMatchObject({ code: "DATA_NOT_FOUND" });
});

const STEPS = [
  { optimizer: "sgd" },
  { optimizer: "momentum" },
  { optimizer: "sgd", dropout: 0.5, inputNoise: 0.2 },
] as const satisfies readonly Partial<StudioSetup>[];

test.each(STEPS)("the next step is measured as it is then taken, with %o", async (settings) => {
  const { optimizer } = settings;
  const { lab } = openLab();
  await lab.open({ ...SMALL, ...settings });
  await lab.step();
  const [norms, { layers, learningRate }] = [await lab.norms(), await lab.stepView()];
  const before = await Promise.all(layers.map(({ layer }) => lab.weights(layer)));
  await lab.step();
  const after = await Promise.all(layers.map(({ layer }) => lab.weights(layer)));
  const norm = (...parts: readonly Float32Array[]) => Math.hypot(...parts.flatMap((values) => [...values]));
  norms.forEach(({ gradient, update, parameters, dead, units }, l) => {
    const { dW, db, output, O } = layers[l]!;
    expect(gradient / norm(dW, db)).toBeCloseTo(1, 6);
    expect(parameters / norm(before[l]!.W, before[l]!.b)).toBeCloseTo(1, 6);
    const moved = (["W", "b"] as const).map((key) => after[l]![key].map((value, k) => value - before[l]![key][k]!));
    expect(update! / norm(...moved)).toBeCloseTo(1, 4);
    if (optimizer === "sgd") expect(update! / (learningRate * gradient)).toBeCloseTo(1, 4);
    const silent = Array.from({ length: O }, (_, o) => output.every((value, k) => k % O !== o || value === 0));
    expect([dead, units]).toEqual([silent.filter(Boolean).length, O]);
  });
});

test("the data's answers are of the run at hand: norms in order, doubted test rows, and who taught it an answer", async () => {
  const { lab, ended } = openLab();
  await lab.open(SMALL);
  const over = ended();
  await lab.play();
  await over;
  const before = (await lab.parameterStatus()).parametersSha256;
  const { typical, unusual, measured, doubted, judged } = await lab.dataAnswers();
  const rows = await trainRows();
  expect([measured, judged]).toEqual([500, 2000]);
  const norms = [...typical, ...unusual.toReversed()].map(({ norm }) => norm);
  expect(norms).toEqual(norms.toSorted((a, b) => a - b));
  for (const { row, label } of [...typical, ...unusual]) expect(rows.labels[row]).toBe(label);
  const chances = doubted.map(({ probability }) => probability);
  expect(chances).toEqual(chances.toSorted((a, b) => a - b));
  for (const { label, suggested } of doubted) expect(suggested).not.toBe(label);
  const place = { part: "test", row: 4 } as const;
  const { answer, up, down } = await lab.teachers(place);
  expect((await lab.example(place)).predicted).toBe(answer);
  expect([up.length, down.length]).toEqual([12, 12]);
  for (const { label } of up) expect(label).toBe(answer);
  for (const { label } of down) expect(label).not.toBe(answer);
  expect((await lab.parameterStatus()).parametersSha256).toBe(before);
});
