// Models, records and checkpoints are read as data are: plain files only, bounded, told from their first bytes.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { diskFiles } from "../../src/data/disk-files.ts";
import { readFeatures } from "../../src/data/read-files.ts";
import { loadSource } from "../../src/data/source.ts";
import { InvalidInput } from "../../src/errors.ts";
import { Journal } from "../../src/files/run/journal.ts";
import { findCheckpoint, loadModel, openRunFolder } from "../../src/files/run/run-folder.ts";

const root = mkdtempSync(join(tmpdir(), "guards-"));
afterAll(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, "place-"));

async function refusal(read: () => Promise<unknown>): Promise<InvalidInput> {
  const error = await read().then(
    () => new Error("it was read"),
    (error: unknown) => error,
  );
  if (error instanceof InvalidInput) return error;
  throw error;
}

const PLACES: Readonly<Record<string, (path: string) => void>> = {
  "a pipe": (path) => execFileSync("mkfifo", [path]),
  "a link to a device without an end": (path) => symlinkSync("/dev/zero", path),
  "a link to a full device": (path) => symlinkSync("/dev/full", path),
  "a link in a circle": (path) => symlinkSync(path, path),
  "a folder": (path) => mkdirSync(path),
  "a file that has no size and no end": (path) => symlinkSync("/proc/self/mem", path),
};

const READERS: Readonly<Record<string, readonly [file: string, (folder: string) => Promise<unknown>]>> = {
  "a model by its path": ["m.safetensors", (folder) => loadModel(join(folder, "m.safetensors"))],
  "the model of a run": ["model.safetensors", (folder) => loadModel(folder)],
  "the record of a run": ["run.json", openRunFolder],
  "a checkpoint": ["checkpoint.safetensors", findCheckpoint],
  "a lock": [".lock-1", (folder) => Journal.open(folder)],
};

if (process.platform === "linux")
  for (const [place, make] of Object.entries(PLACES))
    test.each(Object.entries(READERS))(`${place} in the place of %s is refused at once`, async (_, [file, read]) => {
      const folder = fresh();
      make(join(folder, file));
      if (place === "a folder" && file === "m.safetensors") return; // taken for a run's
      const error = await refusal(() => read(folder));
      expect(error.exit).toBe(2);
      expect(error.file).toBe(join(folder, file));
      expect(["FILE_UNREADABLE", "NOT_A_FILE", "BAD_SAFETENSORS"]).toContain(error.code);
    });

test.each<[string, string | Uint8Array, string]>([
  ["a PyTorch archive", "PK\x03\x04 archive/data.pkl", "ZIP"],
  ["a pickle", Uint8Array.of(0x80, 2, 0x7d, 0x71, 0), "pickle"],
  ["an ONNX model", Uint8Array.of(8, 7, 0x12, 9, 0x64, 0x65, 0x6c, 0x74, 0x61), "ONNX"],
  ["an HDF5 file", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a), "HDF5"],
  ["a record", '{\n  "format": 1\n}', "JSON"],
  ["a gzipped file", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0), "gzip"],
  ["an array", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0), "NumPy"],
])("%s given for a model is named for what it is", async (_, content, word) => {
  const path = join(fresh(), "m.safetensors");
  writeFileSync(path, content);
  const error = await refusal(() => loadModel(path));
  expect(error.code).toBe("NOT_A_MODEL");
  expect(error.message).toContain(word);
});

test.each(["t.npz", "t.parquet", "X.npy", "a-images-idx3-ubyte"])(
  "of a large %s that is none the first bytes are read only",
  async (name) => {
    const folder = fresh();
    for (const labels of ["y.npy", "a-labels-idx1-ubyte"]) writeFileSync(join(folder, labels), "");
    writeFileSync(join(folder, name), "nothing");
    truncateSync(join(folder, name), 2 ** 31 - 1);
    const before = process.memoryUsage().arrayBuffers;
    const error = await refusal(() => loadSource(join(folder, name)));
    expect(error.message).toContain("got the bytes 6e 6f");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  },
);

test.each(["t.npz", "X.npy", "a-images-idx3-ubyte", "one.png"])(
  "of a large %s to predict on that is none the first bytes are read only",
  async (name) => {
    const folder = fresh();
    writeFileSync(join(folder, name), "nothing");
    truncateSync(join(folder, name), 2 ** 28 - 1);
    const before = process.memoryUsage().arrayBuffers;
    const error = await refusal(() => readFeatures(diskFiles(folder), name));
    expect(error.message).toContain("got the bytes 6e 6f");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
    truncateSync(join(folder, name), 2 ** 31 - 1);
    if (name === "one.png")
      expect((await refusal(() => readFeatures(diskFiles(folder), name))).message).toContain("268435456");
  },
);

test.skipIf(process.platform === "win32")("a folder that may not be listed is refused with its name", async () => {
  const folder = fresh();
  writeFileSync(join(folder, "X.npy"), "");
  writeFileSync(join(folder, "a-images-idx3-ubyte"), "");
  chmodSync(folder, 0o311);
  chmodSync(root, 0o755);
  const powerful = process.geteuid!() === 0;
  if (powerful) process.seteuid!(65534); // for whom permissions hold
  try {
    for (const data of [folder, join(folder, "X.npy"), join(folder, "a-images-idx3-ubyte")]) {
      const error = await refusal(() => loadSource(data));
      expect([error.code, error.message]).toEqual([
        "DATA_UNREADABLE",
        expect.stringMatching(/guards-.*: the file cannot be read \(EACCES\)\.$/),
      ]);
    }
  } finally {
    if (powerful) process.seteuid!(0);
    chmodSync(folder, 0o755);
  }
});

test("of a large file that is none the first bytes are read only", async () => {
  const path = join(fresh(), "m.safetensors");
  writeFileSync(path, "no model at all");
  truncateSync(path, 2 ** 31 - 1); // sparse
  const before = process.memoryUsage().arrayBuffers;
  const error = await refusal(() => loadModel(path));
  expect(error.code).toBe("BAD_SAFETENSORS");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
});
