// A seeded mutator of files: bits flipped, parts spliced, cut, doubled and moved, numbers set to what overflows, byte
// orders swapped. Where a format has check sums or lengths around its content, half of its mutants have these mended,
// so that what lies behind them is reached as well.
import { gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { PNG_SIGNATURE, pngChunk } from "../data/write-png.ts";
import { writeZip } from "../data/write-zip.ts";
import { FORMATS, type Format, joined } from "./case.ts";
import { CASES } from "./make.ts";

/** xorshift32 (Marsaglia 2003): small, fast, and not the generator under test. */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9) | 0 || 1;
  }
  /** An integer in [0, n). */
  below(n: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * n);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const NUMBERS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  255n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
];
const WORDS = [
  ",",
  '"',
  '""',
  "\n",
  "\r\n",
  "\t",
  ";",
  "\0",
  "\ufeff",
  "__proto__",
  "constructor",
  "1e999",
  "-0",
  "NaN",
  "0x10",
  "1,5",
  "{",
  "}",
  "[",
  "(",
  ")",
  "'",
  ":",
  "9007199254740993",
  "-1",
  "999999999999999",
  "True",
  "|O",
  "<f8",
  ">i8",
  "é",
  "\ud83d\ude00",
];

/**
 * The contents that mutants of a format start from: of all its cases, nasty ones too, the one file that is the matter.
 */
export const SEEDS: Readonly<Record<Format, readonly Uint8Array[]>> = Object.fromEntries(
  FORMATS.map((format) => [
    format,
    CASES[format].flatMap(({ files, open }) => {
      const bytes = files[open] ?? Object.values(files).at(-1);
      return bytes === undefined || bytes.length > 4096 ? [] : [joined(bytes)];
    }),
  ]),
) as Record<Format, Uint8Array[]>;

/** One mutant: a function of the format and the dice alone. */
export function mutant(format: Format, dice: Dice): Uint8Array<ArrayBuffer> {
  const good = SEEDS[format].slice(0, 3);
  const from = () => dice.of(dice.below(4) > 0 ? good : SEEDS[format]);
  const seed = from();
  const inside = dice.below(2) === 1 ? openUp(format, seed) : undefined;
  const mutate = (bytes: Uint8Array) => {
    let out = bytes;
    for (let k = 1 + dice.below(3); k > 0; k--) out = change(out, from(), dice);
    return new Uint8Array(out);
  };
  return inside ? inside(mutate, dice) : mutate(seed);
}

type Change = (bytes: Uint8Array) => Uint8Array;

/**
 * How to mutate what lies behind a format's check sums and lengths; undefined where it has none, or where the seed
 * cannot be opened.
 */
function openUp(
  format: Format,
  seed: Uint8Array,
): ((mutate: Change, dice: Dice) => Uint8Array<ArrayBuffer>) | undefined {
  try {
    if (format === "idx.gz") {
      const inner = gunzipSync(seed);
      return (mutate) => joined(gzipSync(mutate(inner)));
    }
    if (format === "npz" || format === "xlsx") return openZip(seed);
    if (format === "png") return (mutate) => mend(mutate(seed));
    if (format === "safetensors") return openHeader(seed);
    if (format === "parquet") return openFooter(seed);
  } catch {}
  return undefined;
}

function openZip(seed: Uint8Array): (mutate: Change, dice: Dice) => Uint8Array<ArrayBuffer> {
  const view = Buffer.from(seed);
  const entries: { name: string; data: Uint8Array; deflate: boolean }[] = [];
  for (let at = 0; view.readUInt32LE(at) === 0x04034b50; ) {
    const [method, packed, named, extra] = [
      view.readUInt16LE(at + 8),
      view.readUInt32LE(at + 18),
      view.readUInt16LE(at + 26),
      view.readUInt16LE(at + 28),
    ];
    const begin = at + 30 + named + extra;
    const data = view.subarray(begin, begin + packed);
    entries.push({
      name: view.toString("utf8", at + 30, at + 30 + named),
      data: method === 8 ? inflateRawSync(data) : data,
      deflate: method === 8,
    });
    at = begin + packed;
  }
  return (mutate, dice) => {
    const chosen = dice.below(entries.length);
    return writeZip(entries.map((entry, e) => (e === chosen ? { ...entry, data: mutate(entry.data) } : entry)));
  };
}

/** The header of a safetensors file mutated, the length before it made right. */
function openHeader(seed: Uint8Array): (mutate: Change) => Uint8Array<ArrayBuffer> {
  const length = Number(Buffer.from(seed).readBigUInt64LE());
  return (mutate) => {
    const header = mutate(seed.subarray(8, 8 + length));
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    return joined(head, header, seed.subarray(8 + length));
  };
}

/** The footer of a Parquet file mutated, the length after it made right. */
function openFooter(seed: Uint8Array): (mutate: Change) => Uint8Array<ArrayBuffer> {
  const begin = seed.length - 8 - Buffer.from(seed).readUInt32LE(seed.length - 8);
  return (mutate) => {
    const footer = mutate(seed.subarray(begin, -8));
    const tail = Buffer.from("....PAR1");
    tail.writeUInt32LE(footer.length);
    return joined(seed.subarray(0, begin), footer, tail);
  };
}

/** A PNG with the CRC of every chunk made right, as far as its lengths can be followed. */
function mend(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = Buffer.from(bytes);
  const chunks: Uint8Array[] = [];
  let at = 8;
  while (at + 12 <= view.length && view.readUInt32BE(at) <= view.length - at - 12) {
    const length = view.readUInt32BE(at);
    chunks.push(pngChunk(view.toString("latin1", at + 4, at + 8), view.subarray(at + 8, at + 8 + length)));
    at += 12 + length;
  }
  return joined(PNG_SIGNATURE, ...chunks, view.subarray(at));
}

function change(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  const out = Buffer.from(bytes);
  const at = dice.below(out.length + 1);
  const part = (of: Uint8Array, most = 64) => {
    const start = dice.below(of.length + 1);
    return of.subarray(start, start + 1 + dice.below(most));
  };
  switch (dice.below(9)) {
    case 0:
      for (let k = 1 + dice.below(8); k > 0 && out.length > 0; k--) out[dice.below(out.length)]! ^= 1 << dice.below(8);
      return out;
    case 1: // splice with another file
      return Buffer.concat([out.subarray(0, at), other.subarray(dice.below(other.length + 1))]);
    case 2: // cut
      return out.subarray(0, at);
    case 3: // take a part out
      return Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + dice.below(32))]);
    case 4: // double a part
      return Buffer.concat([out.subarray(0, at), part(out), out.subarray(at)]);
    case 5: // put a part of another file over it
      out.set(part(other).subarray(0, out.length - at), at);
      return out;
    case 6: {
      const width = dice.of([1, 2, 4, 8]);
      const value = Buffer.alloc(8);
      value.writeBigInt64LE(BigInt.asIntN(64, dice.of([...NUMBERS, BigInt(out.length), BigInt(out.length + 1)])));
      const number = value.subarray(0, width);
      out.set((dice.below(2) === 1 ? number.reverse() : number).subarray(0, out.length - at), at);
      return out;
    }
    case 7: // swap the byte order of a number
      out.subarray(at, at + dice.of([2, 4, 8])).reverse();
      return out;
    default: {
      const word = Buffer.from(dice.of(WORDS));
      return Buffer.concat([out.subarray(0, at), word, out.subarray(at + (dice.below(2) === 1 ? word.length : 0))]);
    }
  }
}
