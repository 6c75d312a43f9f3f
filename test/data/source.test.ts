import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drawPart } from "../../src/data/digits/digits.ts";
import { CATALOG } from "../../src/data/named/catalog.ts";
import { type LoadOptions, loadSource } from "../../src/data/source.ts";
import { InvalidInput } from "../../src/errors.ts";
import { haveMnist, MNIST, skipped } from "../needs.ts";
import { writeIdx } from "./write-idx.ts";
import { writeNpy } from "./write-npy.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deltaprop-"));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);
const load = (name: string, options?: LoadOptions) => loadSource(join(folder, name), options);
const sha256 = (...parts: (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

async function refusal(work: Promise<unknown>): Promise<InvalidInput> {
  const error = await work.catch((reason: unknown) => reason);
  if (error instanceof InvalidInput) return error;
  throw error instanceof Error ? error : new Error("it was loaded");
}

const iris = "a,b,kind\n1,2,x\n3,5,y\n4,9,x\n5,1,y\n";
const images = writeIdx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
const labels = writeIdx(8, [2], [0, 1]);

test("digits need no file, and the seed chooses them", async () => {
  const { train, test: held, name } = await loadSource("digits", { seed: 7 });
  expect([name, train.rows, held?.rows, train.cols]).toEqual(["digits", 10_000, 2_000, 784]);
  expect(train.features.subarray(0, 7840)).toEqual(drawPart(7, "train", 10).features);
});

describe("a file", () => {
  test("of comma-separated values is a training part, hashed as it lies there", async () => {
    await put("iris.csv", iris);
    const source = await load("iris.csv");
    expect([source.name, source.train.name, source.train.rows, source.test]).toEqual(["iris", "iris", 4, undefined]);
    expect(source.sha256).toBe(sha256(iris));
  });
  test("ending in .tsv is split by tabs only", async () => {
    await put("t.tsv", "a\tb;c\tk\n1\t2\tx\n");
    expect((await load("t.tsv")).train.featureNames).toEqual(["a", "b;c"]);
  });
  test("of IDX images brings its labels from beside it", async () => {
    await put("my-images-idx3-ubyte.gz", gzipSync(images));
    await put("my-labels-idx1-ubyte", labels);
    const { train, sha256: hash } = await load("my-images-idx3-ubyte.gz");
    expect([[...train.labels], train.image]).toEqual([[0, 1], { height: 2, width: 2 }]);
    expect(hash).toBe(sha256(await readFile(join(folder, "my-images-idx3-ubyte.gz")), labels));
  });
  test("X_train.npy brings y_train.npy, and the test part, from beside it", async () => {
    await put("X_train.npy", writeNpy("f4", [3, 2], [1, 2, 3, 4, 5, 6]));
    await put("y_train.npy", writeNpy("i8", [3], [0, 1, 0]));
    await put("X_test.npy", writeNpy("f4", [1, 2], [7, 8]));
    await put("y_test.npy", writeNpy("i8", [1], [2]));
    const { train, test: held } = await load("X_train.npy");
    expect([[...train.features], [...train.labels], train.classes]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [0, 1, 0],
      ["0", "1", "2"],
    ]);
    expect([[...(held?.features ?? [])], held?.classes]).toEqual([
      [7, 8],
      ["0", "1", "2"],
    ]);
  });
});

describe("a folder", () => {
  test("with IDX files of both parts is both parts, with the classes of both", async () => {
    await put("train-images.idx3-ubyte", images);
    await put("train-labels.idx1-ubyte", labels);
    await put("t10k-images-idx3-ubyte", images);
    await put("t10k-labels-idx1-ubyte.gz", gzipSync(writeIdx(8, [2], [3, 0])));
    const { train, test: held } = await load("");
    expect([train.classes, held?.classes]).toEqual([
      ["0", "1", "3"],
      ["0", "1", "3"],
    ]);
  });
  test("with train.csv and test.csv is both parts, in the classes of the training part", async () => {
    await put("train.csv", iris);
    await put("test.csv", "a,b,kind\n7,7,y\n");
    const { train, test: held, sha256: hash } = await load("");
    expect([train.rows, held?.rows, [...(held?.labels ?? [])]]).toEqual([4, 1, [1]]);
    expect(hash).toBe(sha256(iris, "a,b,kind\n7,7,y\n"));
  });
  test("whose test.csv has the same columns in another order matches them by name, the label too", async () => {
    await put("train.csv", iris);
    for (const turned of ["b,a,kind\n5,3,y\n2,1,x\n", "kind,b,a\ny,5,3\nx,2,1\n"]) {
      await put("test.csv", turned);
      const { train, test: held } = await load("");
      expect([...held!.features]).toEqual([3, 5, 1, 2]);
      expect([held?.featureNames, [...held!.labels]]).toEqual([train.featureNames, [1, 0]]);
    }
    await put("train.csv", "kind,a,b\nx,1,2\ny,3,5\n");
    const { test: held } = await load("", { label: "1" });
    expect([...held!.features]).toEqual([3, 5, 1, 2]);
  });
  test("with a validation.csv, or one of its other names, has a validation part; without test.csv it is the test", async () => {
    await put("train.csv", iris);
    await put("val.csv", "b,kind,a\n9,y,8\n");
    const { test: judged, validation: none, notes } = await load("");
    expect([[...judged!.features], none, notes]).toEqual([
      [8, 9],
      undefined,
      ["There is no test part: the validation part is the test."],
    ]);
    await put("test.csv", "a,b,kind\n7,7,x\n");
    const { validation, test: held, sha256: hash } = await load("");
    expect([[...validation!.features], [...held!.features]]).toEqual([
      [8, 9],
      [7, 7],
    ]);
    expect(hash).toBe(sha256(iris, "b,kind,a\n9,y,8\n", "a,b,kind\n7,7,x\n"));
  });
  test("whose test.csv has other columns is refused", async () => {
    await put("train.csv", iris);
    await put("test.csv", "a,c,kind\n7,7,y\n");
    expect((await refusal(load(""))).line).toBe(
      `error WRONG_COLUMNS ${join(folder, "test.csv")}:row 1: there is no column "b", which training had. It has ["a", "c", "kind"].`,
    );
  });
  test("whose test.csv has a class that training has not: both parts have it, at its place among the names", async () => {
    await put("train.csv", iris);
    await put("test.csv", "a,b,kind\n7,7,xa\n8,8,y\n");
    const { train, test: held } = await load("");
    expect([train.classes, held!.classes, [...held!.labels]]).toEqual([
      ["x", "xa", "y"],
      ["x", "xa", "y"],
      [1, 2],
    ]);
    expect([...train.labels]).not.toContain(1);
    await expect(load("", { classes: ["x", "y"] })).rejects.toThrow('must be one of the classes ["x", "y"], got "xa"');
  });
});

describe("what cannot be loaded is refused with its file", () => {
  test("a name that is almost a set's, with the set", async () => {
    const error = await refusal(loadSource("fashon-mnist"));
    expect(error.line).toBe(
      'error UNKNOWN_DATA "fashon-mnist" is neither a file or folder here nor one of digits, mnist, fashion-mnist, kmnist, circles, xor, spiral, moons, gaussians. Did you mean fashion-mnist?',
    );
    expect((await refusal(loadSource("zzz"))).message).not.toContain("Did you mean");
  });
  test.each<[string, string, Record<string, string | Uint8Array>, string, string]>([
    ["a file that is not there", "none.csv", {}, "DATA_NOT_FOUND", "there is no such file."],
    ["a kind that is not read", "a.ods", { "a.ods": "PK" }, "UNKNOWN_FORMAT", "this kind of file is not read"],
    ["an empty folder", "", {}, "DATA_NOT_FOUND", "the folder holds neither"],
    [
      "IDX images without labels",
      "a-images-idx3-ubyte",
      { "a-images-idx3-ubyte": images },
      "DATA_NOT_FOUND",
      "a-labels-idx1-ubyte",
    ],
    [
      "IDX labels alone",
      "a-labels-idx1-ubyte",
      { "a-labels-idx1-ubyte": labels },
      "DATA_NOT_FOUND",
      "with `images` in it",
    ],
    [
      "an array without labels",
      "X.npy",
      { "X.npy": writeNpy("f4", [1, 1], [1]) },
      "DATA_NOT_FOUND",
      "y.npy is missing",
    ],
    [
      "an array with a NaN",
      "X.npy",
      { "X.npy": writeNpy("f4", [2, 1], [1, Number.NaN]), "y.npy": writeNpy("u1", [2], [0, 1]) },
      "BAD_NPY",
      "features[1, 0] must be a finite float32 number, got NaN. 1 of 2 values are not.",
    ],
    [
      "an array of no rows",
      "X.npy",
      { "X.npy": writeNpy("f4", [0, 4], []), "y.npy": writeNpy("u1", [0], []) },
      "BAD_NPY",
      "features must be rows",
    ],
    [
      "a scalar",
      "X.npy",
      { "X.npy": writeNpy("f4", [], [1]), "y.npy": writeNpy("u1", [1], [0]) },
      "BAD_NPY",
      "features must be rows",
    ],
    ["a damaged table", "a.csv", { "a.csv": "1,2\n3\n" }, "BAD_CSV", "the row has 1 cells"],
  ])("%s", async (_, name, files, code, reason) => {
    for (const [file, content] of Object.entries(files)) await put(file, content);
    const error = await refusal(load(name));
    expect(error.code).toBe(code);
    expect(error.file).toBe(join(folder, name));
    expect(error.message).toContain(reason);
  });
  test("a folder called like a table", async () => {
    await mkdir(join(folder, "a.csv"));
    expect((await refusal(load("a.csv"))).code).toBe("DATA_NOT_FOUND");
  });
  test("--label where there are no columns to choose from", async () => {
    expect((await refusal(loadSource("digits", { label: "x" }))).message).toContain("--label must be left out");
  });
});

describe.skipIf(skipped("mnist", haveMnist()))("MNIST itself", () => {
  test("has 60,000 and 10,000 rows and the label counts that are published for it", async () => {
    const { train, test: held } = await loadSource("mnist", { dataDir: MNIST });
    if (!held) throw new Error("no test part");
    const count = (part: Iterable<number>) =>
      Array.from({ length: 10 }, (_, c) => [...part].filter((y) => y === c).length);
    expect([train.rows, held.rows, train.image]).toEqual([60_000, 10_000, { height: 28, width: 28 }]);
    expect(count(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(count(held.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const header = writeIdx(8, [60_000, 28, 28], []);
    expect(sha256(header, train.features as Uint8Array)).toBe(
      // of the uncompressed file as others publish it
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    );
  });
  test("has the files of the catalog where they were not packed anew", async () => {
    const packed = (file: string) => readFile(join(MNIST, file));
    for (const { file, bytes, sha256: sum } of CATALOG.get("mnist")?.files ?? []) {
      const found = await packed(file);
      if (found.length === bytes) expect(sha256(found)).toBe(sum);
    }
  });
});
