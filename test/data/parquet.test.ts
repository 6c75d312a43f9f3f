// Parquet as other programs write it: codecs, types, lists and structs. The files are those of hyparquet-writer, which
// shares no code with the reader's checks, compressed by Node and by the reference's own blocks.
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type ColumnSource, parquetWriteBuffer, type SchemaElement } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { decompress } from "../../src/data/formats/parquet-codecs.ts";
import type { TableOptions } from "../../src/data/formats/table.ts";
import { zstd } from "../../src/data/formats/zstd.ts";
import { InvalidInput } from "../../src/errors.ts";

type Codec = "GZIP" | "BROTLI" | "ZSTD" | "LZ4_RAW" | "LZ4" | "SNAPPY" | "UNCOMPRESSED";
type Packers = Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>>;

/** A block of literals alone, which is what LZ4's own writer leaves of bytes that do not repeat. */
function lz4Literals(bytes: Uint8Array): Uint8Array {
  const length = bytes.length;
  if (length < 15) return Uint8Array.from([length << 4, ...bytes]);
  const rest = length - 15;
  return Uint8Array.from([240, ...new Array<number>(Math.floor(rest / 255)).fill(255), rest % 255, ...bytes]);
}
const hadoop = (bytes: Uint8Array) => {
  const block = lz4Literals(bytes);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes.length);
  head.writeUInt32BE(block.length, 4);
  return new Uint8Array(Buffer.concat([head, block]));
};
const PACKERS: Packers = {
  GZIP: (bytes) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(brotliCompressSync(bytes)),
  ZSTD: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
  LZ4_RAW: lz4Literals,
  LZ4: hadoop,
};

const write = (
  columnData: ColumnSource[],
  options: { codec?: Codec; schema?: SchemaElement[]; rowGroupSize?: number } = {},
) => new Uint8Array(parquetWriteBuffer({ columnData, compressors: PACKERS, ...options } as never));
const readTable = (bytes: Uint8Array<ArrayBuffer>, options: TableOptions = {}) =>
  readParquet(bytes, Object.assign({ name: "t", file: "t.parquet", label: "k" }, options));
const read = async (bytes: Uint8Array<ArrayBuffer>) => {
  const { data, warnings } = await readTable(bytes);
  const { features, cols, rows, labels, classes, featureNames } = data;
  return {
    rows: Array.from({ length: rows }, (_, i) => [...features.subarray(i * cols, (i + 1) * cols)]),
    labels: [...labels].map((c) => classes[c]),
    featureNames,
    warnings,
  };
};
const refusal = (bytes: Uint8Array<ArrayBuffer>) =>
  read(bytes).then(
    () => expect.fail("it was read"),
    (error: unknown) => {
      if (error instanceof InvalidInput) return `${error.code} ${error.at}: ${error.reason}`;
      throw error;
    },
  );

const many = Array.from({ length: 3000 }, (_, i) => i);
const table: ColumnSource[] = [
  { name: "x", data: many.map((i) => i / 8), type: "DOUBLE" },
  { name: "n", data: many.map((i) => (i * 7) % 100), type: "INT32" },
  { name: "k", data: many.map((i) => ["setosa", "virginica", "é"][i % 3]!), type: "STRING" },
];

describe("every codec gives the same table", async () => {
  const plain = await read(write(table, { codec: "UNCOMPRESSED" }));
  test.each(["SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4_RAW", "LZ4"] as const)("%s", async (codec) => {
    expect(await read(write(table, { codec }))).toEqual(plain);
    expect(plain.rows[2999]).toEqual([374.875, 93]);
  });
  test("zstd also without Node's, as in a page", async () => {
    for (const size of [0, 1, 100, 70_000, 300_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, k) => ((k * k) >> 3) & (k % 1000 < 500 ? 255 : 1));
      const packed = new Uint8Array(zstdCompressSync(bytes));
      expect(zstd(packed, size), `${size}`).toEqual(bytes);
      if (size > 0) expect(() => zstd(packed, size - 1)).toThrow();
    }
  });
});

