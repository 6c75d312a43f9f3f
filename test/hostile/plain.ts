// A second decoder for IDX, NPY, safetensors and CSV: slow, simple, written from the formats' descriptions, sharing no
// code with src/. It is asked only about files that the readers have accepted, so it refuses nothing. What it says is
// one text a value, so that two decoders can be compared: shapes, names, and every number as JavaScript prints it,
// which tells all doubles apart (-0 is written out).
import { gunzipSync } from "node:zlib";

export const numberText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** A whole number from bytes, lowest first. */
function whole(bytes: readonly number[], signed: boolean): bigint {
  let value = 0n;
  bytes.forEach((byte, k) => {
    value += BigInt(byte) * 256n ** BigInt(k);
  });
  const top = 256n ** BigInt(bytes.length);
  return signed && value >= top / 2n ? value - top : value;
}

/** An IEEE 754 number from bytes, lowest first, by its definition. */
function real(bytes: readonly number[]): number {
  const [exponentBits, fractionBits, bias] = ({ 2: [5, 10, 15], 4: [8, 23, 127] } as const)[bytes.length as 2] ?? [
    11, 52, 1023,
  ];
  const bits = whole(bytes, false);
  const fraction = Number(bits % 2n ** BigInt(fractionBits));
  const exponent = Number((bits >> BigInt(fractionBits)) % 2n ** BigInt(exponentBits));
  const sign = bits >> BigInt(fractionBits + exponentBits) === 1n ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits);
  return sign * (2 ** fractionBits + fraction) * 2 ** (exponent - bias - fractionBits);
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** `count` numbers of `width` bytes each from `at` on. */
function numbers(
  bytes: Uint8Array,
  at: number,
  count: number,
  width: number,
  read: (bytes: number[]) => number,
): number[] {
  return Array.from({ length: count }, (_, k) => read([...bytes.slice(at + k * width, at + (k + 1) * width)]));
}

const integer = (signed: boolean) => (bytes: number[]) => Number(whole(bytes, signed));

export function plainIdx(bytes: Uint8Array): string {
  const file = bytes[0] === 0x1f ? new Uint8Array(gunzipSync(bytes)) : bytes;
  const dimensions = file[3]!;
  const shape = numbers(file, 4, dimensions, 4, (b) => integer(false)(b.reverse()));
  const [width, read] = (
    {
      8: [1, integer(false)],
      9: [1, integer(true)],
      11: [2, integer(true)],
      12: [4, integer(true)],
      13: [4, real],
      14: [8, real],
    } as const
  )[file[2] as 8]!;
  const values = numbers(file, 4 + 4 * dimensions, product(shape), width, (b) => read(b.reverse()));
  return arrayText(shape, values);
}

export const textsText = (shape: readonly number[], texts: readonly string[]): string =>
  `${shape.join("x")}: ${JSON.stringify(texts)}`;

export const arrayText = (shape: readonly number[], values: Iterable<number>): string =>
  `${shape.join("x")}: ${Array.from(values, numberText).join(" ")}`;

export function plainNpy(bytes: Uint8Array): string {
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const length = integer(false)([...bytes.slice(8, start)]);
  const header = Buffer.from(bytes.slice(start, start + length)).toString("latin1");
  const json = header
    .replace(/\s/g, " ")
    .replaceAll("'", '"')
    .replace("True", "true")
    .replace("False", "false")
    .replace("(", "[")
    .replace(")", "]")
    .replace(/, *([\]}])/g, "$1");
  const { descr, fortran_order, shape } = JSON.parse(json) as {
    descr: string;
    fortran_order: boolean;
    shape: number[];
  };
  const width = Number(descr.slice(2));
  const order = (list: number[]) => (descr[0] === ">" ? list.reverse() : list);
  if (descr[1] === "U" || descr[1] === "S") {
    const size = descr[1] === "U" ? 4 * width : width;
    const texts = Array.from({ length: product(shape) }, (_, k) => {
      const at = start + length + k * size;
      const own = bytes.slice(at, at + size);
      const points = Array.from({ length: width }, (_, c) => integer(false)(order([...own.slice(4 * c, 4 * c + 4)])));
      const wide = points.map((point) => (point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point))).join("");
      return (descr[1] === "U" ? wide : new TextDecoder().decode(own)).replace(/\0+$/, "");
    });
    return textsText(shape, fortran_order ? places(shape).map((at) => texts[at]!) : texts);
  }
  if (descr[1] === "b") {
    const truth = numbers(bytes, start + length, product(shape), 1, ([byte]) => (byte === 0 ? 0 : 1));
    return arrayText(shape, fortran_order ? places(shape).map((at) => truth[at]!) : truth);
  }
  const read = descr[1] === "f" ? real : integer(descr[1] === "i");
  const raw = numbers(bytes, start + length, product(shape), width, (b) => read(descr[0] === ">" ? b.reverse() : b));
  return arrayText(shape, fortran_order ? places(shape).map((at) => raw[at]!) : raw);
}

