// No reader does more than its share of work on a longer input: twice the input, about twice the characters and bytes
// looked at. Counted, never timed.
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { readArff } from "../../src/data/formats/arff.ts";
import { readArrow } from "../../src/data/formats/arrow.ts";
import { readCsv } from "../../src/data/formats/csv.ts";
import { readJson } from "../../src/data/formats/json-table.ts";
import { readNpy } from "../../src/data/formats/npy.ts";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { readXlsx } from "../../src/data/formats/xlsx.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import { InvalidInput } from "../../src/errors.ts";
import { decodeModel } from "../../src/files/model/model-file.ts";
import { readEpochs, readRunRecord } from "../../src/files/run/run-record.ts";
import { writePng } from "../data/write-png.ts";
import { workbook } from "./make-xlsx.ts";
import { countWork } from "./work.ts";

type Bytes = Uint8Array<ArrayBuffer>;
const bytes = (text: string): Bytes => new TextEncoder().encode(text);
const list = (n: number, of: (k: number) => string, by = ",") => Array.from({ length: n }, (_, k) => of(k)).join(by);

/** In pieces, as a file is read. */
function csv(text: string): Promise<unknown> {
  const all = bytes(text);
  const pieces = Array.from({ length: Math.ceil(all.length / 256) }, (_, k) => all.subarray(256 * k, 256 * (k + 1)));
  return readCsv(pieces, { name: "t", file: "t.csv" });
}

const json = (text: string) => readJson([bytes(text)], { name: "t", file: "t.json" });
const arff = (text: string) => readArff([bytes(text)], { name: "t", file: "t.arff" });
const xlsx = (body: string) => readXlsx(workbook(`<sheetData>${body}</sheetData>`), { name: "t", file: "t.xlsx" });
const arrow = (columns: Record<string, Float64Array>) =>
  readArrow(new Uint8Array(tableToIPC(tableFromArrays(columns), "stream")), { name: "t", file: "t.arrow" });
const parquet = (columnData: ColumnSource[]) =>
  readParquet(new Uint8Array(parquetWriteBuffer({ columnData })), { name: "t", file: "t.parquet" });

function safetensors(header: string): Promise<unknown> {
  const json = bytes(header);
  const whole = new Uint8Array(8 + json.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(json.length), true);
  whole.set(json, 8);
  return decodeModel(whole, "m.safetensors");
}

const npy = (header: string) =>
  readNpy(
    Buffer.concat([bytes("\x93NUMPY"), Uint8Array.of(1, 0, header.length & 255, header.length >> 8), bytes(header)]),
  );

const png = writePng({ width: 1, height: 1, depth: 8, colour: 0, samples: [7] });

