// Every nasty file and valid twin, by format. Run as a program it writes them all: node test/hostile/make.ts FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Case, Format } from "./case.ts";
import { IDX, IDX_GZ, NPY, NPZ } from "./make-arrays.ts";
import { ARROW } from "./make-arrow.ts";
import { CSV } from "./make-csv.ts";
import { PARQUET } from "./make-parquet.ts";
import { BMP, GIF, JPEG, WEBP } from "./make-pictures.ts";
import { PNG } from "./make-png.ts";
import { SAFETENSORS } from "./make-safetensors.ts";
import { ARFF, JSON_TABLES, LIBSVM } from "./make-text.ts";
import { XLSX } from "./make-xlsx.ts";

const OTHERS = { csv: CSV, png: PNG, parquet: PARQUET, safetensors: SAFETENSORS };

export const CASES: Readonly<Record<Format, readonly Case[]>> = {
  idx: IDX,
  "idx.gz": IDX_GZ,
  npy: NPY,
  npz: NPZ,
  arff: ARFF,
  libsvm: LIBSVM,
  json: JSON_TABLES,
  xlsx: XLSX,
  arrow: ARROW,
  jpeg: JPEG,
  webp: WEBP,
  gif: GIF,
  bmp: BMP,
  ...OTHERS,
};

/** Write the files of a case into `folder`, and return the path to open. */
export function writeCase({ files, open }: Case, folder: string): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return join(folder, open);
}

if (import.meta.main) {
  const root = process.argv[2];
  if (root === undefined) throw new Error("name a folder: node test/hostile/make.ts FOLDER");
  for (const [format, cases] of Object.entries(CASES))
    for (const [k, one] of cases.entries()) {
      const path = writeCase(one, join(root, format, String(k).padStart(2, "0")));
      console.log(`${path}\t${one.error?.[0] ?? "loads"}\t${one.name}`);
    }
}
