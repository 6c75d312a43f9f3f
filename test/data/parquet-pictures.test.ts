// Pictures in Parquet, {bytes, path}, as the data sets of Hugging Face keep them.
import { expect, test } from "vitest";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { readParquetPictures } from "../../src/data/formats/parquet-pictures.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { type ReadFilesOptions, readSource } from "../../src/data/read-files.ts";
import { InvalidInput } from "../../src/errors.ts";
import { png, type PictureRow as Row, write } from "./write-parquet-pictures.ts";

const rows = (...ks: number[]): Row[] =>
  ks.map((k) => ({ picture: png(k), label: BigInt(k % 2), path: k > 2 ? `${k}.png` : undefined }) as Row);
const read = (files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>, options: ReadFilesOptions = {}) => {
  const set = memoryFiles(Object.entries(files).map(([name, bytes]) => ({ name, bytes })));
  return readSource(set, Object.keys(files), options);
};
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InvalidInput);
  const { code, message } = error as InvalidInput;
  return `${code} ${message}`;
};
const pixels = (...ks: number[]) => ks.flatMap((k) => Array.from({ length: 20 }, (_, p) => (p * k) % 256));

test("pictures are handed on as they lie in the file, with the names of their labels", async () => {
  expect(await readParquetPictures(write(rows(2, 3)))).toEqual({
    pictures: [
      { bytes: png(2), path: null },
      { bytes: png(3), path: "3.png" },
    ],
    labels: ["cat", "dog"],
  });
});

test("a file of pictures is a data set of them, in classes of their names", async () => {
  const { train, notes, name } = await read({ "pets.parquet": write(rows(1, 2, 3, 4, 5)) });
  expect([name, train.classes, [...train.labels], train.image]).toEqual([
    "pets",
    ["cat", "dog"],
    [1, 0, 1, 0, 1],
    { height: 4, width: 5 },
  ]);
  expect([...train.features]).toEqual(pixels(1, 2, 3, 4, 5));
  expect(notes).toEqual(["5 pictures as 5 × 4 in grey, the size they have."]);
});

test("the files of each part are read in their order, whatever order they are given in", async () => {
  const { train, test, validation } = await read({
    "test-00000-of-00001.parquet": write(rows(9)),
    "train-00001-of-00002.parquet": write(rows(5, 6)),
    "validation-00000-of-00001.parquet": write(rows(8)),
    "train-00000-of-00002.parquet": write(rows(1, 2)),
  });
  expect([train, test, validation].map((part) => [...part!.features])).toEqual([
    pixels(1, 2, 5, 6),
    pixels(9),
    pixels(8),
  ]);
});

test("size and color are chosen as for other pictures, and numbers without names are classes", async () => {
  const file = { "x.parquet": write(rows(1, 2), { names: false }) };
  const { train } = await read(file, { pictures: { size: { width: 2, height: 2 }, color: "rgb" } });
  expect([train.cols, train.classes, train.picture?.color]).toEqual([12, ["0", "1"], "rgb"]);
});

test("a column of labels is named where it has another name, and left out where there is none to learn", async () => {
  const file = { "x.parquet": write(rows(1, 2), { column: "breed", names: false }) };
  expect(await refusal(read(file))).toContain("its pictures have no labels: there is no column named label");
  expect((await read(file, { label: "breed" })).train.classes).toEqual(["0", "1"]);
  expect((await read(file, { label: null })).train.rows).toBe(2);
  expect(await refusal(read(file, { label: "race" }))).toContain('there is no column "race"');
});

test("a picture that is missing or broken is named by its row", async () => {
  const missing = [...rows(1), { picture: null, label: 1n }];
  expect(await refusal(read({ "x.parquet": write(missing) }))).toContain("row 2 column 1 (image): the picture's bytes");
  const broken = [...rows(1), { picture: Uint8Array.of(1, 2, 3), label: 1n }];
  expect(await refusal(read({ "x.parquet": write(broken) }))).toContain("row 2");
  const { train, notes } = await read({ "x.parquet": write(broken) }, { pictures: { skipBad: true } });
  expect([train.rows, notes!.join(" ")]).toEqual([1, expect.stringContaining("1 unreadable left out: row 2")]);
});

test("a class that training has not is refused in the test part", async () => {
  const files = {
    "train.parquet": write(rows(1, 3), { names: false }),
    "test.parquet": write(rows(2), { names: false }),
  };
  expect(await refusal(read(files))).toContain("UNKNOWN_CLASS");
});

test("where a table is read, pictures are refused by their column", async () => {
  expect(await refusal(readParquet(write(rows(1)), { name: "x" }))).toContain(
    "BAD_PARQUET column 1 (image): it holds pictures, {bytes, path}",
  );
});
