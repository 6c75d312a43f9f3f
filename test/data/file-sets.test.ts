// The same files on a disk and in memory, as a page has them, are the same data set or the same refusal.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import type { Source } from "../../src/data/dataset.ts";
import { diskFile, diskFiles } from "../../src/data/disk-files.ts";
import { CHUNK, type FileSet } from "../../src/data/file-set.ts";
import { memoryFiles, type NamedBytes } from "../../src/data/memory-files.ts";
import { readFeatures, readSource } from "../../src/data/read-files.ts";
import { DeltapropError } from "../../src/errors.ts";
import { FORMATS } from "../hostile/case.ts";
import { CASES } from "../hostile/make.ts";
import { writeIdx } from "./write-idx.ts";
import { writeNpy } from "./write-npy.ts";
import { writePng } from "./write-png.ts";
import { writeZip } from "./write-zip.ts";

const home = mkdtempSync(join(tmpdir(), "deltaprop-files-"));
afterAll(() => rmSync(home, { recursive: true }));

type Files = Readonly<Record<string, string | Uint8Array>>;

let made = 0;
/** The files below a folder called set/, written to a disk. */
function write(files: Files): string {
  const root = join(home, String(made++), "set");
  mkdirSync(root, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

/** The files as a browser gives a dropped folder, in another order than a disk's. */
function dropped(root: string): NamedBytes[] {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(root, name)).isFile(),
  );
  return names
    .sort()
    .reverse()
    .map((name) => ({ name: `set/${name}`, bytes: new Uint8Array(readFileSync(join(root, name))) }));
}

/** A data set or a refusal, its paths from the root on. */
async function outcome(files: FileSet, work: Promise<Source>): Promise<unknown> {
  try {
    const { name, train, test: held, sha256, warnings } = await work;
    return { name, train, held, sha256, warnings };
  } catch (error) {
    if (!(error instanceof DeltapropError)) throw error;
    const { code, reason: message, at, file = "" } = error;
    const root = files.shown("");
    if (!file.startsWith(root)) throw error;
    return {
      code,
      message: root === "" ? message : message.replaceAll(root, "set"),
      at,
      file: file.slice(root.length),
    };
  }
}

/** The outcome for a whole folder, or for `path` in it, from a disk and from memory: the same. */
async function both(files: Files, path?: string): Promise<unknown> {
  const root = write(files);
  const [disk, memory] = [diskFiles(root), memoryFiles(dropped(root))];
  const paths = path === undefined ? undefined : [path];
  const expected = await outcome(disk, readSource(disk, paths));
  expect(await outcome(memory, readSource(memory, paths))).toEqual(expected);
  return expected;
}

const many = (n: number, value: (k: number) => number) => Array.from({ length: n }, (_, k) => value(k));
const images = (n: number, by = 31) =>
  writeIdx(
    8,
    [n, 3, 2],
    many(6 * n, (k) => (k * by) % 251),
  );
const labels = (n: number) =>
  writeIdx(
    8,
    [n],
    many(n, (k) => k % 3),
  );
const X = (n: number, by = 1) =>
  writeNpy(
    "f4",
    [n, 2],
    many(2 * n, (k) => k * by),
  );
const y = (n: number) =>
  writeNpy(
    "i8",
    [n],
    many(n, (k) => k % 3),
  );
const png = (seed: number, width = 3) =>
  writePng({ width, height: 2, depth: 8, colour: 0, samples: many(2 * width, (k) => (seed * 7 + k) % 256) });
const table = (n: number, by = 7) =>
  `a,b,kind\n${many(n, (k) => k)
    .map((k) => `${k / 8},${(k * 3) % by},${"xyz"[k % 3]}\n`)
    .join("")}`;
const parquet = Object.values(CASES.parquet.find(({ error }) => !error)!.files)[0]!;

