// Whatever lies in a run's folder, reading it gives a value or one safe line with exit 2, and ends. All 500:
// DELTAPROP_PLACES=500 npx vitest run test/hostile/places.test.ts
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InvalidInput, printable } from "../../src/errors.ts";
import { Journal } from "../../src/files/run/journal.ts";
import { epochHashes, findCheckpoint, loadModel, openRunFolder } from "../../src/files/run/run-folder.ts";
import { planOf } from "../../src/files/run/run-record.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { openRun } from "../../src/training/trainer.ts";
import { blobs } from "../training/blobs.ts";
import { spoil } from "./places.ts";

const COUNT = Number(process.env.DELTAPROP_PLACES ?? 116); // every kind of change once in every file
const root = mkdtempSync(join(tmpdir(), "places-"));
const good = join(root, "good");
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(async () => {
  mkdirSync(good);
  const network = defineNetwork([4, 5, 3]);
  const run = await openRun(network, blobs(20), { epochs: 3, batchSize: 10, engine: "reference" });
  await run.train({ steps: 5 });
  const result = await run.result();
  const data = { name: "b", from: "b", dataDir: null, sha256: "0", label: null, heldOut: null };
  const plan = planOf(result, { ...data, rows: { train: 20, validation: 0, test: 0 } }, {});
  const journal = await Journal.open(good);
  await journal.start(plan);
  await journal.save(network, plan, run.state());
  await journal.end(plan, { ...result, stopReason: "interrupted" }, result.model);
  await journal.start(plan, (await findCheckpoint(good))!.log); // as a run that goes on: its hashes are in its lines
  await journal.close();
  await run.close();
});

test.runIf(process.platform === "linux")(
  `${COUNT} odd places are read or refused, each with one line`,
  async () => {
    let refused = 0;
    for (let n = 0; n < COUNT; n++) {
      const folder = join(root, `${n}`);
      cpSync(good, folder, { recursive: true });
      const what = spoil(folder, n);
      for (const read of [
        () => loadModel(folder),
        () => findCheckpoint(folder),
        async () => epochHashes(folder, await openRunFolder(folder)),
      ])
        try {
          await read();
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw new Error(`${n} ${what}: ${error}`, { cause: error });
          expect(error.file?.startsWith(folder), `${n} ${what}: ${error.line}`).toBe(true);
          expect(printable(error.line)).toBe(error.line);
          expect(error.line.length).toBeLessThan(2000);
          refused++;
        }
      rmSync(folder, { recursive: true });
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(refused).toBeGreaterThan(COUNT / 2);
  },
  600_000,
);
