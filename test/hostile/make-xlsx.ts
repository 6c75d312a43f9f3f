// Nasty workbooks beside valid twins.
import { writeZip } from "../data/write-zip.ts";
import { type Case, joined, oneFile } from "./case.ts";

type Parts = {
  readonly shared?: string;
  readonly styles?: string;
  readonly state?: string; //    of the first sheet
  readonly second?: string; //   the body of a second sheet
  readonly from1904?: boolean;
  readonly book?: string; //     in place of the workbook part
  readonly target?: string; //   of the first sheet
};

const xml = (name: string, body: string) =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<${name} xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">${body}</${name}>`;

/** A workbook whose first sheet has this body. */
export function workbook(body: string, parts: Parts = {}): Uint8Array<ArrayBuffer> {
  const { shared, styles, state = "visible", second, from1904 = false, book, target = "worksheets/sheet1.xml" } = parts;
  const other = second === undefined ? "" : '<sheet name="Other" sheetId="2" r:id="rId2"/>';
  const files: Record<string, string> = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml":
      book ??
      xml(
        "workbook",
        `<workbookPr date1904="${from1904 ? 1 : 0}"/><sheets><sheet name="Sheet1" sheetId="1" state="${state}" r:id="rId1"/>${other}</sheets>`,
      ),
    "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="${target}"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": xml("worksheet", body),
    ...(second !== undefined && { "xl/worksheets/sheet2.xml": xml("worksheet", second) }),
    ...(shared !== undefined && { "xl/sharedStrings.xml": shared }),
    ...(styles !== undefined && { "xl/styles.xml": styles }),
  };
  return writeZip(Object.entries(files).map(([name, text]) => ({ name, data: Buffer.from(text), deflate: true })));
}

const c = (reference: string, value: string, kind = "") =>
  `<c r="${reference}"${kind && ` t="${kind}"`}><v>${value}</v></c>`;
const row = (n: number, ...cells: string[]) => `<row r="${n}">${cells.join("")}</row>`;
const rows = (...all: string[]) => `<sheetData>${all.join("")}</sheetData>`;
const good = rows(
  row(1, c("A1", "a", "str"), c("B1", "kind", "str")),
  row(2, c("A2", "1"), c("B2", "x", "str")),
  row(3, c("A3", "2.5"), c("B3", "y", "str")),
);
const file = oneFile("t.xlsx");
const made = (name: string, body: string, error?: Case["error"], parts?: Parts) =>
  file(name, workbook(body, parts), error);

export const XLSX: readonly Case[] = [
  made("a small sheet", good),
  made(
    "__proto__ for a column and a class",
    rows(
      row(1, c("A1", "__proto__", "str"), c("B1", "kind", "str")),
      row(2, c("A2", "1"), c("B2", "constructor", "str")),
    ),
  ),
  made("a style that is not there", good.replace('r="A2"', 'r="A2" s="9"')),
  file("nothing", new Uint8Array(0), ["BAD_ZIP", "byte 0", "end record"]),
  file("half an archive", workbook(good).subarray(0, 300), ["BAD_ZIP", /byte/, "end record"]),
  file("another archive", writeZip([{ name: "a.txt", data: Buffer.from("a") }]), [
    "BAD_XLSX",
    "directory",
    "no workbook",
  ]),
  made("no rows", "<sheetData/>", ["BAD_XLSX", "row 1", "no rows"]),
  made("XML left open", `${good}<row r="4`, ["BAD_XLSX", 'entry "xl/worksheets/sheet1.xml"', "not XML"]),
  made("a part that is no XML", good, ["BAD_XLSX", 'entry "xl/workbook.xml"', "not XML"], { book: "<<<>" }),
  made("a sheet without its part", good, ["BAD_XLSX", "directory", "has no part"], { target: "worksheets/none.xml" }),
  made("a sheet outside its archive", good, ["BAD_XLSX", "directory", "has no part"], { target: "../../etc/passwd" }),
  made("a workbook without sheets", good, ["BAD_XLSX", "directory", "no workbook"], {
    book: xml("workbook", "<sheets/>"),
  }),
  made("a row before the last", rows(row(2, c("A2", "1")), row(2, c("A2", "1"))), [
    "BAD_XLSX",
    "row 2",
    "rows must follow",
  ]),
  made("a row that is no number", rows(row(1, c("A1", "1"))).replace('r="1"', 'r="1e9x"'), [
    "BAD_XLSX",
    "row 0",
    "rows must follow",
  ]),
  made("a cell twice", rows(row(1, c("B1", "1"), c("B1", "2"))), ["BAD_XLSX", "row 1", "cells must follow"]),
  made("a cell without a column", rows(row(1, c("11", "1"))), ["BAD_XLSX", "row 1", "cells must follow"]),
  made("a cell behind column XFD", rows(row(1, c("XFE1", "1"))), ["BAD_XLSX", "row 1", "cells must follow"]),
  made("a cell far to the right", rows(row(1, c("A1", "1"), c("B1", "2")), row(2, c("XFD2", "1"))), [
    "BAD_XLSX",
    "row 2",
    "16384 cells",
  ]),
  made(
    "rows of far cells",
    rows(...Array.from({ length: 3000 }, (_, k) => row(k + 1, c(`A${k + 1}`, "1"), c(`XFD${k + 1}`, "1")))),
    ["BAD_XLSX", 'sheet "Sheet1"', "3000 rows of 16384 columns"],
  ),
  made("a text that is not there", rows(row(1, c("A1", "7", "s"))), ["BAD_XLSX", "row 1", "no shared text"]),
  made("a number that is none", good.replace("2.5", "2,5"), ["BAD_XLSX", "row 3", "must be one"]),
  made("a number past float32", good.replace("2.5", "1e999"), ["BAD_XLSX", "row 3 column 1 (a)", "too large"]),
  made(
    "entities of its own",
    `<!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${good.replace(">y<", ">&b;<")}`,
    undefined,
  ),
  file(
    "a part that is not UTF-8",
    writeZip([{ name: "xl/workbook.xml", data: joined("<workbook>", Uint8Array.of(0xff)) }]),
    ["BAD_XLSX", 'entry "xl/workbook.xml"', "not UTF-8"],
  ),
  file(
    "a part that is a bomb",
    writeZip([{ name: "xl/workbook.xml", data: new Uint8Array(2 ** 25 + 1), deflate: true }]),
    ["BAD_XLSX", 'entry "xl/workbook.xml"', "at most 33554432"],
  ),
];