const SETS: Readonly<Record<string, readonly [files: Files, path?: string]>> = {
  "an IDX set, half of it gzipped": [
    {
      "train-images-idx3-ubyte.gz": gzipSync(images(12)),
      "train-labels-idx1-ubyte": labels(12),
      "t10k-images-idx3-ubyte": images(6, 17),
      "t10k-labels-idx1-ubyte.gz": gzipSync(labels(6)),
      "README.md": "read me",
    },
  ],
  "an IDX set in a folder of its own": [
    { "raw/train-images.idx3-ubyte": images(12), "raw/train-labels.idx1-ubyte": labels(12) },
  ],
  "an IDX set both packed and unpacked": [
    {
      "train-images-idx3-ubyte": images(12),
      "train-images-idx3-ubyte.gz": gzipSync(images(12)),
      "train-labels-idx1-ubyte": labels(12),
    },
  ],
  "IDX images with the labels beside them": [
    { "a-images-idx3-ubyte": images(4), "a-labels-idx1-ubyte.gz": gzipSync(labels(4)), "b.csv": "" },
    "a-images-idx3-ubyte",
  ],
  "a pair of NPY files": [{ "X.npy": X(9), "y.npy": y(9) }, "X.npy"],
  "two pairs of NPY files": [
    { "X_train.npy": X(9), "Y_train.npy": y(9), "X_test.npy": X(3, 5), "y_test.npy": y(3) },
    "X_train.npy",
  ],
  "a folder of NPY files": [{ "X_train.npy": X(9), "y_train.npy": y(9), "X_test.npy": X(3), "y_test.npy": y(3) }],
  "an archive of arrays": [
    {
      "a.npz": writeZip(
        Object.entries({ "x_train.npy": X(9), "y_train.npy": y(9), "more.npy": y(1) }).map(([name, data]) => ({
          name,
          data,
        })),
      ),
    },
    "a.npz",
  ],
  "a table": [{ "flowers.csv": table(30) }, "flowers.csv"],
  "a table longer than a piece": [{ "long.csv": table(20_000) }, "long.csv"],
  "a table of tabs": [{ "t.tsv": table(30).replaceAll(",", "\t") }, "t.tsv"],
  "two tables": [{ "train.csv": table(30), "test.csv": table(9, 5) }],
  "a table alone in a folder": [{ "flowers.csv": table(30), ".hidden": "" }],
  "a Parquet file": [{ "t.parquet": parquet }, "t.parquet"],
  "two Parquet files": [{ "train.parquet": parquet, "test.parquet": parquet }],
  "folders of PNG images": [
    { "1/b.png": png(1), "1/a.png": png(2), "10/c.png": png(3), "2/d.png": png(4), "2/.x": "" },
  ],
  "another file among images": [{ "1/a.png": png(1), "1/b.txt": "", "2/c.png": png(2) }],
  "images of two sizes": [{ "1/a.png": png(1), "2/b.png": png(2, 4) }],
  "pictures that a table lists": [
    { "list.csv": "file,label\na.png,x\np/b.png,y\n", "a.png": png(1), "p/b.png": png(2) },
  ],
  "folders of PNG images in two parts": [
    Object.fromEntries(
      ["train/1/b", "train/1/a", "train/0/c", "test/0/d", "test/1/e", "train/10/f", "more/0/g"].map((path, k) => [
        `${path}.png`,
        png(k % 5),
      ]),
    ),
  ],
};

