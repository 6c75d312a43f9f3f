import { test } from "vitest";
import { readCsv } from "../../src/data/formats/csv.ts";
import { readXlsx } from "../../src/data/formats/xlsx.ts";
import { memoryFiles } from "../../src/data/memory-files.ts";
import { readSource } from "../../src/data/read-files.ts";
import { workbook } from "../hostile/make-xlsx.ts";
const out = (t: unknown) => console.log(JSON.stringify(t, (_, v) => ArrayBuffer.isView(v) ? Array.from(v as any, String) : v));
const show = async (w: () => any) => { try { out(await w()); } catch (e: any) { console.log("ERR", e.code, e.at, e.reason ?? e.stack); } };
const csv = (t: string, o = {}) => show(() => readCsv([new TextEncoder().encode(t)], { name: "t", file: "t.csv", ...o }));
const src = (n: string, t: string) => show(() => readSource(memoryFiles([{ name: n, bytes: new Uint8Array(Buffer.from(t)) }]), [n]));
test("x", async () => {
  await csv("1;2|3;a\n4;5|6;b\n1;2|7;a\n");
  await csv("a\tb,c\n3,5\t4\n", { preferred: "\t", label: null });
  await csv("x y k\n1 2,3 a\n", { delimiter: " ", label: null });
  await csv("+1 1:0.5 3:1 # first\n-1 2:0.25\n+1 4:1e-3\n");
  const head =
    "% UCI\n@RELATION iris\n\n@ATTRIBUTE sl NUMERIC\n@attribute 'n' integer\n@attribute class {setosa, versicolor}\n\n@DATA\n";
  await src("t.arff", `${head}5.1,?,setosa\n4.9,2,versicolor\n`);
  const d = (f: string, v: string) => src("t.arff", `@relation r\n@attribute d date ${f}\n@attribute class {a,b}\n@data\n${v},a\n`);
  await d('"dd.MM.yyyy HH:mm"', "'28.11.2026 7:05'");
  await d('"dd.MM.yyyy HH:mm"', "'28.11.2026 7:05',a\n'29.11.2026 7:05'");
  await src("t.json", '[{"a":true,"k":"x"},{"a":false,"k":"y"}]');
  await src("t.json", '[{"a":1,"k":"x"},{"k":"y"}]');
  await src("t.json", '[{"a":1,"k":"x"},{"a":null,"k":"y"}]');
  await src("t.json", '[{"toString":1,"k":"x"},{"k":"y"}]');
  const header =
    '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>kind</t></is></c></row>';
  const styles = '<styleSheet><cellXfs><xf numFmtId="22"/></cellXfs></styleSheet>';
  for (const more of ["", '<row r="3"><c r="A3"><v>44893</v></c><c r="B3" t="str"><v>y</v></c></row>'])
  await show(() => readXlsx(workbook(`<sheetData>${header}<row r="2"><c r="A2" s="0"><v>44892.25</v></c><c r="B2" t="str"><v>x</v></c></row>${more}</sheetData>`, { styles, from1904: true }), { name: "t", file: "t.xlsx" }));
});
