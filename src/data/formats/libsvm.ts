// LIBSVM and SVMlight files: a label, and the columns that are not zero as index:value. A large table stays as sparse
// as its file; a small one is handed to the table whole, row by row. How large it is, zeros counted, is held against a
// bound before.
// Source: the README of LIBSVM 3.
import { InvalidInput } from "../../errors.ts";
import type { Column } from "../columns.ts";
import { GrowingArray } from "../stored/growing-array.ts";
import type { WithKeeping } from "../stored/keeping.ts";
import { CellStore, LARGEST, textOf } from "../table/cell-store.ts";
import { badCell } from "../table/explain-cell.ts";
import { NUMBER } from "./class-order.ts";
import { collect } from "./collect.ts";
import { lineBlocks } from "./line-blocks.ts";
import { mostValues, noRoom } from "./room.ts";
import { sparseTable } from "./sparse-table.ts";
import type { Cell, RowWatch, TableOptions, TableResult } from "./table.ts";

const MOST_INDEX = 100_000 - 1;
const CODE = "BAD_LIBSVM";
const MOSTLY = 4; // a table stays sparse where at most one number in so many is written

/** What is said of a table that stays sparse: its label, and of a model its columns. */
const PLAIN = [
  "file",
  "name",
  "label",
  "classes",
  "known",
  "categorical",
  "task",
  "encoding",
  "preferred",
  "sheet",
  "missing",
  "without",
  "keeping",
];

/**
 * Read a sparse table; columns are named by their indices, and what is not there is 0: of a model's columns, too.
 * Raises InvalidInput BAD_LIBSVM naming the row.
 */
