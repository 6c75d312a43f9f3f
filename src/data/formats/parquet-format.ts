// Parquet files as a format of data sets: tables, and pictures as Hugging Face keeps them.
import type { Source } from "../dataset.ts";
import type { FileSet } from "../file-set.ts";
import { begin, type Format, type ReadOptions } from "./format.ts";
import { tableFormat } from "./table-format.ts";

const TABLE = tableFormat({
  title: "tables, or pictures {bytes, path} with labels, in .parquet",
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

export const PARQUET: Format = {
  ...TABLE,
  async read(files: FileSet, paths: readonly string[], options: ReadOptions): Promise<Source> {
    const { holdsPictures, HoldsPictures } = await import("./parquet.ts");
    const first = begin(files, paths[0]!, "BAD_PARQUET");
    const several = paths.length > 1 && holdsPictures(await files.bytes(paths[0]!, first), files.shown(paths[0]!));
    if (!several)
      try {
        return await TABLE.read(files, paths, options);
      } catch (error) {
        if (!(error instanceof HoldsPictures)) throw error;
      }
    return (await import("./parquet-pictures.ts")).readPictureFiles(files, paths, options);
  },
};
