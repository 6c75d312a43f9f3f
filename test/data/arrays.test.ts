// Arrays as other programs leave them: labels of every kind, features of every width, names of every habit.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { datasetFromArrays, type LabelArray, type PairNames, pairOf } from "../../src/data/formats/arrays.ts";
import { readNpy } from "../../src/data/formats/npy.ts";
import { readNpz } from "../../src/data/formats/npz.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import { writeIdx } from "./write-idx.ts";
import { writeNpy, writeNpyOf, writeNpyTexts } from "./write-npy.ts";
import { writeZip } from "./write-zip.ts";

const X = readNpy(writeNpy("f4", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
const names = { name: "a", code: "BAD_NPY", featuresFile: "X.npy", labelsFile: "y.npy" } as const;
const withLabels = (y: Uint8Array) => pairOf(X, readNpy(y), names);
const labelled = (y: Uint8Array) => {
  const { data } = withLabels(y);
  return [data.classes, [...data.labels]];
};
const refusal = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    return (error as { line: string }).line;
  }
  throw new Error("it was read");
};

describe("labels", () => {
  test.each([
    ["int8", "|i1", Int8Array.of(0, 1, 1, 0)],
    ["uint8", "|u1", Uint8Array.of(0, 1, 1, 0)],
    ["int16", "<i2", Int16Array.of(0, 1, 1, 0)],
    ["uint16", "<u2", Uint16Array.of(0, 1, 1, 0)],
    ["int32", "<i4", Int32Array.of(0, 1, 1, 0)],
    ["uint32", "<u4", Uint32Array.of(0, 1, 1, 0)],
    ["int64", "<i8", BigInt64Array.of(0n, 1n, 1n, 0n)],
    ["uint64", "<u8", BigUint64Array.of(0n, 1n, 1n, 0n)],
    ["bool", "|b1", Uint8Array.of(0, 1, 1, 0)],
    ["float16", "<f2", Uint16Array.of(0, 0x3c00, 0x3c00, 0)],
  ])("of %s are classes", (_, descr, values) => {
    expect(labelled(writeNpyOf(descr, [4], values))).toEqual([
      ["0", "1"],
      [0, 1, 1, 0],
    ]);
  });
  test("in a column are flattened", () => {
    expect(labelled(writeNpy("u1", [4, 1], [2, 0, 1, 2]))).toEqual([
      ["0", "1", "2"],
      [2, 0, 1, 2],
    ]);
  });
  test("that are one-hot are the place of the 1, and that is said", () => {
    const y = writeNpy("u1", [4, 3], [0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0]);
    expect(labelled(y)).toEqual([
      ["0", "1", "2"],
      [1, 0, 2, 1],
    ]);
    expect(withLabels(y).notes).toEqual(["Labels are one-hot: the place of the 1 among 3 columns is the class."]);
    expect(refusal(() => withLabels(writeNpy("f4", [4, 2], [0, 1, 0.5, 0.5, 1, 0, 0, 1])))).toBe(
      "error BAD_NPY y.npy:row 2: labels of 2 columns must be one-hot: each row one 1 and else 0. Give one class a row: y.argmax(axis=1).",
    );
  });
  test("that are text are names, of any alphabet, in bytes or characters", () => {
    expect(labelled(writeNpyTexts(["猫", "dog", "猫", "é"]))).toEqual([
      ["dog", "é", "猫"],
      [2, 0, 2, 1],
    ]);
    const bytes = Buffer.from("ab\0\0b\0\0\0ab\0\0c\0\0\0", "latin1");
    expect(labelled(writeNpyOf("|S4", [4], bytes))).toEqual([
      ["ab", "b", "c"],
      [0, 1, 0, 2],
    ]);
    expect(labelled(writeNpyTexts(["10", "9", "10", "1"]))).toEqual([
      ["1", "9", "10"],
      [2, 1, 2, 0],
    ]);
  });
  test("of −1 and 1, or of 1 … K, are the classes that occur, and that is said", () => {
    expect(labelled(writeNpyOf("|i1", [4], Int8Array.of(-1, 1, 1, -1)))).toEqual([
      ["-1", "1"],
      [0, 1, 1, 0],
    ]);
    const y = writeNpy("u1", [4], [3, 1, 2, 3]);
    expect(labelled(y)).toEqual([
      ["1", "2", "3"],
      [2, 0, 1, 2],
    ]);
    expect(withLabels(y).notes).toEqual(["Labels are 1 … 3: the 3 that occur are the classes."]);
  });
  test("with given classes are their names, or else places among them", () => {
    const y = readNpy(writeNpy("u1", [4], [3, 1, 2, 3]));
    const named = datasetFromArrays(X, y, { ...names, classes: ["1", "2", "3"] });
    expect([named.classes, [...named.labels]]).toEqual([
      ["1", "2", "3"],
      [2, 0, 1, 2],
    ]);
    const placed = datasetFromArrays(X, y, { ...names, classes: ["a", "b", "c", "d"] });
    expect([...placed.labels]).toEqual([3, 1, 2, 3]);
  });
  test("that are pickled, or no integers, are refused with what to do", () => {
    expect(refusal(() => withLabels(writeNpyOf("|O", [4], new Uint8Array(32))))).toContain(
      "Pickled objects are never read",
    );
    expect(refusal(() => withLabels(writeNpy("f4", [4], [0, 0.5, 1, 1])))).toContain(
      "labels[1] must be an integer, got 0.5",
    );
  });
});