export async function readLibsvm(
  text: AsyncIterable<string>,
  options: TableOptions & RowWatch & WithKeeping & { readonly name: string },
): Promise<TableResult> {
  const { file, known } = options;
  const labels = new CellStore(1);
  const numbers = new GrowingArray(new Uint32Array(1024)); // of rows in the file
  const starts = new GrowingArray(new Uint32Array(1024));
  const indices = new GrowingArray(new Uint32Array(2 ** 14));
  const values = new GrowingArray(new Float64Array(2 ** 14));
  let [least, most] = [1, 0];
  let size = 0; // characters
  let large: { readonly row: number; readonly index: number; readonly value: number } | undefined;
  const refuse = (row: number, reason: string) => new InvalidInput(CODE, reason, { file, at: `row ${row}` });
  const read = (line: string, row: number) => {
    const [label = "", ...pairs] = line
      .replace(/#.*$/, "")
      .trim()
      .split(/[ \t]+/);
    if (label === "") return;
    if (!NUMBER.test(label))
      throw refuse(row, `the label must be a number, got ${JSON.stringify(label.slice(0, 40))}.`);
    labels.add([label]);
    numbers.push(row);
    starts.push(indices.length);
    let before = -1;
    for (const pair of pairs) {
      const colon = pair.indexOf(":");
      const [index, value] = [pair.slice(0, colon), pair.slice(colon + 1)];
      if (colon < 1 || !/^[0-9]{1,9}$/.test(index) || !NUMBER.test(value)) {
        const remedy = index === "qid" ? " Rankings (qid) are not read." : "";
        throw refuse(row, `after the label come pairs index:value, got ${JSON.stringify(pair.slice(0, 40))}.${remedy}`);
      }
      const at = Number(index);
      if (at > MOST_INDEX) throw refuse(row, `at most ${MOST_INDEX} columns are read, got the index ${index}.`);
      if (at <= before) throw refuse(row, `indices must grow in a row, got ${at} after ${before}.`);
      before = at;
      if (at < least) least = at;
      if (at > most) most = at;
      const x = Number(value);
      if (Math.abs(x) > LARGEST) large ??= { row, index: at, value: x };
      indices.push(at);
      values.push(x);
    }
  };
  for await (const { lines, row } of lineBlocks(text, CODE, file))
    lines.forEach((line, k) => {
      size += line.length;
      read(line, row + k);
    });
  starts.push(indices.length);

  const { rows } = labels;
  const wanted = known && indicesOf(known);
  for (const index of wanted ?? []) [least, most] = [Math.min(least, index), Math.max(most, index)];
  const width = most - least + 1;
  const plain = isPlain(options) && rows > 0 && width > 0 && (known === undefined || wanted !== undefined);
  const sparse =
    plain && (wanted !== undefined || (rows * width > mostValues(0) && MOSTLY * indices.length < rows * width));
  const reason = noRoom(rows, wanted?.length ?? width, size, {
    sparse: sparse && options.label !== null,
    known: sparse && wanted !== undefined,
  });
  if (reason !== undefined) throw new InvalidInput(CODE, reason, { file, at: `row ${rows}` });
  const place = (row: number | undefined, column: number) => {
    const at = `column ${column + 1} (label)`;
    return { file, at: row === undefined ? at : `row ${numbers.values[row]} ${at}` };
  };
  if (sparse) {
    if (large) {
      const at = `row ${large.row} column ${large.index - least + 1} (${large.index})`;
      throw new InvalidInput(CODE, badCell(String(large.value), "number", undefined), { file, at });
    }
    const names = (wanted ?? Array.from({ length: width }, (_, j) => least + j)).map(String);
    const cells = entriesOf({ starts: starts.values, indices: indices.values, values: values.values }, wanted, least);
    return sparseTable(cells, names, labels, options, place);
  }

  const withLabel = options.label !== null;
  return collect({ ...options, label: withLabel ? undefined : null }, { code: CODE, header: true }, (table) => {
    const names = Array.from({ length: width }, (_, j) => String(least + j));
    if (rows > 0) table.add(withLabel ? [...names, "label"] : names, 0);
    const [from, columns, x] = [starts.values, indices.values, values.values];
    const texts = labels.texts(0);
    let i = 0;
    for (const code of labels.column(0)) {
      const row: Cell[] = new Array(width).fill(0);
      for (let k = from[i]!; k < from[i + 1]!; k++) row[columns[k]! - least] = x[k]!;
      if (withLabel) row.push(textOf(code) < 0 ? code : texts[textOf(code)]!);
      table.add(row, numbers.values[i++]!);
    }
  });
}

/** Whether nothing is said of the columns that a sparse table does not heed. */
function isPlain(options: TableOptions & RowWatch): boolean {
  const { label, categorical = [] } = options;
  const said = Object.entries(options).filter(([name, value]) => value !== undefined && !PLAIN.includes(name));
  const other = said.some(([, value]) => !Array.isArray(value) || value.length > 0);
  return !other && (label ?? "label") === "label" && categorical.every((name) => name === "label");
}

/** The indices that a model's columns are named by, growing; undefined where they are others. */
function indicesOf(known: readonly Column[]): number[] | undefined {
  const indices = known.map(({ name, kind }) => (kind === "number" && /^[0-9]{1,6}$/.test(name) ? Number(name) : -1));
  const grow = indices.every((index, k) => index > (indices[k - 1] ?? -1));
  return grow ? indices : undefined;
}

/** Entries by column: of the indices that are wanted, or of all from `least` on. */
function entriesOf(
  { starts, indices, values }: { starts: Uint32Array; indices: Uint32Array; values: Float64Array },
  wanted: readonly number[] | undefined,
  least: number,
) {
  const columnOf = new Int32Array(MOST_INDEX + 1).fill(-1);
  if (wanted) for (const [j, index] of wanted.entries()) columnOf[index] = j;
  else for (let index = least; index <= MOST_INDEX; index++) columnOf[index] = index - least;
  const from = starts.slice();
  let n = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    from[row] = n;
    for (let k = starts[row]!; k < starts[row + 1]!; k++) {
      const j = columnOf[indices[k]!]!;
      if (j < 0) continue;
      indices[n] = j;
      values[n++] = values[k]!;
    }
  }
  from[starts.length - 1] = n;
  const own = values.subarray(0, n);
  const single = own.every((x) => Math.fround(x) === x);
  return { starts: from, columns: indices.slice(0, n), values: single ? Float32Array.from(own) : own.slice() };
}
