// Excel workbooks, and Arrow files and streams, as formats of data sets.
import { begin } from "./format.ts";
import { tableFormat } from "./table-format.ts";

export const WORKBOOK = tableFormat({
  title: "workbooks in .xlsx",
  endings: [".xlsx", ".xlsm"],
  inFolders: [".xlsx"],
  async decode(files, path, options) {
    const [{ readXlsx }, bytes] = await Promise.all([
      import("./xlsx.ts"),
      files.bytes(path, begin(files, path, "BAD_XLSX")),
    ]);
    return readXlsx(bytes, options);
  },
});

export const ARROW = tableFormat({
  title: "Arrow tables in .arrow, .arrows, .feather or .ipc",
  endings: [".arrow", ".arrows", ".feather", ".ipc"],
  inFolders: [".arrow", ".feather"],
  async decode(files, path, options) {
    const [{ readArrow }, bytes] = await Promise.all([import("./arrow.ts"), files.bytes(path)]);
    return readArrow(bytes, options);
  },
});
