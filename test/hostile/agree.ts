// Whether what a reader accepts is right: the same values, names and classes as the second decoder of plain.ts finds in
// the same bytes.
import { readCsv } from "../../src/data/formats/csv.ts";
import { findLayout } from "../../src/data/formats/csv-layout.ts";
import { readIdx } from "../../src/data/formats/idx.ts";
import { readNpy } from "../../src/data/formats/npy.ts";
import { InvalidInput } from "../../src/errors.ts";
import { decodeSafetensors } from "../../src/files/model/safetensors.ts";
import { Dice, mutant } from "./mutate.ts";
import {
  arrayText,
  metadataText,
  numberText,
  plainCsv,
  plainIdx,
  plainNpy,
  plainSafetensors,
  tableText,
  tensorText,
  textsText,
} from "./plain.ts";
import { VALID } from "./valid.ts";

type Bytes = Uint8Array<ArrayBuffer>;
export type Decoded = keyof typeof VALID;
export const DECODED = Object.keys(VALID) as Decoded[];

/** What the readers of src/ find, as text. */
const READERS: Record<Decoded, (bytes: Bytes) => Promise<string>> = {
  idx: readIdxText,
  "idx.gz": readIdxText,
  npy: async (bytes) => {
    const { shape, values, names } = readNpy(bytes);
    return names
      ? textsText(
          shape,
          Array.from(values, (place) => names[place]!),
        )
      : arrayText(shape, values);
  },
  safetensors: async (bytes) => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const parts = [...tensors].map(([name, { shape, values }]) =>
      tensorText(
        name,
        shape,
        Array.from<number | bigint, string>(values, (x) => (typeof x === "bigint" ? String(x) : numberText(x))),
      ),
    );
    return [...parts, ...(metadata.size > 0 ? [metadataText([...metadata])] : [])].sort().join("\n");
  },
  csv: async (bytes) => {
    const { data, columns } = await readCsv([bytes], { name: "t" });
    if (data.columns || columns.some(({ role }) => role === "ignored"))
      throw new InvalidInput("BAD_CSV", "not compared");
    const labels = Array.from(data.labels, (label) => data.classes[label]!);
    return tableText(data.featureNames, data.classes, labels, data.features);
  },
};

async function readIdxText(bytes: Bytes): Promise<string> {
  const { shape, values } = await readIdx(bytes);
  return arrayText(shape, values);
}

const PLAIN: Record<Decoded, (bytes: Uint8Array, separator?: string) => string> = {
  ...{ idx: plainIdx, "idx.gz": plainIdx, npy: plainNpy, safetensors: plainSafetensors, csv: plainCsv },
};

/** What separates the cells of a table that is laid out as the second decoder takes it; "" for any other. */
function plainSeparator(bytes: Bytes): string {
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const { separator = ",", skip, titles, trailing, rowNames } = findLayout(text, true);
  const lines = text.split(/\r\n|\n|\r/).slice(0, skip);
  const odd = trailing || rowNames || titles.length > 0 || lines.some((line) => line !== "") || bytes.includes(0);
  return odd || ![",", ";", "\t", "|"].includes(separator) ? "" : separator;
}

/** False if the reader refuses the bytes; true if both decoders say the same. Throws where they differ. */
async function agrees(format: Decoded, which: string, bytes: Bytes): Promise<boolean> {
  let read: string;
  try {
    read = await READERS[format](bytes);
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
  const separator = format === "csv" && which.startsWith("mutant") ? plainSeparator(bytes) : undefined;
  if (separator === "") return false;
  const plain = PLAIN[format](bytes, separator);
  if (read === plain) return true;
  throw new Error(
    `${format}, ${which}: the reader says ${read.slice(0, 300)}, the second decoder ${plain.slice(0, 300)}`,
  );
}

/**
 * How many of the first valid files and of the first mutants were read by both decoders alike. Throws at a difference.
 */
export async function agreement(
  format: Decoded,
  { valid, mutants }: { readonly valid: number; readonly mutants: number },
): Promise<{ valid: number; accepted: number }> {
  let [read, accepted] = [0, 0];
  for (let n = 0; n < valid; n++) if (await agrees(format, `valid file ${n}`, VALID[format](new Dice(n)))) read++;
  let next = 0;
  const lane = async () => {
    while (next < mutants) {
      const n = next++;
      if (await agrees(format, `mutant ${n}`, mutant(format, new Dice(n)))) accepted++;
    }
  };
  await Promise.all(Array.from({ length: format === "csv" ? 32 : 1 }, lane)); // the CSV parser waits on timers
  return { valid: read, accepted };
}