describe("a codec gives the size that is declared, or nothing", () => {
  const big = new Uint8Array(2 ** 22);
  test.each([
    ["GZIP", gzipSync(big)],
    ["BROTLI", brotliCompressSync(big)],
    ["ZSTD", zstdCompressSync(big)],
  ] as const)("%s of 4 MiB that says 1000 bytes", async (codec, packed) => {
    await expect(decompress(codec, new Uint8Array(packed), 1000)).rejects.toThrow(/1000/);
    await expect(decompress(codec, new Uint8Array(packed), 2 ** 22 + 1)).rejects.toThrow(/header says|header declares/);
  });
  test("zstd without Node's: blocks, content and window are held to it", async () => {
    const runs = Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]),
      ...Array.from({ length: 2000 }, () => Buffer.from([2, 0, 16, 7])), // runs of 128 KiB
    ]);
    expect(() => zstd(runs, 100)).toThrow("more bytes come out of the zstd data than the 100");
    expect(() => zstd(new Uint8Array(zstdCompressSync(big)), 100)).toThrow(/say 4194304 bytes/);
    expect(() => zstd(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0), 100)).toThrow("a window of");
    expect(() => zstd(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 7, 0, 0), 100)).toThrow("a block that is none");
    expect(() => zstd(Uint8Array.of(1, 2, 3, 4, 5, 6, 7), 100)).toThrow("not zstd");
  });
  test("LZ4 with matches that overlap, in blocks and frames", async () => {
    const block = Uint8Array.of(0x12, 97, 1, 0, 0x50, 98, 99, 100, 101, 102); // a, a × 6, then bcdef
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
    expect(text(await decompress("LZ4_RAW", block, 12))).toBe("aaaaaaabcdef");
    const frame = (...blocks: number[][]) =>
      Uint8Array.from([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, ...blocks.flat(), 0, 0, 0, 0]);
    const inFrame = frame([10, 0, 0, 0, ...block], [3, 0, 0, 0x80, 120, 121, 122]);
    expect(text(await decompress("LZ4_FRAME", inFrame, 15))).toBe("aaaaaaabcdefxyz");
    for (const [codec, bytes, size] of [
      ["LZ4_RAW", block, 11],
      ["LZ4_RAW", block, 13],
      ["LZ4_RAW", block.subarray(0, 7), 12],
      ["LZ4_RAW", Uint8Array.of(0x12, 97, 2, 0, 0), 8],
      ["LZ4_FRAME", inFrame, 14],
      ["LZ4_FRAME", inFrame.subarray(0, -5), 15],
      ["LZ4_FRAME", Uint8Array.of(1, 2, 3), 15],
    ] as const)
      await expect(decompress(codec, bytes, size)).rejects.toThrow();
  });
});

