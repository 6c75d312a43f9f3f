import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { EnvironmentFailure } from "../../src/errors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/files/run/checkpoint.ts";
import { Journal } from "../../src/files/run/journal.ts";
import { findCheckpoint, findRun } from "../../src/files/run/run-folder.ts";
import { planOf, type RunPlan, readEpochs } from "../../src/files/run/run-record.ts";
import { defineNetwork } from "../../src/network/network.ts";
import type { RunState } from "../../src/training/run-state.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";

const network = defineNetwork([4, 5, 3]);
const states: RunState[] = []; // after each step, from the first
let plan: RunPlan;
const home = mkdtempSync(join(tmpdir(), "deltaprop-journal-"));
afterAll(() => rmSync(home, { recursive: true }));
let folder: string;
let count = 0;

beforeAll(async () => {
  const run = await openRun(network, blobs(20), { epochs: 2, batchSize: 10, engine: "reference" });
  for (let step = 0; step < 4; step++) {
    await run.train({ steps: 1 });
    states.push(run.state());
  }
  const { train: rows, ...data } = {
    name: "b",
    from: "b",
    dataDir: null,
    sha256: "0",
    label: null,
    heldOut: null,
    train: 20,
  };
  plan = planOf(await run.result(), { ...data, rows: { train: rows, validation: 0, test: 0 } }, {});
  await run.close();
});
beforeEach(() => {
  folder = join(home, `${count++}`);
  mkdirSync(folder);
});

const path = (name: string) => join(folder, name);

/** A state as its checkpoint gives it back: the records of its epochs are in metrics.jsonl. */
const read = (state: RunState) => {
  const seconds = state.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return {
    ...state,
    epochs: [],
    earlier: state.epochs.length > 0 ? { count: state.epochs.length, seconds } : undefined,
  };
};

test("the checkpoint before the newest is kept, and lines appear with their epoch's checkpoint", async () => {
  const journal = await Journal.open(folder);
  await journal.start(plan);
  expect((await findRun(folder))?.status).toBe("running");
  const lines = async (state: RunState) => {
    await journal.save(network, plan, state);
    return readEpochs(readFileSync(path("metrics.jsonl"), "utf8"), "m").length;
  };
  expect(await lines(states[0]!)).toBe(0);
  expect(existsSync(path("checkpoint.safetensors.previous"))).toBe(false);
  expect(await lines(states[1]!)).toBe(1);
  expect((await findCheckpoint(folder))?.state).toEqual(read(states[1]!));
  rmSync(path("checkpoint.safetensors"));
  expect((await findCheckpoint(folder))?.state).toEqual(read(states[0]!));
  await journal.close();
  expect(readdirSync(folder).sort()).toEqual(["checkpoint.safetensors.previous", "metrics.jsonl", "run.json"]);
});

test("a damaged newest checkpoint is replaced, and never moved over the good one before it", async () => {
  const first = await Journal.open(folder);
  await first.start(plan);
  await first.save(network, plan, states[0]!);
  await first.save(network, plan, states[1]!);
  await first.close();
  truncateSync(path("checkpoint.safetensors"), 99);
  const found = (await findCheckpoint(folder))!;
  expect([found.file, found.damaged?.file]).toEqual([
    path("checkpoint.safetensors.previous"),
    path("checkpoint.safetensors"),
  ]);
  const second = await Journal.open(folder);
  await second.start(plan, found.log, true);
  await second.save(network, plan, states[2]!);
  await second.close();
  expect((await findCheckpoint(folder))?.state).toEqual(read(states[2]!));
  rmSync(path("checkpoint.safetensors"));
  expect((await findCheckpoint(folder))?.state).toEqual(read(states[0]!));
});

test("what killed writers left is cleared, and nothing else", async () => {
  const left = [`.run.json.${crypto.randomUUID()}.tmp`, `.lock.${crypto.randomUUID()}.tmp`];
  for (const name of [...left, ".mine.tmp", "notes.tmp"]) writeFileSync(path(name), "x");
  await (await Journal.open(folder)).close();
  expect(readdirSync(folder).sort()).toEqual([".mine.tmp", "notes.tmp"]);
});

const me = { pid: process.pid, host: hostname(), started: null };
const locks: Record<string, readonly [lock: object | string, taken: boolean]> = {
  "of a process that is gone": [{ ...me, pid: 2 ** 22 + 1 }, true],
  "of an earlier process with a number that is used again": [{ ...me, started: "1" }, process.platform === "linux"],
  "that is no lock of ours": ["half a", true],
  "of a living process": [me, false],
  "of another machine": [{ ...me, host: "elsewhere" }, false],
};
for (const [what, [lock, taken]] of Object.entries(locks))
  test(`a lock ${what} is ${taken ? "taken over" : "respected"}`, async () => {
    const text = typeof lock === "string" ? lock : JSON.stringify(lock);
    writeFileSync(path(".lock-1"), text);
    if (taken) return (await Journal.open(folder)).close();
    await expect(Journal.open(folder)).rejects.toThrow(EnvironmentFailure);
    expect(readdirSync(folder)).toEqual([".lock-1"]);
    expect(readFileSync(path(".lock-1"), "utf8")).toBe(text);
  });

test("of many who want a stale lock at once, one gets it", async () => {
  writeFileSync(path(".lock-1"), JSON.stringify({ ...me, pid: 2 ** 22 + 1 }));
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => Journal.open(folder)));
  expect(tries.filter(({ status }) => status === "fulfilled").length).toBe(1);
});

test("a checkpoint has the same size after one epoch and after 100,000, and comes back with every record", async () => {
  const journal = await Journal.open(folder);
  await journal.start(plan);
  const last = states.at(-1)!;
  const size = async (epochs: number) => {
    const records = Array.from({ length: epochs }, (_, e) => ({ ...last.epochs[0]!, epoch: e + 1 }));
    const file = await journal.save(network, plan, { ...last, epoch: epochs + 1, epochs: records });
    return readFileSync(file).length;
  };
  const one = await size(1);
  expect(Math.abs((await size(100_000)) - one)).toBeLessThan(100);
  expect((await findCheckpoint(folder))?.history.count).toBe(100_000);
  rmSync(path("checkpoint.safetensors"));
  expect((await findCheckpoint(folder))?.history.count).toBe(1); // of the longer file its first line
  await journal.close();
});

test("epoch records that are changed, cut or gone are found out by the checkpoint that counts on them", async () => {
  const journal = await Journal.open(folder);
  await journal.start(plan);
  await journal.save(network, plan, states[3]!);
  await journal.close();
  const text = readFileSync(path("metrics.jsonl"), "utf8");
  for (const damaged of [text.replace(/"trainLoss":./, '"trainLoss":7'), text.slice(0, -1), ""]) {
    writeFileSync(path("metrics.jsonl"), damaged);
    await expect(findCheckpoint(folder)).rejects.toThrow(
      expect.objectContaining({ code: "DAMAGED", file: path("metrics.jsonl"), at: "content" }),
    );
  }
  writeFileSync(path("metrics.jsonl"), `${text}{"torn`);
  expect((await findCheckpoint(folder))?.state).toEqual(read(states[3]!));
});

test("a caller that reads the lines itself gets the state with every record of its epochs", async () => {
  const state = states[3]!;
  const log = { epochs: 2, bytes: 700, sha256: "0" };
  const bytes = await encodeCheckpoint({ network, run: "", state }, log);
  const asked: unknown[] = [];
  const read = await decodeCheckpoint(bytes, "c", async (found) => {
    asked.push(found);
    return state.epochs;
  });
  expect([read.state, asked]).toEqual([state, [log]]);
});
