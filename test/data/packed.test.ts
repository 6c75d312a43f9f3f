// Tables in .gz and .zip, as they are downloaded.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import type { InvalidInput } from "../../src/errors.ts";
import { PARQUET } from "../hostile/make-parquet.ts";
import { writeZip } from "./write-zip.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;
const bytesOf = (content: string | Uint8Array) => new Uint8Array(Buffer.from(content));
const read = (files: Files, ...paths: string[]) =>
  readSource(
    memoryFiles(Object.entries(files).map(([name, content]) => ({ name, bytes: bytesOf(content) }))),
    paths.length > 0 ? paths : undefined,
  );
const refusal = (files: Files, ...paths: string[]) =>
  read(files, ...paths).then(
    () => expect.fail("it was read"),
    (error: InvalidInput) => `${error.line}`,
  );
const zip = (files: Files) =>
  writeZip(Object.entries(files).map(([name, content]) => ({ name, data: bytesOf(content), deflate: true })));
const csv = "sl,kind\n1,a\n2,b\n3,a\n4,b\n";
const plain = (await read({ "t.csv": csv }, "t.csv")).train;

describe("a gzipped table", () => {
  test.each([
    ["t.csv.gz", csv],
    ["t.TSV.GZ", csv.replaceAll(",", "\t")],
    ["t.data.gz", csv],
    ["t.jsonl.gz", '{"sl":1,"kind":"a"}\n{"sl":2,"kind":"b"}\n{"sl":3,"kind":"a"}\n{"sl":4,"kind":"b"}\n'],
    ["t.arff.gz", "@attribute sl real\n@attribute kind {a,b}\n@data\n1,a\n2,b\n3,a\n4,b\n"],
  ])("%s is that table", async (name, text) => {
    expect((await read({ [name]: gzipSync(text) }, name)).train).toEqual(plain);
  });
  test("of another kind than text is read whole", async () => {
    const bytes = Object.values(PARQUET.find(({ error }) => !error)!.files)[0]!;
    const [packed, unpacked] = [await read({ "t.parquet.gz": gzipSync(bytes) }), await read({ "t.parquet": bytes })];
    expect(packed.train).toEqual(unpacked.train);
  });
  test("in several members, as bgzip and cat leave it, is read to its end", async () => {
    const half = Buffer.concat([gzipSync(csv.slice(0, 12)), gzipSync(csv.slice(12))]);
    expect((await read({ "t.csv.gz": half }, "t.csv.gz")).train).toEqual(plain);
  });
  test("is found in a folder by its name, with its test part", async () => {
    const found = await read({ "train.csv.gz": gzipSync(csv), "test.csv.gz": gzipSync(csv), "notes.md": "" });
    expect([found.train.rows, found.test?.rows]).toEqual([4, 4]);
  });
  test("has the SHA-256 of the compressed file", async () => {
    const { createHash } = await import("node:crypto");
    const bytes = gzipSync(csv);
    expect((await read({ "t.csv.gz": bytes })).sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });
  test("that is cut, damaged or followed by other bytes is refused", async () => {
    const bytes = gzipSync(csv);
    for (const bad of [
      bytes.subarray(0, -9),
      Buffer.concat([bytes, Buffer.from("junk")]),
      Buffer.from(csv),
      Buffer.of(),
    ])
      expect(await refusal({ "t.csv.gz": bad })).toMatch(
        /^error BAD_GZIP t\.csv\.gz:before byte \d+: the gzip data are cut/,
      );
  });
  test("names itself in the errors of its text", async () => {
    expect(await refusal({ "t.csv.gz": gzipSync("a,k\n1,x\ny,x\n") })).toMatch(
      /^error BAD_CSV t\.csv\.gz:row 3 column 1 \(a\)/,
    );
  });
  test("that is a bomb is given up after 32 MiB", async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 25 + 2 ** 20, " "), { level: 9 });
    expect(await refusal({ "t.json.gz": bomb })).toMatch(/^error BAD_GZIP .* more than 33554432 bytes come out of/);
  });
});

describe("an archive", () => {
  test("of one table is that table, whatever describes it", async () => {
    for (const files of [
      { "iris/data.csv": csv },
      { Index: "x", "t.data": csv, "t.names": "about", "README.txt": "read me" },
      { "t.csv": csv, "__MACOSX/._t.csv": "junk", ".DS_Store": "junk", "folder/": "" },
      { "only.txt": csv },
    ] as Files[])
      expect((await read({ "t.zip": zip(files) }, "t.zip")).train).toMatchObject({
        ...plain,
        name: expect.any(String),
      });
  });
  test("of train and test has both parts", async () => {
    const found = await read({ "t.zip": zip({ "d/test.csv": csv, "d/train.csv": csv }) });
    expect([found.train.rows, found.test?.rows]).toEqual([4, 4]);
  });
  test("of several tables, or of none, is refused with what it holds", async () => {
    expect(await refusal({ "t.zip": zip({ "a.csv": csv, "b.data": csv }) })).toBe(
      'error BAD_ZIP t.zip:directory: the archive holds 2 tables: ["a.csv", "b.data"]. Unpack it, and name one.',
    );
    expect(await refusal({ "t.zip": zip({ "a.png": "x" }) })).toBe(
      'error BAD_ZIP t.zip:directory: the archive holds no table: ["a.png"]. Unpack it.',
    );
  });
  test("names itself and its table in the errors of the text", async () => {
    expect(await refusal({ "t.zip": zip({ "d/a.csv": "a,k\n1,x\ny,x\n" }) })).toMatch(
      /^error BAD_CSV t\.zip\/a\.csv:row 3/,
    );
  });
  test("that is a bomb is refused before it is inflated", async () => {
    const bytes = zip({ "a.csv": new Uint8Array(2 ** 25 + 1) });
    expect(await refusal({ "t.zip": bytes })).toMatch(/^error BAD_ZIP t\.zip:entry "a\.csv": more than 33554432 bytes/);
  });
});
