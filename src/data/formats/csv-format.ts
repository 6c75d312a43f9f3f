// CSV and TSV files as a format of data sets.
import { tableFormat } from "./table-format.ts";

export const CSV = tableFormat({
  title: "tables in .csv, .tsv or .txt",
  endings: [".csv", ".tsv", ".txt"],
  inFolders: [".csv", ".tsv"],
  async decode(files, path, options) {
    const { readCsv } = await import("./csv.ts");
    return readCsv(files.chunks(path), { ...options, delimiter: /\.tsv$/i.test(path) ? "\t" : undefined });
  },
});
