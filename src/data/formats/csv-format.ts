// CSV and TSV files, and other tables of text, as a format of data sets.
import { tableFormat } from "./table-format.ts";

export const CSV = tableFormat({
  title: "tables in .csv, .tsv, .txt, .data, .dat or .tab",
  endings: [".csv", ".tsv", ".txt", ".data", ".dat", ".tab"],
  inFolders: [".csv", ".tsv"],
  async decode(files, path, options) {
    const { readCsv } = await import("./csv.ts");
    const tabs = /\.(?:tsv|tab)$/i.test(path);
    return readCsv(files.chunks(path), { ...options, preferred: tabs ? "\t" : undefined });
  },
});
