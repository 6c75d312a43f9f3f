// Arrow files and streams of Apache's own writer, and Feather as pandas compresses it.
import { zstdCompressSync } from "node:zlib";
import {
  tableFromArrays as flechetteTable,
  tableToIPC as flechetteToIPC,
  setCompressionCodec,
} from "@uwdata/flechette";
import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int8,
  Int64,
  LargeUtf8,
  List,
  Null,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  tableFromArrays,
  tableToIPC,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import { readArrow } from "../../src/data/formats/arrow.ts";
import type { TableOptions } from "../../src/data/formats/table.ts";
import { InvalidInput } from "../../src/errors.ts";

const readTable = (bytes: Uint8Array, options: TableOptions = {}) =>
  readArrow(new Uint8Array(bytes), Object.assign({ name: "t", file: "t.arrow", label: "k" }, options));
const read = async (bytes: Uint8Array) => {
  const { data } = await readTable(bytes);
  const { features, cols, rows, labels, classes, featureNames } = data;
  return {
    rows: Array.from({ length: rows }, (_, i) => [...features.subarray(i * cols, (i + 1) * cols)]),
    labels: [...labels].map((c) => classes[c]),
    featureNames,
  };
};
const refusal = (bytes: Uint8Array) =>
  read(bytes).then(
    () => expect.fail("it was read"),
    (error: unknown) => {
      if (error instanceof InvalidInput) return `${error.code} ${error.at}: ${error.reason}`;
      throw error;
    },
  );
const K = ["a", "b", "a"];
const withColumn = (type: DataType, values: readonly unknown[]) =>
  tableToIPC(new Table({ c: vectorFromArray(values, type), k: vectorFromArray(K, new Utf8()) } as never), "stream");

const plain = tableFromArrays({
  x: Float64Array.of(1.5, 2.5, 3.5),
  n: Int32Array.of(1, -2, 3),
  k: ["setosa", "virginica", "é, and more than twelve bytes"],
});
const FOUND = {
  rows: [
    [1.5, 1],
    [2.5, -2],
    [3.5, 3],
  ],
  labels: ["setosa", "virginica", "é, and more than twelve bytes"],
  featureNames: ["x", "n"],
};

describe("a table", () => {
  test.each(["file", "stream"] as const)("in a %s", async (kind) => {
    expect(await read(tableToIPC(plain, kind))).toEqual(FOUND);
  });
  test("in several batches, each with its dictionary", async () => {
    const half = tableFromArrays({ x: Float64Array.of(4.5), n: Int32Array.of(4), k: ["setosa"] });
    const found = await read(tableToIPC(plain.concat(half), "stream"));
    expect(found).toEqual({
      rows: [...FOUND.rows, [4.5, 4]],
      labels: [...FOUND.labels, "setosa"],
      featureNames: ["x", "n"],
    });
  });
  test.each([
    ["LZ4", 0, lz4Frame],
    ["zstd", 1, (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes))],
  ] as const)("compressed by %s, as Feather is", async (_, codec, encode) => {
    setCompressionCodec(codec, { encode, decode: (bytes: Uint8Array) => bytes });
    const many = Array.from({ length: 500 }, (_, i) => i);
    const big = flechetteTable({ x: Float64Array.from(many), k: many.map((i) => `class ${i % 3}`) });
    expect(await read(flechetteToIPC(big, { format: "file", codec })!)).toEqual(
      await read(flechetteToIPC(big, { format: "file" })!),
    );
  });
  test("of no rows has none", async () => {
    const schema = new Schema([new Field("x", new Float64()), new Field("k", new Utf8())]);
    expect(await refusal(tableToIPC(new Table(schema), "file"))).toContain(
      "BAD_ARROW schema: the table has a header and no rows",
    );
  });
});

/** A frame of one block that is stored as it is. */
function lz4Frame(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((bytes.length | 0x80000000) >>> 0);
  return new Uint8Array(
    Buffer.concat([Buffer.from([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]), size, bytes, Buffer.alloc(4)]),
  );
}