describe("features", () => {
  const y = readNpy(writeNpy("u1", [2], [0, 1]));
  const features = (x: Uint8Array) => datasetFromArrays(readNpy(x), y, names);
  test("of float16 and bool are numbers, never bytes", () => {
    const half = features(writeNpyOf("<f2", [2, 2], Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x3555)));
    expect([...half.features]).toEqual([1, -2, 2 ** -24, 0.333251953125]);
    const truth = features(writeNpyOf("|b1", [2, 2], Uint8Array.of(0, 1, 1, 0)));
    expect([truth.features, truth.features instanceof Float32Array]).toEqual([Float32Array.of(0, 1, 1, 0), true]);
  });
  test("of text are refused, and an infinite half as any infinite number", () => {
    const texts = readNpy(writeNpyTexts(["a", "b"]));
    expect(refusal(() => datasetFromArrays({ ...texts, shape: [2, 1] }, y, names))).toContain(
      "features must be numbers, got text",
    );
    expect(refusal(() => features(writeNpyOf("<f2", [2, 1], Uint16Array.of(0x7c00, 0))))).toContain("finite float32");
  });
  test("[N, H, W, 1] and [N, 1, H, W] are grey pictures, without a warning for every constant pixel", async () => {
    for (const shape of [
      [2, 3, 2, 1],
      [2, 1, 3, 2],
    ]) {
      const files = memoryFiles([
        { name: "X.npy", bytes: writeNpy("u1", shape, [0, 0, 9, 0, 0, 0, 0, 0, 8, 0, 0, 0]) },
        { name: "y.npy", bytes: writeNpy("u1", [2], [0, 1]) },
      ]);
      const { train, warnings } = await readSource(files, ["X.npy"]);
      expect([train.image, train.cols]).toEqual([{ height: 3, width: 2 }, 6]);
      expect(warnings).toEqual(["2 classes have one example only: 0, 1."]);
    }
  });
  test("[N, H, W, 3] are pictures in color, or their brightness, and which is said", () => {
    const x = readNpy(writeNpy("u1", [2, 1, 2, 3], [255, 0, 0, 0, 0, 255, 9, 9, 9, 0, 0, 0]));
    const color = pairOf(x, y, names);
    expect([color.data.cols, color.data.image, color.data.picture?.color]).toEqual([6, undefined, "rgb"]);
    expect(color.notes).toEqual(["Pictures of 2 × 1 in color: 6 numbers each; --color grey takes their brightness."]);
    const grey = pairOf(x, y, { ...names, color: "grey" });
    expect([[...grey.data.features], grey.data.image]).toEqual([[76, 29, 9, 0], { height: 1, width: 2 }]);
    const planes = readNpy(
      writeNpy(
        "u1",
        [2, 3, 2, 2],
        Array.from({ length: 24 }, (_, k) => k),
      ),
    );
    expect([...datasetFromArrays(planes, y, names).features.subarray(0, 6)]).toEqual([0, 4, 8, 1, 5, 9]);
  });
  test("know whether they are bytes or fractions, and what their borders are", () => {
    const fractions = features(writeNpy("f4", [2, 2, 2], [0, 1, 0.5, 0, 0, 0, 0, 1]));
    expect(fractions.picture).toMatchObject({ white: 1, border: { mean: 79.69 } });
    const bytes = features(writeNpy("f4", [2, 2, 2], [0, 255, 0, 0, 0, 0, 0, 0]));
    expect(bytes.picture).toMatchObject({ white: 255, border: { mean: 31.88, deviation: 31.88 } });
  });
});

