// Files longer than one system call or one digest takes, with small numbers in place of 2 GiB.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fill } from "../../src/data/disk-files.ts";
import { writeDurably } from "../../src/files/disk.ts";
import { checkedPieces, encodeChecked } from "../../src/files/model/checksums.ts";
import { encodeModel, modelPieces } from "../../src/files/model/model-file.ts";
import type { Tensor } from "../../src/files/model/safetensors.ts";
import { saveModel } from "../../src/files/run/run-folder.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import type { Model } from "../../src/training/model.ts";

const folder = mkdtempSync(join(tmpdir(), "deltaprop-pieces-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is read in pieces, in order, none larger than one call takes", async () => {
  const file = Uint8Array.from({ length: 100 }, (_, k) => k);
  const asked: number[] = [];
  const read = async (into: Uint8Array, at: number, length: number, position: number) => {
    asked.push(length);
    into.set(file.subarray(position, position + length), at);
    return { bytesRead: length, buffer: into };
  };
  const bytes = new Uint8Array(100);
  await fill({ read } as never, bytes, "f", 32);
  expect([bytes, asked]).toEqual([file, [32, 32, 32, 4]]);
});

test("a model's pieces are the header and each tensor, and make the same file", async () => {
  const network = defineNetwork([3, 4, 2]);
  const parameters = initialize(network, "he", 1);
  const model: Model = { network, parameters, classes: ["a", "b"], scaling: { kind: "none" } };
  const pieces = await modelPieces(model);
  expect(pieces.slice(1).map(({ byteLength }) => byteLength)).toEqual([48, 16, 32, 8]);
  const path = join(folder, "m");
  await saveModel(path, model);
  expect(new Uint8Array(readFileSync(path))).toEqual(await encodeModel(model));
});

test("a checkpoint's pieces are the header and each tensor where it lies, and make the same file", async () => {
  const values = Float64Array.of(1, 2, 3);
  const content = {
    tensors: new Map<string, Tensor>([
      ["a", { shape: [2], values: Float32Array.of(4, 5) }],
      ["b", { shape: [3], values }],
    ]),
    metadata: new Map([["run", "x"]]),
  };
  const pieces = await checkedPieces(content);
  expect(pieces.map(({ buffer }) => buffer).slice(1)).toEqual([values.buffer, content.tensors.get("a")!.values.buffer]);
  const path = join(folder, "c");
  await writeDurably(path, pieces);
  expect(new Uint8Array(readFileSync(path))).toEqual(await encodeChecked(content));
});