describe("what pandas and polars write", () => {
  test.each<[string, DataType, unknown[], number[]]>([
    ["booleans", new Bool(), [true, false, true], [1, 0, 1]],
    ["int8", new Int8(), [-128, 0, 127], [-128, 0, 127]],
    ["uint8", new Uint8(), [0, 128, 255], [0, 128, 255]],
    ["uint32", new Uint32(), [0, 2 ** 32 - 1, 1], [0, 2 ** 32 - 1, 1]],
    ["int64", new Int64(), [-1n, 2n ** 40n, 3n], [-1, 2 ** 40, 3]],
    ["uint64", new Uint64(), [1n, 2n ** 52n, 3n], [1, 2 ** 52, 3]],
    ["float32", new Float32(), [0.5, -2, 3], [0.5, -2, 3]],
    [
      "decimals",
      new Decimal(2, 10, 128),
      [
        Uint32Array.of(110, 0, 0, 0),
        Uint32Array.of(0xfffffff9, 0xffffffff, 0xffffffff, 0xffffffff),
        Uint32Array.of(300, 0, 0, 0),
      ],
      [1.1, -0.07, 3],
    ],
  ])("%s", async (_, type, values, found) => {
    expect((await read(withColumn(type, values))).rows.flat()).toEqual(found);
  });
  test("float16", async () => {
    expect((await read(withColumn(new Float16(), [1.5, -2, 0.25]))).rows.flat()).toEqual([1.5, -2, 0.25]);
  });
  test.each<[string, DataType, (time: number) => unknown, string]>([
    ["days", new DateDay(), (time) => new Date(time), "2026-11-28"],
    ["dates in milliseconds", new DateMillisecond(), (time) => new Date(time), "2026-11-28T07:05:01"],
    ["seconds", new TimestampSecond(), (time) => time, "2026-11-28T07:05:01"],
    ["microseconds", new TimestampMicrosecond(), (time) => time, "2026-11-28T07:05:01.25"],
    ["nanoseconds", new TimestampNanosecond(), (time) => time, "2026-11-28"],
  ])("%s become those of ISO 8601", async (_, type, of, text) => {
    const time = Date.parse(text.includes("T") ? `${text}Z` : text);
    const bytes = withColumn(type, [of(time), of(0), null]);
    const { data } = await readTable(bytes);
    expect(data.columns).toEqual([{ name: "c", kind: "date" }]);
    expect([...data.features]).toEqual([expect.closeTo(time / 86_400_000, 9), 0, Number.NaN]);
    const words = await readTable(bytes, { categorical: ["c"] });
    expect(words.data.columns![0]!.levels).toEqual(["1970-01-01", text]);
  });
  test("nulls, and columns of nulls, are missing values", async () => {
    const some = await readTable(withColumn(new Float64(), [1, null, 2]));
    expect([...some.data.features]).toEqual([1, Number.NaN, 2]);
    expect(some.columns[0]).toMatchObject({ name: "c", kind: "number", role: "feature", missing: 1 });
    const nothing = withColumn(new Null(), [null, null, null]);
    expect(await refusal(nothing)).toContain("no column is left that can be a feature");
    const known = await readTable(nothing, { label: null, known: [{ name: "c", kind: "number" }] });
    expect([...known.data.features]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    const beside = new Table({
      x: vectorFromArray([4, 5, 6], new Float64()),
      c: vectorFromArray([null, null, null], new Null()),
      k: vectorFromArray(K, new Utf8()),
    } as never);
    const { data, columns, warnings } = await readTable(tableToIPC(beside, "file"));
    expect([data.featureNames, [...data.features]]).toEqual([["x"], [4, 5, 6]]);
    expect(columns[1]).toMatchObject({ name: "c", kind: "empty", role: "ignored", missing: 3 });
    expect(warnings).toContain("Left out: c (it has no values).");
  });
  test("categories, and text with wide offsets", async () => {
    for (const type of [new Dictionary(new Utf8(), new Int8()), new LargeUtf8()] as DataType[]) {
      const table = new Table({
        x: vectorFromArray([1, 2, 3], new Float64()),
        k: vectorFromArray(["b", "a", "b"], type),
      } as never);
      expect((await read(tableToIPC(table, "file"))).labels).toEqual(["b", "a", "b"]);
    }
  });
  test.each<[string, DataType]>([
    ["lists", new List(new Field("item", new Float64()))],
    ["lists of a fixed size", new FixedSizeList(2, new Field("item", new Float64()))],
  ])("%s of numbers, such as embeddings, are a column for each", async (_, type) => {
    expect(
      await read(
        withColumn(type, [
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ),
    ).toMatchObject({
      featureNames: ["c[0]", "c[1]"],
      rows: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    });
  });
  test("structs are a column for each field", async () => {
    const type = new Struct([new Field("x", new Float64()), new Field("y", new Float64())]);
    expect(
      await read(
        withColumn(type, [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
          { x: 5, y: 6 },
        ]),
      ),
    ).toMatchObject({
      featureNames: ["c.x", "c.y"],
      rows: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    });
  });
});

describe("a buffer that does not hold what it says is refused:", () => {
  const encoded = (encode: (bytes: Uint8Array) => Uint8Array) => {
    setCompressionCodec(1, { encode, decode: (bytes: Uint8Array) => bytes });
    return flechetteToIPC(flechetteTable({ x: new Float64Array(500), k: K.concat(new Array(497).fill("b")) }), {
      codec: 1,
    })!;
  };
  test.each([
    [
      "cut short",
      (bytes: Uint8Array) => zstdCompressSync(bytes).subarray(0, -1),
      "a buffer is damaged: the zstd data are cut short",
    ],
    [
      "too many bytes",
      (bytes: Uint8Array) => zstdCompressSync(Buffer.concat([bytes, bytes])),
      "a buffer is damaged: the zstd data say",
    ],
    [
      "too few bytes",
      (bytes: Uint8Array) => zstdCompressSync(bytes.subarray(1)),
      "a buffer is damaged: the zstd data give",
    ],
  ])("%s", async (_, encode, reason) => {
    expect(await refusal(encoded((bytes) => new Uint8Array(encode(bytes))))).toContain(reason);
  });
  test("a bomb", async () => {
    const bytes = encoded((given) => new Uint8Array(zstdCompressSync(given)));
    const at = Buffer.from(bytes).indexOf(Buffer.from([0xa0, 0x0f, 0, 0, 0, 0, 0, 0])); // 4000
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(at, 2n ** 40n, true);
    expect(await refusal(bytes)).toContain("more than 67108864 bytes come out of");
  });
});
