// Nasty Parquet files beside valid twins.
import { type Fields, type ParquetColumn, type ParquetTricks, thrift, writeParquet } from "../data/write-parquet.ts";
import { type Case, joined, oneFile, patched } from "./case.ts";

const a: ParquetColumn = { name: "a", values: [1, 2, 3, 4] };
const label: ParquetColumn = { name: "label", values: ["x", "y"], indices: [0, 1, 0, 1] };
const good = writeParquet([a, label]);

const file = oneFile("t.parquet");
const made = (name: string, first: Partial<ParquetColumn>, error?: Case["error"], tricks?: ParquetTricks) =>
  file(name, writeParquet([{ ...a, ...first }, label], tricks), error);
const labelled = (name: string, second: Partial<ParquetColumn>, error: NonNullable<Case["error"]>) =>
  file(name, writeParquet([a, { ...label, ...second }]), error);
const page = (count: number, encoding = 0): Fields => [
  [
    5,
    {
      struct: [
        [1, count],
        [2, encoding],
        [3, 3],
        [4, 3],
      ],
    },
  ],
];
const runs = (name: string, bytes: readonly number[], error: NonNullable<Case["error"]>): Case => {
  const at = Buffer.from(good).indexOf(Buffer.from([8, 3, 0, 1, 0, 1, 0, 0, 0, 0])); // width 8, one packed run of 8
  return file(name, patched(good, at, bytes), error);
};
let nested: Uint8Array = Uint8Array.of(0);
for (let depth = 0; depth < 100; depth++) nested = joined(Uint8Array.of(0x1c), nested, Uint8Array.of(0));

