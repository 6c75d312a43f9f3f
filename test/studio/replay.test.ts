// A run of the studio whose settings changed while it went on: `deltaprop verify` follows its record to the same bits.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_SETUP } from "../../src/studio/state/setup.ts";
import { deltaprop, folder } from "../cli/run.ts";
import { labToPlay } from "./lab-run.ts";

const [place, remove] = folder();
const runFolder = join(place, "played");
afterAll(remove);

beforeAll(async () => {
  await mkdir(runFolder);
  const { lab, playOut } = labToPlay();
  await lab.open({ ...DEFAULT_SETUP, hidden: [8], epochs: 2, batchSize: 256 });
  for (let s = 0; s < 5; s++) await lab.step();
  await lab.change({ learningRate: 0.3, weightDecay: 0.001 });
  await lab.change({ batchSize: 128 });
  await playOut();
  await lab.change({ epochs: 3, learningRate: 0.05 });
  await playOut();
  await writeFile(join(runFolder, "run.json"), await lab.record());
  await writeFile(join(runFolder, "model.safetensors"), (await lab.exportModel("safetensors")).bytes);
});

test("verify replays the changes of a run's settings, and every epoch has the recorded hash", async () => {
  const { changes, epochParametersSha256: hashes } = JSON.parse(await readFile(join(runFolder, "run.json"), "utf8"));
  expect([changes.length, hashes.length]).toEqual([3, 3]);
  const { code, out, err } = await deltaprop(place, ["verify", runFolder, "--engine", "wasm"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("reproduced bit for bit");
});

test.each([
  ["a change that was left out", (record: { changes: unknown[] }) => record.changes.shift(), 4, "NOT_REPRODUCED"],
  ["taught steps", (record: { studio: { taught: number } }) => record.studio.taught++, 2, "NOT_PROMISED"],
  [
    "a model that it started from",
    (record: { studio: object }) => Object.assign(record.studio, { model: { name: "m.safetensors" } }),
    2,
    "NOT_PROMISED",
  ],
  ["changes out of order", (record: { changes: unknown[] }) => record.changes.reverse(), 2, "BAD_RUN"],
])("a record with %s is not said to be repeated", async (name, edit, expected, error) => {
  const copy = join(place, name.replaceAll(" ", "-"));
  await cp(runFolder, copy, { recursive: true });
  const record = JSON.parse(await readFile(join(copy, "run.json"), "utf8"));
  edit(record);
  await writeFile(join(copy, "run.json"), JSON.stringify(record));
  const { code, err } = await deltaprop(place, ["verify", copy, "--engine", "wasm"]);
  expect(code).toBe(expected);
  expect(err).toContain(error);
});
