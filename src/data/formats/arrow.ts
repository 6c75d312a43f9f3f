// An Arrow IPC file, which is Feather 2 as well, or stream as a dataset: its messages are in arrow-messages.ts, the
// values in arrow-columns.ts, what cells mean is in table.ts.
import { type ArrowColumn, type ArrowValue, BatchReader, inflateBuffers } from "./arrow-columns.ts";
import { type ArrowField, badArrow, readMessages } from "./arrow-messages.ts";
import { collect } from "./collect.ts";
import { Spread } from "./spread.ts";
import type { TableOptions, TableResult } from "./table.ts";

const MOST_VALUES = 2 ** 28;
const PER_BYTE = 128;
const SMALL = 2 ** 20; // values that any file may have

export type ArrowOptions = TableOptions & { readonly name: string };

/**
 * Read an Arrow file or stream. Categories are text by their dictionaries, dates and times those of ISO 8601, a list is
 * a column for each of its numbers. Raises InvalidInput BAD_ARROW naming the byte, or row and column.
 */
export async function readArrow(bytes: Uint8Array<ArrayBuffer>, options: ArrowOptions): Promise<TableResult> {
  const { file } = options;
  const { fields, batches } = readMessages(bytes, file);
  const encoded = new Map(fields.flatMap(dictionariesOf));
  const dictionaries = new Map<number, ArrowColumn>();
  const lists = new Map<number, ArrowValue[]>(); // values of dictionaries that grow
  const most = Math.min(MOST_VALUES, Math.max(SMALL, PER_BYTE * bytes.length));
  let row = 1;
  let values = 0;
  let spread: Spread | undefined;
  return collect(options, { code: "BAD_ARROW", header: true }, async (table) => {
    for (const batch of batches) {
      const refuse = (reason: string, cause?: unknown) => badArrow(file, `byte ${batch.at}`, reason, cause);
      values += batch.length * (batch.id === undefined ? fields.length : 1);
      if (values > most) throw refuse(`at most ${most} values are read from a file of ${bytes.length} bytes.`);
      const buffers = await inflateBuffers(batch, refuse);
      const reader = new BatchReader(batch, buffers, dictionaries, refuse);
      if (batch.id !== undefined) {
        const field = encoded.get(batch.id);
        if (!field) throw refuse(`no column has dictionary ${batch.id}.`);
        const added = reader.column({ ...field, dictionary: undefined }, batch.length);
        const list = batch.delta ? (lists.get(batch.id) ?? valuesOf(dictionaries.get(batch.id))) : undefined;
        if (list) for (let k = 0; k < batch.length; k++) list.push(added.at(k));
        if (list) lists.set(batch.id, list);
        else lists.delete(batch.id);
        dictionaries.set(batch.id, list ? { name: added.name, length: list.length, at: (k) => list[k]! } : added);
        continue;
      }
      const columns = fields.flatMap((field) => reader.columns(field));
      if (batch.length === 0) continue;
      spread ??= new Spread(
        columns.map(({ name }) => name),
        columns.map((column) => firstOf(column, batch.length)),
        (reason, at, c) => badArrow(file, `row ${at} column ${c + 1} (${columns[c]!.name})`, reason),
      );
      values += batch.length * (spread.width - fields.length); // lists may share their values
      if (values > most) throw refuse(`at most ${most} values are read from a file of ${bytes.length} bytes.`);
      if (row === 1) table.add(spread.names!, 0);
      for (let i = 0; i < batch.length; i++) {
        const cells = columns.map((column) => column.at(i));
        table.add(spread.row(cells, row), row++);
      }
    }
    if (!spread)
      table.add(
        fields.map(({ name }) => name),
        0,
      );
  });
}

/** The fields whose values are in a dictionary, by its number. */
function dictionariesOf(field: ArrowField): readonly (readonly [number, ArrowField])[] {
  const inside = field.children.flatMap(dictionariesOf);
  return field.dictionary ? [[field.dictionary.id, field], ...inside] : inside;
}

function firstOf({ at }: ArrowColumn, length: number): ArrowValue {
  for (let i = 0; i < length; i++) {
    const value = at(i);
    if (value !== null) return value;
  }
  return null;
}

const valuesOf = (column: ArrowColumn | undefined): ArrowValue[] =>
  Array.from({ length: column?.length ?? 0 }, (_, k) => column!.at(k));
