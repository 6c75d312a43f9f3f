// LIBSVM and SVMlight files: a label, and the columns that are not zero as index:value. A row is made whole only when
// it is handed to the table; how large that table becomes is held against a bound before.
// Source: the README of LIBSVM 3.
import { InvalidInput } from "../../errors.ts";
import { NUMBER } from "./class-order.ts";
import { collect } from "./collect.ts";
import { lineBlocks } from "./line-blocks.ts";
import { noRoom } from "./room.ts";
import type { Cell, TableOptions, TableResult } from "./table.ts";

const MOST_INDEX = 100_000 - 1;
const CODE = "BAD_LIBSVM";

/** What a row has besides zeros. */
type Sparse = { readonly label: string; readonly row: number; readonly from: number };

/**
 * Read a sparse table; columns are named by their indices, and what is not there is 0. Raises InvalidInput BAD_LIBSVM
 * naming the row.
 */
export async function readLibsvm(
  text: AsyncIterable<string>,
  options: TableOptions & { readonly name: string },
): Promise<TableResult> {
  const { file } = options;
  const rows: Sparse[] = [];
  const indices: number[] = [];
  const values: number[] = [];
  let [least, most] = [1, 0];
  let size = 0; // characters
  const refuse = (row: number, reason: string) => new InvalidInput(CODE, reason, { file, at: `row ${row}` });
  const read = (line: string, row: number) => {
    const [label = "", ...pairs] = line
      .replace(/#.*$/, "")
      .trim()
      .split(/[ \t]+/);
    if (label === "") return;
    if (!NUMBER.test(label))
      throw refuse(row, `the label must be a number, got ${JSON.stringify(label.slice(0, 40))}.`);
    rows.push({ label, row, from: indices.length });
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
      indices.push(at);
      values.push(Number(value));
    }
  };
  for await (const { lines, row } of lineBlocks(text, CODE, file))
    lines.forEach((line, k) => {
      size += line.length;
      read(line, row + k);
    });

  const width = most - least + 1;
  const reason = noRoom(rows.length, width, size);
  if (reason !== undefined) throw new InvalidInput(CODE, reason, { file, at: `row ${rows.length}` });
  const withLabel = options.label !== null;
  return collect({ ...options, label: withLabel ? undefined : null }, { code: CODE, header: true }, (table) => {
    const names = Array.from({ length: width }, (_, j) => String(least + j));
    if (rows.length > 0) table.add(withLabel ? [...names, "label"] : names, 0);
    rows.forEach(({ label, row, from }, k) => {
      const cells: Cell[] = new Array(width).fill(0);
      const end = rows[k + 1]?.from ?? indices.length;
      for (let i = from; i < end; i++) cells[indices[i]! - least] = values[i]!;
      if (withLabel) cells.push(label);
      table.add(cells, row);
    });
  });
}