describe("what pandas and polars write", () => {
  const k: ColumnSource = { name: "k", data: ["a", "b", "a"], type: "STRING" };
  const ofSchema = (element: SchemaElement, data: unknown[], extra: SchemaElement[] = []) =>
    write(
      [
        { name: element.name, data: data as never },
        { name: "k", data: k.data },
      ],
      {
        schema: [
          { name: "root", num_children: 2 },
          element,
          ...extra,
          { name: "k", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
        ],
      },
    );
  const column = (element: Omit<SchemaElement, "name">, data: unknown[]) =>
    ofSchema({ name: "c", repetition_type: "REQUIRED", ...element } as SchemaElement, data);
  test.each<[string, Omit<SchemaElement, "name">, unknown[], number[]]>([
    ["booleans", { type: "BOOLEAN" }, [true, false, true], [1, 0, 1]],
    [
      "float16",
      { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } },
      [1.5, -2, 2 ** -24],
      [1.5, -2, 2 ** -24],
    ],
    ["uint8", { type: "INT32", converted_type: "UINT_8" }, [0, 128, 255], [0, 128, 255]],
    ["uint32", { type: "INT32", converted_type: "UINT_32" }, [0, 2 ** 32 - 1, 1], [0, 2 ** 32 - 1, 1]],
    ["int64", { type: "INT64" }, [-1n, 2n ** 40n, 3n], [-1, 2 ** 40, 3]],
    ["uint64", { type: "INT64", converted_type: "UINT_64" }, [1n, 2n ** 52n, 3n], [1, 2 ** 52, 3]],
    [
      "decimals in 32 bits",
      { type: "INT32", converted_type: "DECIMAL", scale: 2, precision: 9 },
      [1.1, -0.07, 3],
      [1.1, -0.07, 3],
    ],
    [
      "decimals in 64 bits",
      { type: "INT64", converted_type: "DECIMAL", scale: 3, precision: 18 },
      [1.005, -70.25, 3],
      [1.005, -70.25, 3],
    ],
  ])("%s", async (_, element, data, values) => {
    expect((await read(column(element, data))).rows.flat()).toEqual(values);
  });
  test("decimals in bytes are the numbers that their digits are", async () => {
    const decimal = {
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 5,
      converted_type: "DECIMAL",
      scale: 2,
      precision: 11,
    } as const;
    expect((await read(column(decimal, [1.1, -123456.78, 0.07]))).rows.flat()).toEqual([1.1, -123456.78, 0.07]);
  });
  test.each<[string, Omit<SchemaElement, "name">, string]>([
    ["dates", { type: "INT32", converted_type: "DATE" }, "2026-11-28"],
    ["timestamps in milliseconds", { type: "INT64", converted_type: "TIMESTAMP_MILLIS" }, "2026-11-28T07:05:01.25"],
    ["timestamps in microseconds", { type: "INT64", converted_type: "TIMESTAMP_MICROS" }, "1969-12-31T23:59:59.5"],
    [
      "timestamps in nanoseconds",
      { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } },
      "2026-11-28T07:05:01",
    ],
  ])("%s become those of ISO 8601", async (_, element, text) => {
    const time = Date.parse(text.includes("T") ? `${text}Z` : text);
    const bytes = column(element, [new Date(time), new Date(0), new Date(0)]);
    const { data } = await readTable(bytes);
    expect(data.columns).toEqual([{ name: "c", kind: "date" }]);
    expect([...data.features]).toEqual([expect.closeTo(time / 86_400_000, 9), 0, 0]);
    const words = await readTable(bytes, { categorical: ["c"] });
    expect(words.data.columns![0]!.levels).toEqual(["1970-01-01", text].sort());
  });
  test("nulls are missing values", async () => {
    const bytes = write([{ name: "c", data: [1.5, null, 2.5] as never, type: "DOUBLE" }, k]);
    const { data, columns } = await readTable(bytes);
    expect([...data.features]).toEqual([1.5, Number.NaN, 2.5]);
    expect(columns[0]).toMatchObject({ name: "c", kind: "number", missing: 1 });
    await expect(readTable(bytes, { missing: "refuse" })).rejects.toMatchObject({
      code: "BAD_PARQUET",
      at: "row 2 column 1 (c)",
    });
  });
  test("categories, which are text with a dictionary, and byte-split floats", async () => {
    const data = many.map((i) => `class ${i % 7}`);
    const bytes = write([
      { name: "x", data: Float32Array.from(many, (i) => i / 3) as never, type: "FLOAT", encoding: "BYTE_STREAM_SPLIT" },
      { name: "k", data, type: "STRING" },
    ]);
    const found = await read(bytes);
    expect(found.labels).toEqual(data);
    expect(found.rows.flat()).toEqual([...Float32Array.from(many, (i) => i / 3)]);
  });
  test("several row groups, each with a dictionary of its own", async () => {
    const found = await read(write(table, { codec: "ZSTD", rowGroupSize: 700 }));
    expect(found).toEqual(await read(write(table)));
  });

  const list = (element: string, of: Partial<SchemaElement> = { type: "DOUBLE" }): SchemaElement[] => [
    { name: "list", repetition_type: "REPEATED", num_children: 1 } as SchemaElement,
    { name: element, repetition_type: "OPTIONAL", ...of } as SchemaElement,
  ];
  const group = (name: string, children: number, logical?: "LIST"): SchemaElement =>
    ({
      name,
      repetition_type: "OPTIONAL",
      num_children: children,
      ...(logical && { converted_type: logical }),
    }) as SchemaElement;

  test.each(["element", "item"])("lists of numbers (%s), such as embeddings, are a column for each", async (name) => {
    const bytes = ofSchema(
      group("e", 1, "LIST"),
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
      list(name),
    );
    expect(await read(bytes)).toMatchObject({
      featureNames: ["e[0]", "e[1]", "e[2]"],
      rows: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    });
  });
  test("a list of another length is refused, one that is null is missing", async () => {
    expect(await refusal(ofSchema(group("e", 1, "LIST"), [[1, 2], [4], [7, 8]], list("element")))).toBe(
      "BAD_PARQUET row 2 column 1 (e): a list must have 2 numbers, as in the first row, got 1.",
    );
    expect(await refusal(ofSchema(group("e", 1, "LIST"), [[1, 2], [], [7, 8]], list("element")))).toContain("got 0");
    const missing = async (second: unknown) => {
      const bytes = ofSchema(group("e", 1, "LIST"), [[1, 2], second, [7, 8]], list("element"));
      const { data, columns } = await readTable(bytes);
      expect(data.featureNames).toEqual(["e[0]", "e[1]"]);
      return [[...data.features], columns.slice(0, 2).map((column) => column.missing)];
    };
    expect(await missing(null)).toEqual([
      [1, 2, Number.NaN, Number.NaN, 7, 8],
      [1, 1],
    ]);
    expect(await missing([3, null])).toEqual([
      [1, 2, 3, Number.NaN, 7, 8],
      [0, 1],
    ]);
  });
  test("structs are a column for each field", async () => {
    const fields = ["x", "y"].map((name) => ({ name, type: "DOUBLE", repetition_type: "OPTIONAL" }) as SchemaElement);
    const bytes = ofSchema(
      group("p", 2),
      [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
        { x: 5, y: 6 },
      ],
      fields,
    );
    expect(await read(bytes)).toMatchObject({
      featureNames: ["p.x", "p.y"],
      rows: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    });
  });
  test("maps and lists of lists are refused by their names", async () => {
    const deep = [
      ...list("element", { num_children: 1, converted_type: "LIST" } as Partial<SchemaElement>),
      ...list("element"),
    ];
    expect(await refusal(ofSchema(group("e", 1, "LIST"), [[[1]], [[2]], [[3]]], deep))).toContain(
      "column 1 (e.list.element.list): it is nested deeper",
    );
  });
});