/** For every element in C order, where it lies in Fortran order: the first index runs fastest there. */
function places(shape: readonly number[]): number[] {
  let found: { at: number; step: number }[] = [{ at: 0, step: 1 }];
  for (const size of shape)
    found = found.flatMap(({ at, step }) =>
      Array.from({ length: size }, (_, i) => ({ at: at + i * step, step: step * size })),
    );
  return found.map(({ at }) => at);
}

export function plainSafetensors(bytes: Uint8Array): string {
  const length = Number(whole([...bytes.slice(0, 8)], false));
  const entries = Object.entries(JSON.parse(Buffer.from(bytes.slice(8, 8 + length)).toString("utf8"))) as [
    string,
    never,
  ][];
  return entries
    .map(([name, entry]) => {
      if (name === "__metadata__") return metadataText(Object.entries(entry));
      const { dtype, shape, data_offsets } = entry as {
        dtype: string;
        shape: number[];
        data_offsets: [number, number];
      };
      const [width, read] = { F64: [8, real] as const, F32: [4, real] as const, U8: [1, integer(false)] as const }[
        dtype
      ] ?? [8, undefined];
      const at = 8 + length + data_offsets[0];
      const values = read
        ? numbers(bytes, at, product(shape), width, read).map(numberText)
        : Array.from({ length: product(shape) }, (_, k) =>
            String(whole([...bytes.slice(at + 8 * k, at + 8 * k + 8)], true)),
          );
      return tensorText(name, shape, values);
    })
    .sort()
    .join("\n");
}

export const metadataText = (entries: readonly (readonly [string, string])[]): string =>
  entries.length === 0 ? "" : `metadata ${JSON.stringify([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))}`;
export const tensorText = (name: string, shape: readonly number[], values: readonly string[]): string =>
  `${JSON.stringify(name)} ${shape.join("x")}: ${values.join(" ")}`;

/** Cells, by the states of RFC 4180; any of \r\n, \n and \r ends a row, and empty rows are none. */
function cells(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let touched = false; // whether the row has anything at all
  const endRow = () => {
    if (touched) rows.push([...row, cell]);
    row = [];
    cell = "";
    touched = false;
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') {
        cell += c;
        at++;
      } else quoted = false;
    } else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[at + 1] === "\n") at++;
      endRow();
    } else {
      touched = true;
      if (c === '"') quoted = true;
      else if (c === delimiter) {
        row.push(cell);
        cell = "";
      } else cell += c;
    }
  }
  endRow();
  return rows;
}

/**
 * The commonest of tab, semicolon and comma in the first row that is not empty, outside quotes; the first of these in a
 * tie; comma for none.
 */
function delimiterOf(text: string): string {
  const [first] = cells(text, "\0");
  const raw = text.replace(/^[\r\n]+/, "");
  let outside = "";
  let quoted = false;
  for (const c of raw) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && (c === "\n" || c === "\r")) break;
    else if (!quoted) outside += c;
  }
  const counts = ["\t", ";", ","].map((d) => outside.split(d).length - 1);
  const most = Math.max(...counts);
  return first === undefined || most === 0 ? "," : ["\t", ";", ","][counts.indexOf(most)]!;
}

const isNumber = (cell: string) => /^[0-9+\-.eE \t]+$/.test(cell) && cell.trim() !== "" && !Number.isNaN(Number(cell));
const isMissing = (cell: string) =>
  ["", "na", "n/a", "nan", "null", "none", "nil", "-", "?"].includes(cell.trim().toLowerCase());

export function plainCsv(bytes: Uint8Array, separator?: string): string {
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const rows = cells(text, separator ?? delimiterOf(text));
  const first = rows[0]!;
  const called = first.flatMap((cell, j) =>
    ["label", "class", "target"].includes(cell.trim().toLowerCase()) ? [j] : [],
  );
  const label = called.length === 1 ? called[0]! : first.length - 1;
  const features = (row: string[]) => row.filter((_, j) => j !== label);
  const labelOf = (row: string[]) => {
    const text = row[label]!.trim();
    return isNumber(text) ? String(Number(text)) : text;
  };
  const words = features(first).some((cell) => !isNumber(cell) && !isMissing(cell));
  const others = rows.slice(1).map(labelOf);
  const odd = others.length > 0 && !isNumber(labelOf(first)) && others.every(isNumber);
  const header = words || odd;
  const body = header ? rows.slice(1) : rows;
  const classes = [...new Set(body.map(labelOf))].sort();
  // stable, so equal numbers stay in the order of their text
  if (classes.every(isNumber)) classes.sort((a, b) => Number(a) - Number(b));
  const names = header ? features(first.map((cell, j) => cell.trim() || `column ${j + 1}`)) : undefined;
  const values = body.flatMap((row) => features(row).map((cell) => Number.parseFloat(cell)));
  return tableText(names, classes, body.map(labelOf), values);
}

export const tableText = (
  names: readonly string[] | undefined,
  classes: readonly string[],
  labels: readonly string[],
  values: Iterable<number>,
): string => `${JSON.stringify([names ?? null, classes, labels])} ${Array.from(values, numberText).join(" ")}`;
