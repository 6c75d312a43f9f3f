// Checkpoints by the public entries alone: what a program needs to keep a run of its own.
import { expect, test } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/files.ts";
import { defineNetwork, fromArrays } from "../../src/index.ts";
import { openRun } from "../../src/training.ts";
import { flowers } from "../classifier/flowers.ts";

test("a program writes a run's state as bytes, reads them back, and goes on to the same bits", async () => {
  const { X, y } = flowers(60);
  const data = fromArrays(X, y);
  const network = defineNetwork([4, 5, 3]);
  const options = { epochs: 3, batchSize: 8, optimizer: "adam", seed: 3, engine: "reference" } as const;
  await using whole = await openRun(network, data, options);
  await whole.train();
  await using first = await openRun(network, data, options);
  await first.train({ steps: 11 });
  const bytes = await encodeCheckpoint({ network, run: "mine", state: first.state() });
  const back = await decodeCheckpoint(bytes, "run.ckpt");
  expect([back.run, back.network, back.state.step]).toEqual(["mine", network, 3]);
  await using second = await openRun(network, data, { ...options, from: back.state });
  await second.train();
  const [expected, got] = [await whole.result(), await second.result()];
  expect(got.parametersSha256).toBe(expected.parametersSha256);
  expect(got.epochs.map(({ trainLoss }) => trainLoss)).toEqual(expected.epochs.map(({ trainLoss }) => trainLoss));
  const cut = bytes.slice();
  cut[cut.length - 3]! ^= 1;
  await expect(decodeCheckpoint(cut, "run.ckpt")).rejects.toMatchObject({ code: "DAMAGED", file: "run.ckpt" });
});
