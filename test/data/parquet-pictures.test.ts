// Pictures in Parquet, {bytes, path}, as the data sets of Hugging Face keep them.
import { ByteWriter, parquetWrite, type SchemaElement } from "hyparquet-writer";
import { expect, test } from "vitest";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { readParquetPictures } from "../../src/data/formats/parquet-pictures.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { type ReadFilesOptions, readSource } from "../../src/data/read-files.ts";
import { InvalidInput } from "../../src/errors.ts";
import { writePng } from "./write-png.ts";

const NAMES = '{"info":{"features":{"label":{"names":["cat","dog"],"_type":"ClassLabel"}}}}';
const png = (k: number) =>
  new Uint8Array(
    writePng({
      width: 5,
      height: 4,
      depth: 8,
      colour: 0,
      samples: Array.from({ length: 20 }, (_, p) => (p * k) % 256),
    }),
  );

type Row = { readonly picture: Uint8Array | null; readonly label?: bigint; readonly path?: string };

/** A file of pictures and, where the first row has one, their labels. */
function write(rows: readonly Row[], { names = true, column = "label" } = {}): Uint8Array<ArrayBuffer> {
  const labelled = rows[0]!.label !== undefined;
  const writer = new ByteWriter();
  const image = rows.map(({ picture, path = null }) => ({ bytes: picture, path }));
  const label = { name: column, data: rows.map((row) => row.label ?? 0n) as never };
  parquetWrite({
    writer,
    columnData: [{ name: "image", data: image as never }, ...(labelled ? [label] : [])],
    schema: [
      { name: "root", num_children: labelled ? 2 : 1 },
      { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      ...(labelled ? [{ name: column, type: "INT64", repetition_type: "OPTIONAL" }] : []),
    ] as SchemaElement[],
    kvMetadata: names ? [{ key: "huggingface", value: NAMES }] : [],
  });
  return new Uint8Array(writer.getBuffer());
}

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
