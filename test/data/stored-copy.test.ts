// Data sets that memory has no room for: stored while they are read, found again, and never taken where source or copy
// have changed.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Dataset, Source } from "../../src/data/dataset.ts";
import { withSameClasses } from "../../src/data/join-parts.ts";
import { type LoadOptions, loadSource } from "../../src/data/source.ts";
import { storeOf } from "../../src/data/stored/row-store.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { planTraining } from "../../src/training/plan-training.ts";
import { openPlanned } from "../../src/training/trainer.ts";
import { folder } from "../cli/run.ts";
import { writePng } from "./write-png.ts";

const [home, remove] = folder();
afterAll(remove);
let folders = 0;

/** A cache of its own, with room for a few blocks of rows. */
function caching(
  memory = 100_000,
  version = "1",
): { store: NonNullable<LoadOptions["store"]>; entries: () => string[] } {
  const cache = join(home, `cache-${folders++}`);
  mkdirSync(cache);
  return { store: { folder: cache, memory, version }, entries: () => readdirSync(cache) };
}

const N = 23_000; // more cells than one block
const cells = (i: number) => [
  1 / (i + 1),
  i % 7 === 0 ? "" : i / 3,
  ["low", "mid", "high"][i % 3],
  20 - (i % 40),
  Math.sqrt(i),
];
const table = (rows = N, from = 0) =>
  `a,b,c,d,e,kind\n${Array.from({ length: rows }, (_, i) => [...cells(i + from), "xyz"[(i * 7) % 3]].join(",")).join("\n")}\n`;
const file = join(home, "table.csv");
writeFileSync(file, table());

const facts = ({ train, test, sha256, warnings, table: found }: Source) => ({
  parts: [train, test].map((part) => part && { ...part, labels: [...part.labels], features: [...part.features] }),
  sha256,
  warnings,
  found,
});
const stored = (source: Source) => source.notes?.find((note) => note.includes("stored in"));

test("a table that memory has no room for is stored, and is the same data set, at once and again", async () => {
  const { store, entries } = caching();
  const whole = await loadSource(file);
  const first = await loadSource(file, { store });
  expect(stored(first)).toMatch(/they are stored in .*--memory and --cache choose/);
  expect(entries()).toHaveLength(1);
  expect(readdirSync(join(store.folder, entries()[0]!)).sort()).toEqual(["head", "train.labels", "train.rows"]);
  const again = await loadSource(file, { store });
  expect(stored(again)).toMatch(/taken from the copy that was stored in/);
  for (const source of [first, again]) {
    expect(storeOf(source.train)).toBeDefined();
    expect(source.train.labels).toBeInstanceOf(Uint8Array); // a byte a row
    expect(facts(source)).toEqual(facts(whole));
  }
});

test("a stored part's labels of a byte are those of a run with more than 256 classes beside it", async () => {
  const { store } = caching();
  const { train } = await loadSource(file, { store });
  const more = ["a", ...train.classes, ...Array.from({ length: 300 }, (_, c) => `z${c}`)].reverse();
  const other = { ...train, features: new Uint8Array(1), classes: more, labels: new Int32Array(1) };
  const { test: aligned } = withSameClasses({ train: other, test: train });
  const names = (data: Dataset) => Array.from(data.labels, (label) => data.classes[label]);
  expect(names(aligned!)).toEqual(names(train));
});

test("what fits is not stored", async () => {
  const { store, entries } = caching(2 ** 24);
  expect(stored(await loadSource(file, { store }))).toBeUndefined();
  expect(entries()).toEqual([]);
});

test("another source, other choices and another version are read anew, and so is a source whose bytes alone changed", async () => {
  const { store, entries } = caching();
  const own = join(home, "own.csv");
  writeFileSync(own, table());
  utimesSync(own, 1e9, 1e9);
  await loadSource(own, { store });
  await loadSource(own, { store, ignore: ["e"] });
  await loadSource(own, { store: { ...store, version: "2" } });
  expect(entries()).toHaveLength(3);
  writeFileSync(own, table().replace("20,0,", "19,0,")); // as long, and dated as before
  utimesSync(own, 1e9, 1e9);
  const changed = await loadSource(own, { store });
  expect(stored(changed)).not.toContain("taken");
  expect(changed.train.features[3]).toBe(19);
  expect(entries()).toHaveLength(3);
});

test.each(["train.rows", "train.labels", "head"])("a copy with damage in %s is made again", async (name) => {
  const { store, entries } = caching();
  await loadSource(file, { store });
  const damaged = join(store.folder, entries()[0]!, name);
  const bytes = readFileSync(damaged);
  bytes[1000]! ^= 1;
  writeFileSync(damaged, bytes);
  const source = await loadSource(file, { store });
  expect(stored(source)).not.toContain("taken");
  expect(facts(source)).toEqual(facts(await loadSource(file)));
  expect(stored(await loadSource(file, { store }))).toContain("taken");
});

test("a file that is refused after many rows leaves nothing in the cache", async () => {
  const { store, entries } = caching();
  const bad = join(home, "bad.csv");
  writeFileSync(bad, table());
  appendFileSync(bad, "1,2\n");
  await expect(loadSource(bad, { store })).rejects.toThrow("the row has 2 cells; the first row has 6");
  expect(entries()).toEqual([]);
});

test("pictures of folders, with a test part that would fit, are stored and are the same", async () => {
  const { store, entries } = caching(1500);
  const set = join(home, "pictures");
  for (const [part, pictures] of [
    ["train", 40],
    ["test", 3],
  ] as const)
    for (let k = 0; k < 2 * pictures; k++) {
      const samples = Array.from({ length: 36 }, (_, p) => (p * 7 + k * 13) % 256);
      mkdirSync(join(set, part, "ab"[k % 2]!), { recursive: true });
      writeFileSync(
        join(set, part, "ab"[k % 2]!, `${k}.png`),
        writePng({ width: 6, height: 6, depth: 8, colour: 0, samples }),
      );
    }
  const whole = await loadSource(set);
  const first = await loadSource(set, { store });
  const again = await loadSource(set, { store });
  expect([stored(first)?.includes("taken"), stored(again)?.includes("taken"), entries().length]).toEqual([
    false,
    true,
    1,
  ]);
  expect(facts(first)).toEqual(facts(whole));
  expect(facts(again)).toEqual(facts(whole));
});

test("training on stored rows by pieces gives the bits of training in memory, with validation and a test", async () => {
  const { store } = caching();
  const run = async (source: Source, room?: number) => {
    const [rows, test] = [source.train, { ...source.train, name: "test" }];
    const network = (inputs: number, classes: number) => defineNetwork([inputs, 7, classes]);
    const data = room === undefined ? { train: rows, test } : { train: rows, test: source.train };
    const planned = planTraining(network, data, { epochs: 2, batchSize: 100, validation: 0.2, patience: 2 });
    const opened = await openPlanned(planned, { room, takeFeatures: true });
    try {
      await opened.train({ steps: 200 });
      const state = opened.state(); //  in the middle of an epoch
      await opened.train();
      const { epochs, parametersSha256, test: tested } = await opened.result();
      return {
        state: { ...state, seconds: 0, epochs: [] },
        sums: epochs.map((e) => e.parametersSha256),
        parametersSha256,
        tested,
      };
    } finally {
      await opened.close();
    }
  };
  const expected = await run(await loadSource(file));
  expect(await run(await loadSource(file, { store }), 100_000)).toEqual(expected);
});