describe("is read alike", () => {
  test.each(Object.keys(SETS))("%s", async (name) => {
    const [files, path] = SETS[name]!;
    expect(await both(files, path)).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

const REFUSED: Readonly<Record<string, readonly [files: Files, code: string, file: string, path?: string]>> = {
  "an empty folder": [{}, "DATA_NOT_FOUND", ""],
  "IDX labels that are missing": [{ "train-images-idx3-ubyte": images(2) }, "DATA_NOT_FOUND", ""],
  "labels of arrays that are missing": [{ "X.npy": X(2) }, "DATA_NOT_FOUND", "X.npy", "X.npy"],
  "a file that is not there": [{ "a.csv": "" }, "DATA_NOT_FOUND", "b.csv", "b.csv"],
  "a kind that is not read": [{ "a.ods": "PK" }, "UNKNOWN_FORMAT", "a.ods", "a.ods"],
  "files of two kinds": [{ "a.csv": table(9), "X.npy": X(9) }, "UNKNOWN_FORMAT", "a.csv"],
  "three tables": [{ "a.csv": table(9), "b.csv": table(9), "test.csv": table(9) }, "DATA_NOT_FOUND", "b.csv"],
  "a test part of other columns": [
    { "train.csv": table(9), "test.csv": "a,c,kind\n1,2,x\n" },
    "WRONG_COLUMNS",
    "test.csv",
  ],
  "an image in no class": [{ "1/a.png": png(1), "b.png": png(2) }, "BAD_FOLDER", ""],
  "an image alone": [{ "b.png": png(2) }, "BAD_FOLDER", "b.png", "b.png"],
  "pictures of a kind that is not read": [{ "1/a.png": png(1), "1/b.tiff": "" }, "BAD_FOLDER", "1/b.tiff"],
  "a folder in a class": [{ "1/a.png": png(1), "1/2/b.png": png(2) }, "BAD_FOLDER", "1"],
  "a class that only the test part has": [{ "train/1/a.png": png(1), "test/2/a.png": png(1) }, "BAD_FOLDER", "test/2"],
};

describe("is refused alike", () => {
  test.each(Object.keys(REFUSED))("%s", async (name) => {
    const [files, code, file, path] = REFUSED[name]!;
    expect(await both(files, path)).toMatchObject({ code, file: file === "" ? "" : `/${file}` });
  });
  test.each(FORMATS.filter((format) => format !== "safetensors"))("every nasty file of %s", async (format) => {
    for (const { files, open, error } of CASES[format])
      expect(await both(files, open || undefined)).toMatchObject(
        error ? { code: error[0] } : { sha256: expect.any(String) },
      );
  });
});

test("an array for prediction is read alike, and a table left to its columns", async () => {
  const files: Files = {
    "X.npy": X(4),
    "images-idx3-ubyte.gz": gzipSync(images(2)),
    "d.png": png(1),
    "t.csv": table(9),
  };
  const root = write(files);
  const memory = memoryFiles(dropped(root));
  for (const name of Object.keys(files)) {
    const { files: disk, path } = diskFile(join(root, name));
    const expected = await readFeatures(disk, path);
    expect(await readFeatures(memory, name)).toEqual(expected);
    expect(expected === undefined).toBe(name === "t.csv");
  }
});

describe("files in memory", () => {
  test("are never copied: whole, and piece by piece", async () => {
    const bytes = new Uint8Array(2 * CHUNK + 5);
    const files = memoryFiles([{ name: "a.csv", bytes }]);
    expect(await files.bytes("a.csv")).toBe(bytes);
    const lengths: number[] = [];
    for await (const chunk of files.chunks("a.csv")) {
      expect(chunk.buffer).toBe(bytes.buffer);
      lengths.push(chunk.length);
    }
    expect(lengths).toEqual([CHUNK, CHUNK, 5]);
  });
  test("keep their outermost folder for a root only where all lie in it", async () => {
    const named = (...names: string[]) => memoryFiles(names.map((name) => ({ name, bytes: new Uint8Array(1) })));
    expect(await named("a/1/x.png", "a/2/y.png").list("")).toEqual([
      { name: "1", kind: "folder" },
      { name: "2", kind: "folder" },
    ]);
    expect((await named("1/x.png", "2/y.png").list("")).map(({ name }) => name)).toEqual(["1", "2"]);
    expect(named("1/x.png", "2/y.png").shown("1/x.png")).toBe("1/x.png");
    expect(named("a/1/x.png").shown("1/x.png")).toBe("a/1/x.png");
  });
});

test("a file too large is refused before it is read, on both", async () => {
  const root = write({ "a.csv": "12345" });
  for (const files of [diskFiles(root), memoryFiles(dropped(root))]) {
    await expect(files.bytes("a.csv", { most: 5 })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
      reason: "it has 5 bytes; fewer than 5 are read.",
    });
    expect((await files.bytes("a.csv", { most: 6 })).length).toBe(5);
  }
});

test("a message shows a path as it was given", () => {
  expect(diskFile("./a/b.csv").files.shown("b.csv")).toBe("./a/b.csv");
  expect(diskFile("b.csv").files.shown("y.npy")).toBe("y.npy");
  expect(diskFiles("a").shown(join("7", "b.png"))).toBe(join("a", "7", "b.png"));
  expect(basename(diskFiles("a/set").shown(""))).toBe("set");
});
