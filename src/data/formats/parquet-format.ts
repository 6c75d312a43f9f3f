// Parquet files as a format of data sets.
import { begin } from "./format.ts";
import { tableFormat } from "./table-format.ts";

export const PARQUET = tableFormat({
  title: "tables in .parquet",
  endings: [".parquet"],
  inFolders: [".parquet"],
  async decode(files, path, options) {
    const [{ readParquet }, bytes] = await Promise.all([
      import("./parquet.ts"),
      files.bytes(path, begin(files, path, "BAD_PARQUET")),
    ]);
    return readParquet(bytes, options);
  },
});
