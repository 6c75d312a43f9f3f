// Dropped files are read as the command line reads them from a disk: the same rows, labels, classes and SHA-256.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { loadSource } from "../../src/data/source.ts";
import { readFiles } from "../../src/studio/lab/dropped-data.ts";
import { writePng } from "../data/write-png.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-files-"));
afterAll(() => rmSync(home, { recursive: true }));

/** An IDX file of bytes. */
const idx = (...shape: readonly number[]) => {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) =>
    shape.length === 1 ? k % 3 : (k * 31) % 251,
  );
  return Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...values);
};

/** An NPY file of 32-bit integers. */
const npy = (shape: readonly number[], value: (k: number) => number) => {
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`.padEnd(117);
  const values = Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => value(k));
  const head = new TextEncoder().encode(`_NUMPY__v_${header}\n`);
  head.set([0x93], 0);
  head.set([1, 0, 118, 0], 6);
  return new Uint8Array([...head, ...new Uint8Array(values.buffer)]);
};

/** A grey image, its scanlines after filter 0. */
const png = (seed: number) => writePng({ width: 3, height: 2, depth: 8, colour: 0, samples: [seed, 2, 3, 4, 5, seed] });

const table = (rows: number) =>
  Array.from({ length: rows }, (_, i) => `${i},${(i * 3) % 7},${"xyz"[i % 3]}`).join("\n");

const SETS: Record<string, { readonly files: Record<string, string | Uint8Array>; readonly at: string }> = {
  "an IDX set": {
    files: {
      "set/train-images-idx3-ubyte.gz": gzipSync(idx(12, 4, 2)),
      "set/train-labels-idx1-ubyte": idx(12),
      "set/t10k-images-idx3-ubyte": idx(6, 4, 2),
      "set/t10k-labels-idx1-ubyte.gz": gzipSync(idx(6)),
    },
    at: "set",
  },
  "a pair of NPY files": {
    files: { "arrays/X.npy": npy([9, 2], (k) => k * k), "arrays/y.npy": npy([9], (k) => k % 3) },
    at: "arrays/X.npy",
  },
  "a CSV file": { files: { "flowers.csv": `a,b,kind\n${table(30)}\n` }, at: "flowers.csv" },
  "a folder of PNGs": {
    files: Object.fromEntries(
      ["train/1/b.png", "train/1/a.png", "train/0/c.png", "test/0/d.png", "test/1/e.png", "train/10/f.png"].map(
        (name, k) => [`pictures/${name}`, png(k)],
      ),
    ),
    at: "pictures",
  },
};

test.each(Object.keys(SETS))("%s", async (name) => {
  const { files, at } = SETS[name]!;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  const dropped = Object.keys(files)
    .toReversed() // in whatever order a browser gives them
    .map((path) => ({ name: path, bytes: new Uint8Array(readFileSync(join(home, path))).buffer }));
  const { source } = await readFiles(dropped);
  const known = await loadSource(join(home, at));
  const rows = ({ features, labels, classes, image }: typeof known.train) => ({ features, labels, classes, image });
  expect(rows(source!.train)).toEqual(rows(known.train));
  expect(source!.test && rows(source!.test)).toEqual(known.test && rows(known.test));
  expect([source!.sha256, source!.warnings]).toEqual([known.sha256, known.warnings]);
});
