// Random valid files, a function of the dice: what a careful writer of each format might produce, odd corners included.
import { gzipSync } from "node:zlib";
import { writeIdx } from "../data/write-idx.ts";
import { writeNpy, writeNpyOf } from "../data/write-npy.ts";
import { joined } from "./case.ts";
import { writeSafetensors } from "./make-safetensors.ts";
import type { Dice } from "./mutate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ODD = [
  0,
  -0,
  1,
  -1,
  0.1,
  1e-45,
  -1e-310,
  3.4e38,
  1.5e308,
  2 ** 31,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  255,
  1 / 3,
];
const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
const many = <T>(n: number, make: (k: number) => T): T[] => Array.from({ length: n }, (_, k) => make(k));
const real = (dice: Dice) => (dice.below(3) === 0 ? dice.of(ODD) : (dice.below(2e6) - 1e6) / dice.of([1, 7, 1e3, 1e9]));

function idx(dice: Dice): Bytes {
  const code = dice.of([8, 9, 11, 12, 13, 14]);
  const shape = many(1 + dice.below(4), () => 1 + dice.below(5));
  return writeIdx(
    code,
    shape,
    many(product(shape), () => (code > 12 ? real(dice) : dice.below(2 ** 32) - 2 ** 31)),
  );
}

const WIDTHS = { b1: 1, i1: 1, i2: 2, u2: 2, u4: 4, f2: 2, U3: 12, S5: 5 } as const;

/** Any bytes are numbers, truth values or text of these kinds. */
function otherNpy(dice: Dice): Bytes {
  const kind = dice.of(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]);
  const shape = many(1 + dice.below(3), () => dice.below(5));
  const odd = dice.below(2) === 1;
  const byte = (k: number) => (kind === "U3" && k % 4 > 0 ? 0 : dice.below(odd ? 256 : 2) * dice.below(128));
  const order = WIDTHS[kind] === 1 || kind === "S5" ? "|" : "<";
  return writeNpyOf(`${order}${kind}`, shape, Uint8Array.from(many(product(shape) * WIDTHS[kind], byte)));
}

function npy(dice: Dice): Bytes {
  if (dice.below(3) === 0) return otherNpy(dice);
  const dtype = dice.of(["f4", "f8", "u1", "i4", "i8"] as const);
  const shape = many(dice.below(5), () => dice.below(5));
  const most = { u1: 255, i4: 2 ** 31 - 1, i8: 2 ** 53 - 1, f4: 0, f8: 0 }[dtype];
  const value = () =>
    dtype[0] === "f" ? real(dice) : dtype === "u1" ? dice.below(256) : dice.of([1, -1]) * dice.below(most);
  const [fortran, big] = [dice.below(2) === 1, dice.below(2) === 1];
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `( ${shape.join(" ,")})`;
  const order = dtype === "u1" ? dice.of(["|", "<", ">"]) : big ? ">" : "<";
  const parts = [`"descr":'${order}${dtype}'`, `'fortran_order' : ${fortran ? "True" : "False"}`, `'shape': ${tuple}`];
  const turned = dice.below(3);
  const header = `{ ${[...parts.slice(turned), ...parts.slice(0, turned)].join(dice.of([", ", ",", " ,\t"]))}${dice.of(["", ",", ", "])}}`;
  const version = dice.of([1, 2, 3] as const);
  return writeNpy(dtype, shape, many(product(shape), value), { fortran, big, version, header });
}

const NAMES = [
  "layers.0.weight",
  "0",
  "10",
  "é",
  "a\nb",
  "\u2028",
  "__proto__",
  "constructor",
  "😀",
  "",
  '"',
  "\\",
  "x y",
];

function safetensors(dice: Dice): Bytes {
  const names = many(1 + dice.below(5), (k) => dice.of(NAMES) + (k === 0 ? "" : k));
  let at = 0;
  const entries = names.map((name) => {
    const dtype = dice.of(["F32", "F64", "U8", "I64"] as const);
    const shape = many(dice.below(4), () => dice.below(4));
    const begin = at;
    at += product(shape) * { F32: 4, F64: 8, U8: 1, I64: 8 }[dtype];
    return `${JSON.stringify(name)}:${JSON.stringify({ shape, data_offsets: [begin, at], dtype })}`;
  });
  if (dice.below(2) === 1)
    entries.push(`"__metadata__":${JSON.stringify({ [dice.of(NAMES)]: dice.of(NAMES), n: "1" })}`);
  const turned = dice.below(entries.length);
  const header = `{${[...entries.slice(turned), ...entries.slice(0, turned)].join(dice.of([",", " ,\n"]))}}${" ".repeat(dice.below(9))}`;
  return writeSafetensors(header, Uint8Array.from(many(at, () => dice.below(256))));
}

const LABELS = ["red", "blue", "a,b", 'a "b"', "two\nlines", " padded ", "é😀", "=1+1", "__proto__", "7", "07"];

function csv(dice: Dice): Bytes {
  const delimiter = dice.of([",", ";", "\t"]);
  const [rows, cols] = [2 + dice.below(8), 1 + dice.below(4)];
  const kinds = dice.of([LABELS, ["0", "1", "2"], ["10", "9", "-1", "1e1"]]);
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const cell = (text: string) => (/["\r\n,;\t]/.test(text) || dice.below(5) === 0 ? quote(text) : text);
  const number = () => {
    const x = dice.of([0, -1, 0.1, 1e-300, 12345.678, 3e38, 1 / 3]) * (1 + dice.below(9));
    const safe = Math.abs(x) > 3e38 ? 1 : x;
    return dice.of([
      String(safe),
      safe.toExponential(3),
      ` ${safe}`,
      safe < 0 ? String(safe) : `+${safe}`,
      "1.",
      ".5",
      "007",
    ]);
  };
  const head = dice.below(3) === 0 ? [] : [[...many(cols, (j) => dice.of(["width", " col ", "é", '"q"']) + j), "kind"]];
  const body = many(rows, () => [...many(cols, number), dice.of(kinds)]);
  const end = () => dice.of(["\n", "\r\n"]).repeat(dice.below(6) === 0 ? 2 : 1);
  const lines = [...head, ...body].map((row) => row.map(cell).join(delimiter) + end());
  return joined(dice.below(3) === 0 ? "\ufeff" : "", lines.join("").replace(/[\r\n]+$/, dice.of(["", "\n"])));
}

export const VALID = { idx, "idx.gz": (dice: Dice) => joined(gzipSync(idx(dice))), npy, safetensors, csv };