const READERS: Readonly<Record<string, (n: number) => unknown>> = {
  "a line without an end": (n) => csv("a".repeat(16 * n)),
  "blank lines before the first row": (n) => csv(`${"\n".repeat(16 * n)}a,b\n1,2\n3,2\n`),
  "blanks before the first row": (n) => csv(`${" ".repeat(16 * n)}a,b\n1,2\n3,2\n`),
  "a header of many columns": (n) => csv(`${list(n, (k) => `c${k}`)}\n${list(n, () => "1")}\n${list(n, () => "0")}\n`),
  "many rows": (n) => csv(`a,b\n${list(n, (k) => `${k},${k % 2}`, "\n")}\n`),
  "many classes": (n) => csv(`a,b\n${list(2 * n, (k) => `${k},name${k % n}`, "\n")}\n`),
  "a cell of digits that is no number": (n) => csv(`a,b\n${"1".repeat(8 * n)}x,1\n`),
  "a cell of digits with two points": (n) => csv(`a,b\n1.${"1".repeat(8 * n)}.,1\n`),
  "a cell of blanks that is no number": (n) => csv(`a,b\n${" ".repeat(8 * n)}x,1\n`),
  "a cell of digits and a decimal comma": (n) => csv(`a;b\n${"1".repeat(8 * n)},5;1\n`),
  "many comments": (n) => csv(`${"# a b\n".repeat(4 * n)}a,b\n1,2\n`),
  "runs of blanks": (n) => csv(`a b\n1${" ".repeat(8 * n)}2\n`),
  "rows of LIBSVM": (n) => csv(list(n, (k) => `1 ${k % 9}:1 9:2`, "\n")),
  "a long row of LIBSVM": (n) => csv(`1 ${list(n, (k) => `${k}:1`, " ")}`),
  "blanks in a row of LIBSVM": (n) => csv(`1 1:1${" ".repeat(8 * n)}x`),
  "a name a row in JSON": (n) => json(`[${list(n / 8, (k) => `{"a":1,"k${k % 5}":2}`)}]`),
  "rows of JSON": (n) => json(`[${list(n, (k) => `{"a":${k},"k":"x"}`)}]`),
  "lines of JSON": (n) => json(list(n, (k) => `{"a":${k},"k":"x"}`, "\n")),
  "a line of JSON that is none": (n) => json(`[1]\n[${"1,".repeat(8 * n)}`),
  "lists of JSON": (n) => json(`[{"a":[${list(n, () => "1")}],"k":1},{"a":[${list(n, () => "2")}],"k":0}]`),
  "attributes of ARFF": (n) => arff(`${list(n, (k) => `@attribute a${k} real`, "\n")}\n@data\n${list(n, () => "1")}`),
  "rows of ARFF": (n) => arff(`@attribute a real\n@attribute k {x}\n@data\n${list(n, (k) => `${k},'x'`, "\n")}`),
  "a sparse row of ARFF": (n) =>
    arff(`${list(n, (k) => `@attribute a${k} real`, "\n")}\n@data\n{${list(n, (k) => `${k} 1`)}}`),
  "a quote left open in ARFF": (n) => arff(`@attribute a real\n@data\n'${"\\'".repeat(8 * n)}`),
  "blanks of ARFF": (n) => arff(`@attribute${" ".repeat(8 * n)}a${" ".repeat(8 * n)}x\n@data\n1`),
  "a date of ARFF": (n) => arff(`@attribute d date dd/MM/yyyy\n@attribute k {a}\n@data\n${"1/".repeat(4 * n)},a`),
  "rows of a sheet": (n) =>
    xlsx(list(n, (k) => `<row r="${k + 1}"><c r="A${k + 1}"><v>${k}</v></c><c r="B${k + 1}"><v>1</v></c></row>`, "")),
  "a sheet left open": (n) => xlsx(`<row r="1"><c r="A1"><v>${"1".repeat(8 * n)}`),
  "elements without end": (n) => xlsx("<c>".repeat(4 * n)),
  "shared texts": (n) =>
    readXlsx(
      workbook('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>', {
        shared: `<sst>${"<si><t>a</t></si>".repeat(n)}</sst>`,
      }),
      { name: "t" },
    ),
  "rows of Arrow": (n) =>
    arrow({
      a: Float64Array.from({ length: 4 * n }, (_, k) => k),
      k: Float64Array.from({ length: 4 * n }, (_, k) => k % 2),
    }),
  "columns of Arrow": (n) =>
    arrow(Object.fromEntries(Array.from({ length: n / 8 }, (_, k) => [`a${k}`, Float64Array.of(1, 2)]))),
  "rows of Parquet": (n) =>
    parquet([
      { name: "a", data: Array.from({ length: 4 * n }, (_, k) => k + 0.5) },
      { name: "k", data: Array.from({ length: 4 * n }, (_, k) => `${k % 3}`) },
    ]),
  "columns of Parquet": (n) => parquet(Array.from({ length: n / 8 }, (_, k) => ({ name: `a${k}`, data: [1.5, 2.5] }))),
  "a quote left open": (n) => csv(`a,b\n"${"x,1\n".repeat(8 * n)}`),
  "many quotes": (n) => csv(`a,b\n"${'""'.repeat(8 * n)}",1\n`),
  "a header of blanks": (n) => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (2,${" ".repeat(n)}x), }`),
  "a shape of blanks": (n) => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1 , ".repeat(n / 4)}x), }`),
  "folders of images": (n) =>
    readSource(
      memoryFiles(Array.from({ length: n / 4 }, (_, k) => ({ name: `d/c${k}/0.png`, bytes: png }))),
      undefined,
    ),
  "tensors of no model": (n) =>
    safetensors(`{${list(n, (k) => `"t${k}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`)}}`),
  "metadata of many keys": (n) => safetensors(`{"__metadata__":{${list(n, (k) => `"k${k}":"v"`)}}}`),
  "metadata of backslashes": (n) => safetensors(`{"__metadata__":{"a":"${"\\\\".repeat(8 * n)}"}}`),
  "metadata of quotes": (n) => safetensors(`{"__metadata__":{"a":"${'\\"'.repeat(8 * n)}"}}`),
  "a header of spaces": (n) => safetensors(`{"__metadata__"${" ".repeat(16 * n)}:{}}`),
  "a tensor's name of points": (n) =>
    safetensors(`{"${"1.".repeat(n)}x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`),
  "a record of spaces": (n) => readRunRecord(`{"a"${" ".repeat(16 * n)}:1}`, "run.json"),
  "a record of hashes": (n) => readRunRecord(`{"a":[${list(n, () => '"00"')}]}`, "run.json"),
  "metrics of many lines": (n) => readEpochs(`${list(n, () => "{}", "\n")}\n`, "metrics.jsonl"),
};

const settled = async (read: () => unknown) => {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
  }
};

describe("twice the input is about twice the work", () => {
  test.each(Object.entries(READERS))("%s", async (_, read) => {
    await settled(() => read(64)); // modules are loaded
    const one = await countWork(() => settled(() => read(512)));
    const four = await countWork(() => settled(() => read(2048)));
    expect(one).toBeGreaterThan(0);
    expect(four / one).toBeLessThan(9); // 16 if quadratic; a buffer that doubles may add a step of its own
  });
});

test("the counter finds a pattern that steps back without end, and a text read again and again", async () => {
  const bad = async (n: number) => countWork(() => /^[0-9]+\.?[0-9]*$/.test(`${"1".repeat(n)}x`));
  expect((await bad(4096)) / (await bad(2048))).toBeGreaterThan(3.5);
  const again = (n: number) =>
    countWork(() => {
      let text = "";
      for (let k = 0; k < n; k++) /x/.test((text += "a"));
    });
  expect((await again(2048)) / (await again(1024))).toBeGreaterThan(3.5);
});
