// Nasty tables of text beside valid twins.
import { type Case, joined, oneFile } from "./case.ts";

const csv = oneFile("t.csv");
const good = "a,b,kind\n1,2,x\n3,5,y\n4,9,x\n";
const cell = (value: string) => `a,b,kind\n1,${value},x\n3,5,y\n`;

export const CSV: readonly Case[] = [
  csv("a small table", good),
  csv("a byte order mark, CRLF and quotes", '\ufeffa,b,kind\r\n"1",2,"x,1"\r\n3,5,"y ""q"""\r\n'),
  csv("__proto__ and constructor for columns and classes", "__proto__,constructor,kind\n1,2,__proto__\n3,4,toString\n"),
  csv("missing values", "a,b,kind\n1,,x\n,2,y\n?,NA,x\n"),
  csv("labels that a terminal or a spreadsheet would obey", 'a,kind\n1,"\x1b[31mred"\n2,"=1+1"\n3,"\u202eevil"\n'),
  csv("nothing", "", ["BAD_CSV", "row 1", "no rows"]),
  csv("only a header", "a,b,kind\n", ["BAD_CSV", "row 1", "no rows under it"]),
  csv("a quote that never closes", 'a,b,kind\n1,"2,x\n3,5,y\n', ["BAD_CSV", "row 2", "never closed"]),
  csv("text after a quote", 'a,b,kind\n1,"2"2,x\n', ["BAD_CSV", "row 2", "after a closing quote"]),
  csv("a quote within a cell", 'a,b,kind\n1,2"2,x\n', ["BAD_CSV", "row 2", "only around a whole cell"]),
  csv("a row too short", `${good}5,6\n`, ["BAD_CSV", "row 5", "2 cells"]),
  csv("a row too long", `${good}5,6,x,7\n`, ["BAD_CSV", "row 5", "4 cells"]),
  csv("a column twice", "a,a,kind\n1,2,x\n", ["BAD_CSV", "row 1", "the same name"]),
  csv("UTF-16", joined(Buffer.from(`\ufeff${good}`, "utf16le"))),
  csv("UTF-16 with half a character", joined(Buffer.from(`\ufeff${good}`, "utf16le"), "x"), [
    "BAD_CSV",
    /byte/,
    "ends within a character",
  ]),
  csv("UTF-16 with half a pair", joined(Buffer.from(`\ufeff${good}1,2,\ud83d\n`, "utf16le")), [
    "BAD_CSV",
    /byte/,
    "not UTF-16LE",
  ]),
  csv("comments without end", "#\n".repeat(5000), ["BAD_CSV", "row 1", "one column only"]),
  csv("a zero byte", `${good}5,\0,x\n`, ["BAD_CSV", "byte 29", "zero byte"]),
  csv("bytes that are not UTF-8", joined("a,b,kind\n1,2,", Uint8Array.of(0xc3, 0x28)), [
    "BAD_CSV",
    "row 2 byte 13",
    "not UTF-8",
  ]),
  csv("a compressed table", joined(Uint8Array.of(0x1f, 0x8b, 8, 0)), ["BAD_CSV", "byte 0", "compressed by gzip"]),
  csv("a cell of 200,000 bytes", cell("1".repeat(200_000)), ["BAD_CSV", "row 2 column 2 (b)", "200000 bytes"]),
  csv("100,001 columns", `${"1,".repeat(100_000)}1\n`, ["BAD_CSV", "row 1", "at most 100000"]),
  csv("a missing label", "a,b,kind\n1,2,x\n1,2,\n", ["BAD_CSV", "row 3 column 3 (kind)", "label is missing"]),
  csv("an index for a label", Array.from({ length: 30 }, (_, k) => `${k % 3}.${k},${k}\n`).join(""), [
    "BAD_CSV",
    "column 2",
    "30 different values",
  ]),
  ...["1e999", "-1e39", "0x10", "1_000", "1,5", "inf", "١٢", "1e", "--1", "+", ".", "true", "1 2"].map((value) =>
    csv(`${value} for a number`, cell(value.includes(",") ? `"${value}"` : value), [
      "BAD_CSV",
      "row 2 column 2 (b)",
      "number",
    ]),
  ),
];