const chunk = 'row group 1 column "a"';
export const PARQUET: readonly Case[] = [
  file("a number and a text column", good),
  made("__proto__ for a column", { name: "__proto__" }),
  made("labels as numbers", { name: "b", values: [5, 6, 7, 8] }),
  file("nothing", new Uint8Array(0), ["BAD_PARQUET", "byte 0", "begins with PAR1"]),
  file("only its magic", joined("PAR1PAR1"), ["BAD_PARQUET", "byte 8", "at least 12 bytes"]),
  file("a byte too few", good.subarray(0, -1), ["BAD_PARQUET", /byte/, "ends with PAR1"]),
  file("a byte too many", joined(good, "\0"), ["BAD_PARQUET", /byte/, "ends with PAR1"]),
  made("an encrypted footer", {}, ["BAD_PARQUET", /byte/, "encrypted"], { tail: "PARE" }),
  made("a footer of 4 GiB", {}, ["BAD_PARQUET", /byte/, "the footer's length"], { footerLength: 2 ** 32 - 1 }),
  made("a footer of no bytes", {}, ["BAD_PARQUET", /byte/, "cut short"], { footerLength: 0 }),
  made("a footer nested 100 deep", {}, ["BAD_PARQUET", /byte/, "nested deeper than 64"], { footer: nested }),
  made("a list of 2^31 elements", {}, ["BAD_PARQUET", /byte/, "a list of 2147483647"], {
    footer: Uint8Array.of(0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 7, 0),
  }),
  made("a text of 2^40 bytes", {}, ["BAD_PARQUET", /byte/, "bytes of text"], {
    footer: Uint8Array.of(0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0),
  }),
  made("an integer without end", {}, ["BAD_PARQUET", /byte/, "an integer of more than 64 bits"], {
    footer: joined(Uint8Array.of(0x16), new Uint8Array(500_000).fill(0xff), Uint8Array.of(0)),
  }),
  made("a field twice", {}, ["BAD_PARQUET", /byte/, "there twice"], { footer: Uint8Array.of(0x15, 2, 5, 2, 2, 0) }),
  made("an empty footer", {}, ["BAD_PARQUET", /byte/, "schema must be a list"], { footer: thrift([]) }),
  made("2^40 rows", {}, ["BAD_PARQUET", chunk, "num_values must be"], { rows: 2n ** 40n }),
  made("−1 rows", {}, ["BAD_PARQUET", /byte/, "an integer in [0, 2^53)"], { rows: -1n }),
  made("2^63 − 1 rows", {}, ["BAD_PARQUET", /byte/, "an integer in [0, 2^53)"], { rows: 2n ** 63n - 1n }),
  made("2^40 values", { meta: [[5, 2n ** 40n]] }, ["BAD_PARQUET", chunk, "num_values must be"]),
  made("2^31 − 1 values in a page", { page: page(2 ** 31 - 1) }, ["BAD_PARQUET", /byte/, "at most 4"]),
  made("−1 values in a page", { page: page(-1) }, ["BAD_PARQUET", /byte/, "an integer in"]),
  made("no values in a page", { page: page(0) }, ["BAD_PARQUET", /byte/, "at least one value"]),
  made("too few values in a page", { page: page(3) }, ["BAD_PARQUET", /byte/, "3 values of DOUBLE take 24 bytes"]),
  made("a page of 2^31 bytes", { page: [[3, 2 ** 31 - 1]] }, ["BAD_PARQUET", /byte/, "compressed_page_size"]),
  made("a page that inflates to 2^31 bytes", { page: [[2, 2 ** 31 - 1]], meta: [[4, 1]] }, [
    "BAD_PARQUET",
    /byte/,
    "33554432 bytes are enough for 4 values",
  ]),
  made("damaged Snappy", { meta: [[4, 1]] }, ["BAD_PARQUET", /byte/, "Snappy data are damaged"]),
  made("LZO", { meta: [[4, 3]] }, ["BAD_PARQUET", chunk, "compression='zstd' or 'snappy'"]),
  made("a codec that is none", { meta: [[4, 8]] }, [
    "BAD_PARQUET",
    chunk,
    "compressed by a method that Parquet does not name (8)",
  ]),
  made("damaged gzip", { meta: [[4, 2]] }, ["BAD_PARQUET", /byte/, "the gzip data are"]),
  made("damaged Brotli", { meta: [[4, 4]] }, ["BAD_PARQUET", /byte/, "the Brotli data are damaged"]),
  made("damaged LZ4", { meta: [[4, 5]] }, ["BAD_PARQUET", /byte/, "the LZ4 data"]),
  made("damaged zstd", { meta: [[4, 6]] }, ["BAD_PARQUET", /byte/, "the zstd data are damaged"]),
  made("damaged raw LZ4", { meta: [[4, 7]] }, ["BAD_PARQUET", /byte/, "the LZ4 data"]),
  made("a wrong CRC", { page: [[4, 1]] }, ["BAD_PARQUET", /byte/, "CRC-32 is wrong"]),
  made("a page of a type that is none", { page: [[1, 9]] }, ["BAD_PARQUET", /byte/, "a page's type"]),
  made("an encoding that is not read", { page: page(4, 5) }, [
    "BAD_PARQUET",
    /byte/,
    "stored as DELTA_BINARY_PACKED are not read",
  ]),
  made("no dictionary", { page: page(4, 8) }, ["BAD_PARQUET", /byte/, "needs a dictionary"]),
  made("a negative offset", { meta: [[9, -4n]] }, ["BAD_PARQUET", chunk, "data_page_offset must be"]),
  made("an offset past the end", { meta: [[9, 2n ** 40n]] }, ["BAD_PARQUET", chunk, "its pages must lie"]),
  made("a size past the end", { meta: [[7, 2n ** 53n - 1n]] }, ["BAD_PARQUET", chunk, "its pages must lie"]),
  labelled(
    "columns that overlap",
    {
      meta: [
        [9, 4n],
        [11, 4n],
      ],
    },
    ["BAD_PARQUET", /byte/, "overlap"],
  ),
  made("another type than the schema's", { meta: [[1, 1]] }, ["BAD_PARQUET", chunk, "its type must be DOUBLE"]),
  made("another column's path", { meta: [[3, { list: ["b"] }]] }, ["BAD_PARQUET", chunk, "path_in_schema"]),
  made("a name that is not UTF-8", { schema: [[4, Uint8Array.of(0xff)]] }, ["BAD_PARQUET", "schema", "text in UTF-8"]),
  made("a column twice", { name: "label" }, ["BAD_PARQUET", "column 2 (label)", "have this name"]),
  made("a nested column", { schema: [[5, 1]] }, ["BAD_PARQUET", "column 1 (a)", "nested"]),
  made("an interval", { schema: [[6, 21]] }, ["BAD_PARQUET", "column 1 (a)", "neither numbers, dates, text"]),
  made("a date of another type", { schema: [[6, 6]] }, ["BAD_PARQUET", "column 1 (a)", "neither numbers, dates, text"]),
  made("a fourth repetition", { schema: [[3, 3]] }, ["BAD_PARQUET", "column 1 (a)", "repetition must be 0, 1 or 2"]),
  made("a group without its elements", { schema: [[5, 3]], name: "a" }, ["BAD_PARQUET", "column 1 (a)", "nested"]),
  made("a NaN, which is a missing value", { values: [1, 2, Number.NaN, 4] }),
  made("an infinity", { values: [1, 2, 3, -Infinity] }, ["BAD_PARQUET", "row 4 column 1 (a)", "too large for float32"]),
  labelled("an index outside its dictionary", { indices: [0, 1, 2, 1] }, [
    "BAD_PARQUET",
    /byte/,
    "index 2 is outside its dictionary of 2",
  ]),
  runs("a run of 2^28 values", [8, 0xfe, 0xff, 0xff, 0xff, 1, 0], ["BAD_PARQUET", /byte/, "a run holds"]),
  runs("a run of no values", [8, 0], ["BAD_PARQUET", /byte/, "a run holds 0 values"]),
  runs("a run without end", [8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], ["BAD_PARQUET", /byte/, "longer than 2^28"]),
  runs("indices of 255 bits", [255], ["BAD_PARQUET", /byte/, "at most 24 bits"]),
];
