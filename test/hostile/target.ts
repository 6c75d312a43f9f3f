// What a mutant is given to, and what may come of it: a value, or an InvalidInput with a code and a place. Anything
// else is a find.

import { readArff } from "../../src/data/formats/arff.ts";
import { datasetFromArrays } from "../../src/data/formats/arrays.ts";
import { readArrow } from "../../src/data/formats/arrow.ts";
import { readCsv } from "../../src/data/formats/csv.ts";
import { decodeText } from "../../src/data/formats/decode-text.ts";
import { readIdx } from "../../src/data/formats/idx.ts";
import { readJson } from "../../src/data/formats/json-table.ts";
import { readLibsvm } from "../../src/data/formats/libsvm.ts";
import { readNpy } from "../../src/data/formats/npy.ts";
import { readNpz } from "../../src/data/formats/npz.ts";
import { readParquet } from "../../src/data/formats/parquet.ts";
import { readXlsx } from "../../src/data/formats/xlsx.ts";
import { decodePicture } from "../../src/data/pictures/decode.ts";
import { InvalidInput, printable } from "../../src/errors.ts";
import { decodeModel } from "../../src/files/model/model-file.ts";
import type { Format } from "./case.ts";
import { Dice, mutant } from "./mutate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const labels = { shape: [3], values: Uint8Array.of(0, 1, 0) };
const file = "mutant";
const names = { name: "m", code: "BAD_NPY" as const, featuresFile: file, labelsFile: file };

const READERS: Readonly<Record<Format, (bytes: Bytes) => unknown>> = {
  idx: async (bytes) => datasetFromArrays(await readIdx(bytes, file), labels, names),
  "idx.gz": async (bytes) => datasetFromArrays(await readIdx(bytes, file), labels, names),
  npy: (bytes) => datasetFromArrays(readNpy(bytes, file), labels, names),
  npz: (bytes) => readNpz(bytes, { name: "m", file }),
  csv: (bytes) => readCsv([bytes], { name: "m", file }),
  arff: (bytes) => readArff([bytes], { name: "m", file }),
  libsvm: (bytes) => readLibsvm(decodeText([bytes], { file, code: "BAD_LIBSVM" }), { name: "m", file }),
  json: (bytes) => readJson([bytes], { name: "m", file }),
  xlsx: (bytes) => readXlsx(bytes, { name: "m", file }),
  arrow: (bytes) => readArrow(bytes, { name: "m", file }),
  png: (bytes) => decodePicture(bytes, "mutant.png"),
  jpeg: (bytes) => decodePicture(bytes, file),
  webp: (bytes) => decodePicture(bytes, file),
  gif: (bytes) => decodePicture(bytes, file),
  bmp: (bytes) => decodePicture(bytes, file),
  parquet: (bytes) => readParquet(bytes, { name: "m", file }),
  safetensors: (bytes) => decodeModel(bytes, file),
};

const own = () =>
  [Object.prototype, Array.prototype, Function.prototype].map((of) => Reflect.ownKeys(of).length).join();
const CLEAN = own();

/** `undefined` if it was read, the refusal's code if it was refused. Throws for anything else. */
export async function tryMutant(format: Format, bytes: Bytes): Promise<string | undefined> {
  let refusal: string | undefined;
  try {
    await READERS[format](bytes);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    if (!error.code || !error.file || !error.at) throw new Error(`no place: ${error.line}`, { cause: error });
    if (error.line.length > 4000 || printable(error.line) !== error.line)
      throw new Error(`not one safe line: ${error.line.slice(0, 200)}`);
    refusal = error.code;
  }
  if (own() !== CLEAN) throw new Error("a prototype was changed");
  return refusal;
}

export type Tally = {
  readonly mutants: number;
  readonly read: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly slowest: number;
};

/** Mutants read side by side. The CSV parser waits on timers; alone it would idle nine tenths of the time. */
const LANES: Partial<Record<Format, number>> = { csv: 32 };

/** Run mutants `first` … `first + count − 1` of a format. A find is thrown with the bytes that made it. */
export async function fuzz(format: Format, count: number, first = 0): Promise<Tally> {
  const refused = new Map<string, number>();
  let read = 0;
  let slowest = 0;
  let next = first;
  const lane = async () => {
    while (next < first + count) {
      const n = next++;
      const bytes = mutant(format, new Dice(n));
      const start = performance.now();
      try {
        const code = await tryMutant(format, bytes);
        if (code === undefined) read++;
        else refused.set(code, (refused.get(code) ?? 0) + 1);
      } catch (cause) {
        throw new Find(format, n, bytes, cause);
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: LANES[format] ?? 1 }, lane));
  return { mutants: count, read, refused, slowest };
}

export class Find extends Error {
  readonly bytes: Bytes;
  constructor(format: Format, n: number, bytes: Bytes, cause: unknown) {
    super(
      `${format} mutant ${n} (${bytes.length} bytes, base64 ${Buffer.from(bytes.subarray(0, 300)).toString("base64")}): ${(cause as Error).message}`,
      { cause },
    );
    this.bytes = bytes;
  }
}