describe("the arrays of an archive are found by their names", () => {
  const x = writeNpy("u1", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const y = writeNpy("u1", [2, 1], [0, 1]);
  const archive = (all: Record<string, Uint8Array>) =>
    writeZip(Object.entries(all).map(([name, data]) => ({ name: `${name}.npy`, data })));
  const pairs: readonly (readonly [string, string])[] = [
    ["x", "y"],
    ["X", "y"],
    ["data", "target"],
    ["data", "labels"],
    ["images", "labels"],
    ["features", "targets"],
    ["x_train", "y_train"],
    ["train_images", "train_labels"],
    ["XTrain", "yTrain"],
    ["train_set_x", "train_set_y"],
    ["x_train_images", "y_train"],
  ];
  test.each(pairs)("%s and %s", async (features, labels) => {
    const { train } = await readNpz(archive({ [labels]: y, [features]: x }), { name: "a" });
    expect([train.rows, train.image, train.classes]).toEqual([2, { height: 2, width: 2 }, ["0", "1"]]);
  });
  test("with parts to test and to validate", async () => {
    const all = Object.fromEntries(
      ["train", "test", "val"].flatMap((part) => [
        [`${part}_images`, x],
        [`${part}_labels`, y],
      ]),
    );
    const { train, test: held, validation } = await readNpz(archive(all), { name: "a" });
    expect([train.name, held?.name, validation?.name]).toEqual(["a train", "a test", "a validation"]);
  });
  test("or named by the user, where names say nothing", async () => {
    const odd = archive({ arr_0: x, arr_1: y, more: x });
    await expect(readNpz(odd, { name: "a", file: "a.npz" })).rejects.toMatchObject({
      reason:
        'an archive of arrays needs x and y, features and labels, or x_train and y_train, got ["arr_0", "arr_1", "more"]. --arrays X,y names features and labels.',
    });
    const { train } = await readNpz(odd, { name: "a", arrays: ["arr_0", "arr_1"] });
    expect(train.rows).toBe(2);
    await expect(readNpz(odd, { name: "a", arrays: ["arr_0", "arr_2"] })).rejects.toMatchObject({
      reason: 'it holds no array "arr_2"; it has ["arr_0", "arr_1", "more"].',
    });
  });
});

describe("EMNIST's files", () => {
  const images = writeIdx(8, [2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const set = (name: string, labels: readonly number[] = [1, 26]) => [
    { name: `${name}-train-images-idx3-ubyte`, bytes: images },
    { name: `${name}-train-labels-idx1-ubyte`, bytes: writeIdx(8, [2], labels) },
    { name: `${name}-test-images-idx3-ubyte.gz`, bytes: new Uint8Array(gzipSync(images)) },
    { name: `${name}-test-labels-idx1-ubyte.gz`, bytes: new Uint8Array(gzipSync(writeIdx(8, [2], [2, 1]))) },
  ];
  test("are found by the beginning of their names, both parts, upright, with the classes that occur", async () => {
    const { train, test: held, notes } = await readSource(memoryFiles(set("emnist-letters")), undefined);
    expect([train.classes, held?.classes]).toEqual([
      ["1", "2", "26"],
      ["1", "2", "26"],
    ]);
    expect([[...train.labels], [...held!.labels]]).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect([train.image, [...train.features.subarray(0, 6)]]).toEqual([{ height: 3, width: 2 }, [1, 4, 2, 5, 3, 6]]);
    expect(notes).toEqual([
      "Rows and columns of the pictures are exchanged, as EMNIST's files hold them transposed; --no-transpose leaves them.",
      "Labels are 1 … 26: the 2 that occur are the classes.",
    ]);
  });
  test("stay as they are stored where that is wanted, and others are exchanged where that is wanted", async () => {
    const files = memoryFiles(set("emnist-letters"));
    const stored = await readSource(files, undefined, { pictures: { transpose: false } });
    expect(stored.train.image).toEqual({ height: 2, width: 3 });
    const other = await readSource(memoryFiles(set("mine")), undefined, { pictures: { transpose: true } });
    expect([other.train.image, other.notes?.[0]]).toEqual([
      { height: 3, width: 2 },
      "Rows and columns of the pictures are exchanged, as chosen.",
    ]);
  });
  test("of the test part are used where the images of the training part are named", async () => {
    const files = memoryFiles(set("emnist-letters"));
    const { test: held } = await readSource(files, ["emnist-letters-train-images-idx3-ubyte"]);
    expect(held?.rows).toBe(2);
  });
  test("of several sets in one folder are listed, with how to choose", async () => {
    const files = memoryFiles([...set("emnist-letters"), ...set("emnist-digits")]);
    await expect(readSource(files, undefined)).rejects.toMatchObject({
      reason:
        "the folder holds several sets: emnist-digits, emnist-letters. Give the training images of one, such as emnist-digits-train-images-idx3-ubyte.",
    });
  });
});

describe("labels that are no classes", () => {
  const X: LabelArray = { shape: [4, 1], values: Float32Array.of(1, 2, 3, 4) };
  const pair = (
    task: PairNames["task"],
    shape: number[],
    values: LabelArray["values"],
    more: Partial<PairNames> = {},
  ) => pairOf(X, { shape, values }, { name: "d", code: "BAD_NPY", labelsFile: "y.npy", task, ...more });

  test("are numbers or labels as told, with the names that are known", () => {
    const { data, notes } = pair("regress", [4, 1], Int32Array.of(3, 1, 2, 2));
    expect([data.task, data.classes, [...data.values!], notes]).toEqual(["regress", ["value"], [3, 1, 2, 2], []]);
    const several = pair("multilabel", [4, 2], Uint8Array.of(1, 1, 0, 0, 1, 0, 0, 1), { classes: ["a", "b"] }).data;
    expect([several.task, several.classes, several.values!.length]).toEqual(["multilabel", ["a", "b"], 8]);
  });

  test("are found by their values, which is said", () => {
    const found = (shape: number[], values: LabelArray["values"]) => {
      const { data, notes } = pair("found", shape, values);
      return [data.task, notes.some((note) => note.includes("by its values"))];
    };
    expect(found([4], Float64Array.of(0.5, 1, 2, 3))).toEqual(["regress", true]);
    expect(found([4], Float64Array.of(0, 1, 1, 0))).toEqual([undefined, false]);
    expect(found([4, 2], Int32Array.of(1, 0, 0, 1, 1, 0, 0, 1))).toEqual([undefined, false]); // one-hot
    expect(found([4, 2], Int32Array.of(1, 1, 0, 1, 1, 0, 0, 0))).toEqual(["multilabel", true]);
    expect(found([4, 2], Int32Array.of(7, 1, 0, 1, 1, 0, 0, 0))).toEqual(["regress", true]);
  });

  test("are refused where they are none, with their place", () => {
    expect(() => pair("regress", [4], Float64Array.of(1, Number.NaN, 2, 3))).toThrow(
      /y\.npy:row 2 column 1: the target must be a finite number, got NaN/,
    );
    expect(() => pair("multilabel", [4, 1], Int32Array.of(0, 1, 2, 0))).toThrow(
      /row 3 column 1: the target must be 1 where the label is there, else 0, got 2/,
    );
    expect(() => pair("regress", [3], Float64Array.of(1, 2, 3))).toThrow(/targets must be an array \[4\]/);
  });
});
