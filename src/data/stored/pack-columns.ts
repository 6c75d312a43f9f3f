// A block of numbers in few bytes, with every bit: each column as whole numbers over one unit (5.1 is 51 / 10), as
// float32 where that is exact, else as float64.

/** How a column of a block is kept. A value is k / unit, with the smallest k for NaN. */
export type PackedColumn = {
  readonly form: keyof typeof FORMS;
  /** A power of ten, or 2⁻²⁰⁰ of a table's texts; 1 of floats. */
  readonly unit: number;
  /** Where its values begin in the block, in bytes. */
  readonly offset: number;
};

/** How a block of rows is kept, column after column, and in how many bytes; `forms` says the same in short. */
export type PackedForm = {
  readonly forms: string;
  readonly columns: readonly PackedColumn[];
  readonly length: number;
};

const FORMS = {
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export const TEXT_UNIT = 2 ** -200; // of the codes of a table's texts, k·2²⁰⁰
const MOST_DIGITS = 9; //   after the point: more do not fit 32 bits beside digits before it
const LARGEST = 2 ** 31 - 1;

/** The narrowest form of `rows` rows of `width` numbers, row-major. */
export function packedForm(cells: Float64Array, rows: number, width: number): PackedForm {
  const found = Array.from({ length: width }, (_, j) => formOf(cells, j, rows * width, width));
  return formIn(found.map(letterOf).join(""), rows);
}

const LETTERS = "0123456789t"; // digits after the point, or codes of texts
const FORM_NAMES = Object.keys(FORMS) as readonly (keyof typeof FORMS)[];
const FIRST_LETTER = 48; //  "0"

/** A column in one character: its form and its unit. */
function letterOf({ form, unit }: Pick<PackedColumn, "form" | "unit">): string {
  const k = unit === TEXT_UNIT ? LETTERS.length - 1 : String(unit).length - 1;
  return String.fromCharCode(FIRST_LETTER + FORM_NAMES.indexOf(form) * LETTERS.length + k);
}

/** What `forms` says of a block of `rows` rows. */
export function formIn(forms: string, rows: number): PackedForm {
  let length = 0;
  const columns = Array.from(forms, (_, j): PackedColumn => {
    const code = forms.charCodeAt(j) - FIRST_LETTER;
    const [form, k] = [FORM_NAMES[Math.floor(code / LETTERS.length)]!, code % LETTERS.length];
    const offset = length;
    length += 8 * Math.ceil((rows * FORMS[form].BYTES_PER_ELEMENT) / 8);
    return { form, unit: k === LETTERS.length - 1 ? TEXT_UNIT : 10 ** k, offset };
  });
  return { forms, columns, length };
}

/** Write rows in the form found for them. */
export function pack(
  bytes: Uint8Array<ArrayBuffer>,
  columns: readonly PackedColumn[],
  cells: Float64Array,
  rows: number,
) {
  columns.forEach((column, j) => {
    write(column, valuesOf(column, bytes, rows), cells, j, columns.length);
  });
}

function write({ form, unit }: PackedColumn, to: Values, cells: Float64Array, from: number, width: number): void {
  const rows = to.length;
  if (form === "float32" || form === "float64")
    for (let i = 0, at = from; i < rows; i++, at += width) to[i] = cells[at]!;
  else {
    const none = HOLES[form];
    for (let i = 0, at = from; i < rows; i++, at += width) {
      const x = cells[at]!;
      to[i] = x === x ? Math.round(x * unit) : none;
    }
  }
}

/** What stands for NaN; a column of bytes has none. */
const HOLES = { uint8: 0, int16: -(2 ** 15), int32: -(2 ** 31) } as const;

type Values = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** The values of a column of a block as they are kept. */
function valuesOf({ form, offset }: PackedColumn, bytes: Uint8Array<ArrayBuffer>, rows: number): Values {
  return new FORMS[form](bytes.buffer, bytes.byteOffset + offset, rows);
}

/** Write a column of a block of `rows` rows, which `bytes` are, to out[to], out[to + step], … */
export function unpack(
  column: PackedColumn,
  bytes: Uint8Array<ArrayBuffer>,
  rows: number,
  out: Float64Array,
  to: number,
  step: number,
): void {
  const values = valuesOf(column, bytes, rows);
  const { form, unit } = column;
  if (form === "float32" || form === "float64")
    for (let i = 0, at = to; i < rows; i++, at += step) out[at] = values[i]!;
  else if (form === "uint8") for (let i = 0, at = to; i < rows; i++, at += step) out[at] = values[i]! / unit;
  else {
    const none = HOLES[form];
    for (let i = 0, at = to; i < rows; i++, at += step) {
      const k = values[i]!;
      out[at] = k === none ? Number.NaN : k / unit;
    }
  }
}

/** Write the rows wanted[from … end) of a column, numbered from `first`, to the places of `out` in the same order. */
export function pick(
  column: PackedColumn,
  bytes: Uint8Array<ArrayBuffer>,
  rows: number,
  wanted: { readonly rows: Uint32Array; readonly places: Uint32Array; readonly from: number; readonly end: number },
  first: number,
  out: Float64Array,
  to: number,
  step: number,
): void {
  const values = valuesOf(column, bytes, rows);
  const { form, unit } = column;
  const none = form === "int16" || form === "int32" ? HOLES[form] : Number.NaN;
  for (let i = wanted.from; i < wanted.end; i++) {
    const place = wanted.places[i]!;
    const k = values[wanted.rows[place]! - first]!;
    out[to + place * step] = k === none ? Number.NaN : k / unit; // of floats: x / 1
  }
}

/** The narrowest form that gives back every number of a column of cells: those at `from`, `from + width`, … */
function formOf(cells: Float64Array, from: number, end: number, width: number): Pick<PackedColumn, "form" | "unit"> {
  let digits = -1; // −1: none yet; past MOST_DIGITS: no whole numbers
  let unit = 1;
  let [least, most] = [0, 0];
  let holes = false;
  let single = true;
  for (let at = from; at < end; at += width) {
    const x = cells[at]!;
    if (x !== x) {
      holes = true;
      continue;
    }
    if (single && Math.fround(x) !== x) single = false;
    if (digits > MOST_DIGITS) {
      if (!single) break;
      continue;
    }
    if (digits < 0) {
      digits = 0;
      if (Math.abs(x) >= 1 / TEXT_UNIT) unit = TEXT_UNIT;
    }
    while (digits <= MOST_DIGITS && !isWhole(x, unit)) {
      digits = unit === TEXT_UNIT ? MOST_DIGITS + 1 : digits + 1;
      unit = 10 ** digits;
    }
    if (x < least) least = x;
    if (x > most) most = x;
  }
  if (digits <= MOST_DIGITS) {
    const [low, high] = [Math.round(least * unit), Math.round(most * unit)];
    if (!holes && low >= 0 && high < 2 ** 8) return { form: "uint8", unit };
    if (low > HOLES.int16 && high < 2 ** 15) return { form: "int16", unit };
    if (low > HOLES.int32 && high <= LARGEST) return { form: "int32", unit };
  }
  return { form: single ? "float32" : "float64", unit: 1 };
}

/** Whether x is k / unit for a whole k of 32 bits, and not −0. */
function isWhole(x: number, unit: number): boolean {
  const k = Math.round(x * unit);
  return k / unit === x && k <= LARGEST && k > -LARGEST && (k !== 0 || 1 / x > 0);
}
