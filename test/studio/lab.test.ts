// The page's lab, driven in Node as the page drives it: a run that is played, paused, inspected and reloaded is, bit
// for bit, the run that `train` makes.
import { expect, test, vi } from "vitest";
import { drawDigits } from "../../src/data/digits/digits.ts";
import { readCsv } from "../../src/data/formats/csv.ts";
import { splitDataset } from "../../src/data/split.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { Lab } from "../../src/studio/lab/lab.ts";
import type { LabEvent } from "../../src/studio/lab/protocol.ts";
import type { RunStore } from "../../src/studio/lab/saved-run.ts";
import { DEFAULT_SETUP, type StudioSetup } from "../../src/studio/state/setup.ts";
import { train } from "../../src/training/trainer.ts";

const SMALL: StudioSetup = { ...DEFAULT_SETUP, hidden: [24, 16], rows: 500, epochs: 3, batchSize: 32 };

/** Stores copies, as a database does. */
function memoryStore(): RunStore {
  let stored: Awaited<ReturnType<RunStore["load"]>>;
  return {
    async save(saved, files) {
      stored = structuredClone({ saved, files: files ?? stored?.files ?? [] });
    },
    load: async () => structuredClone(stored),
    async clear() {
      stored = undefined;
    },
  };
}

function openLab(store: RunStore = memoryStore()) {
  const events: LabEvent[] = [];
  const waiting: { wanted: (event: LabEvent) => boolean; found: () => void }[] = [];
  const emit = (event: LabEvent) => {
    events.push(event);
    for (const { wanted, found } of waiting) if (wanted(event)) found();
  };
  const lab = new Lab({ base: "http://127.0.0.1/", store, versions: {}, emit });
  const until = (wanted: (event: LabEvent) => boolean) =>
    new Promise<void>((found) => {
      waiting.push({ wanted, found });
    });
  const ended = () => until((event) => event.event === "progress" && event.progress.ended && !event.progress.playing);
  const hashes = () => events.flatMap((event) => (event.event === "epoch" ? [event.point.parametersSha256] : []));
  return { lab, events, until, ended, hashes };
}

/** SHA-256 after every epoch of the same run, made by the library. */
async function hashesOf({ hidden, epochs, batchSize, seed }: StudioSetup, rows: Awaited<ReturnType<typeof trainRows>>) {
  const network = defineNetwork([784, ...hidden, 10]);
  const { epochs: records } = await train(network, rows, {
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
  const wanted = await hashesOf(SMALL, await trainRows());
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
  await lab.open(SMALL);
  await lab.step();
  const before = await lab.parameterStatus();
  const { pixels, label } = await lab.rawExample({ part: "test", row: 3 });
  const { status } = await lab.teach(pixels as Uint8Array, (label + 1) % 10);
  expect(status).toMatchObject({ taught: 1, undoable: true });
  const reloaded = openLab(store).lab;
  await reloaded.resume(SMALL);
  expect(await reloaded.parameterStatus()).toEqual({ ...status, undoable: false });
  expect(await lab.undoTeaching()).toEqual(before);
});

test("a deleted run is not there after a reload, until another is opened", async () => {
  const store = memoryStore();
  const { lab } = openLab(store);
  await lab.open(SMALL);
  await lab.deleteSavedRun();
  await lab.step();
  expect(await openLab(store).lab.resume(null)).toBeNull();
  await lab.reset();
  expect(await openLab(store).lab.resume(null)).not.toBeNull();
});

test("a lab that resumes a run saved in the middle of an epoch ends with the same bits and the same curve", async () => {
  const wanted = await hashesOf(SMALL, await trainRows());
  const store = memoryStore();
  const first = openLab(store);
  await first.lab.open(SMALL);
  for (let s = 0; s < 21; s++) await first.lab.step(); // 16 steps make an epoch
  const second = openLab(store);
  const resumed = await second.lab.resume(SMALL);
  expect(resumed).toMatchObject({ opened: { resumed: true, progress: { epoch: 2, step: 5, playing: false } } });
  expect(resumed?.epochs.map(({ parametersSha256 }) => parametersSha256)).toEqual(wanted.slice(0, 1));
  expect(resumed?.points).toHaveLength(21);
  const end = second.ended();
  await second.lab.play();
  await end;
  expect(second.hashes()).toEqual(wanted.slice(1));
  expect(await openLab(store).lab.resume({ ...SMALL, seed: 2 })).toBeNull(); // another link is another run
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
  expect(await lab.open({ ...opened.setup, seed: 2 }, [])).toMatchObject({ rows: { train: 48 } });
  expect(await openLab(store).lab.resume(null)).toMatchObject({ opened: { name: "t", rows: { train: 48 } } });
  await expect(openLab().lab.open(opened.setup, [])).rejects.toMatchObject({ code: "DATA_NOT_FOUND" });
});

test.each(["sgd", "momentum"] as const)("the next step is measured as it is then taken, with %s", async (optimizer) => {
  const { lab } = openLab();
  await lab.open({ ...SMALL, optimizer });
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
    expect(update / norm(...moved)).toBeCloseTo(1, 4);
    if (optimizer === "sgd") expect(update / (learningRate * gradient)).toBeCloseTo(1, 4);
    const silent = Array.from({ length: O }, (_, o) => output.every((value, k) => k % O !== o || value === 0));
    expect([dead, units]).toEqual([silent.filter(Boolean).length, O]);
  });
});
