// One table, whatever file it comes in, is one data set.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import writeExcelFile from "write-excel-file/node";
import { contentHash } from "../../src/data/content-hash.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { diskFiles } from "../../src/data/disk-files.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import { Random } from "../../src/numerics/random.ts";
import { writeZip } from "./write-zip.ts";

const hashed = (data: Dataset) => contentHash(data, diskFiles("").hasher());

const N = 200;
const random = new Random(5, 1);
const rows = Array.from({ length: N }, (_, i) => ({
  "petal width": (random.uniform() - 0.5) * 10 ** ((i % 9) - 4),
  count: (i * 37) % 101,
  sl: i / 3,
  kind: ["setosa", "virginica", 'é, "quoted"'][i % 3]!,
}));
type Name = keyof (typeof rows)[number];
const names = Object.keys(rows[0]!) as Name[];
const column = (name: Name) => rows.map((row) => row[name]);
const quoted = (cell: string | number) => (typeof cell === "string" ? `"${cell.replaceAll('"', '""')}"` : String(cell));
const text = (separator: string) =>
  [names.join(separator), ...rows.map((row) => names.map((name) => quoted(row[name])).join(separator))].join("\n");
const arrow = tableFromArrays({
  "petal width": Float64Array.from(column("petal width") as number[]),
  count: Int32Array.from(column("count") as number[]),
  sl: Float64Array.from(column("sl") as number[]),
  kind: column("kind") as string[],
});
const arff = [
  "@relation t",
  ...names.map((name) => `@attribute '${name}' ${name === "kind" ? "string" : "numeric"}`),
  "@data",
  ...rows.map((row) => names.map((name) => (name === "kind" ? `'${row[name]}'` : row[name])).join()),
].join("\n");

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "t.csv": text(","),
  "t.tsv": text("\t"),
  "semicolons.csv": text(";"),
  "bars.txt": text("|"),
  "utf16.csv": Buffer.from(`\ufeff${text(";")}`, "utf16le"),
  "t.csv.gz": gzipSync(text(",")),
  "t.zip": writeZip([{ name: "t.csv", data: Buffer.from(text(",")), deflate: true }]),
  "records.json": JSON.stringify(rows),
  "columns.json": JSON.stringify(Object.fromEntries(names.map((name) => [name, column(name)]))),
  "split.json": JSON.stringify({
    columns: names,
    index: rows.map((_, i) => i),
    data: rows.map((row) => Object.values(row)),
  }),
  "t.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
  "t.arff": arff,
  "t.arrow": tableToIPC(arrow, "file"),
  "stream.arrow": tableToIPC(arrow, "stream"),
  "t.parquet": new Uint8Array(
    parquetWriteBuffer({
      columnData: names.map((name) => ({ name, data: column(name) as never })),
      codec: "ZSTD",
      compressors: { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)) },
    } as never),
  ),
  "t.xlsx": new Uint8Array(
    await writeExcelFile([
      names.map((value) => ({ value })),
      ...rows.map((row) => names.map((name) => ({ value: row[name] as string }))),
    ]).toBuffer(),
  ),
};

const read = async (name: string) => {
  const files = memoryFiles([{ name, bytes: new Uint8Array(Buffer.from(FILES[name]!)) }]);
  return (await readSource(files, [name])).train;
};

describe("one table is one data set", async () => {
  const { name: _, ...expected } = await read("t.csv");
  const hash = await hashed({ name: "", ...expected });
  test.each(Object.keys(FILES))("%s", async (file) => {
    const data = await read(file);
    expect(data).toMatchObject(expected);
    expect(await hashed(data)).toBe(hash);
  });
  test("and another for another value, label or name", async () => {
    const data = { name: "", ...expected };
    const others = [
      { ...data, features: expected.features.map((x, k) => (k === 7 ? x + 1e-12 : x)) },
      { ...data, labels: expected.labels.with(3, (expected.labels[3]! + 1) % 3) },
      { ...data, featureNames: ["a", "b", "c"] },
      { ...data, classes: expected.classes.toReversed() },
      { ...data, rows: 300, cols: 2 },
    ];
    const hashes = await Promise.all([data, ...others].map(hashed));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await hashed({ ...data, name: "other" })).toBe(hash);
  });
});
