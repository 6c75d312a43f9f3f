// Tables in JSON: an array of objects or of rows, columns by name, and the shapes that pandas and web services write.
// Numbers, truth values and text stay what they are.
import { InvalidInput, show } from "../../errors.ts";
import { collect } from "./collect.ts";
import { type Chunks, decodeText } from "./decode-text.ts";
import { lineBlocks } from "./line-blocks.ts";
import { noRoom } from "./room.ts";
import { Spread } from "./spread.ts";
import type { TableOptions, TableResult } from "./table.ts";

const CODE = "BAD_JSON";
const MOST_TEXT = 2 ** 29 - 2 ** 16; // characters, as V8 holds them
const SHAPES =
  "an array of objects or of rows, an object of columns, or pandas' {columns, data}. For one object a line let the name end in .jsonl";

export type JsonOptions = TableOptions & { readonly name: string; readonly encoding?: string | undefined };
type Json = unknown;

const LINES = /^\s*[[{][^\n]*[\]}]\s*\n\s*[[{]/; // one document ends where its line does
const MOST_FIRST = 2 ** 20; // characters in which the first line ends
type Fields = Readonly<Record<string, Json>>;

/**
 * Read one JSON document as a table, or one object or array a line where the text is not one document. Raises
 * InvalidInput BAD_JSON naming the row.
 */
export async function readJson(chunks: Chunks, options: JsonOptions): Promise<TableResult> {
  const { file, encoding } = options;
  const refuse = refuser(file);
  const parts: string[] = [];
  let size = 0;
  for await (const piece of decodeText(chunks, { file, encoding, code: CODE })) {
    parts.push(piece);
    size += piece.length;
    if (size > MOST_TEXT)
      throw refuse("the document is longer than one text can be. Write one object a line (.jsonl).");
  }
  const text = parts.join("");
  let document: Json;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    if (LINES.test(text.slice(0, MOST_FIRST))) return readLines(onlyOne(text), options);
    throw refuse(`the text is not JSON: ${(cause as Error).message}.`, "content", cause);
  }
  return tableOf(rowsOf(document, refuse), size, options);
}

/** Read one JSON object or array a line. Raises InvalidInput BAD_JSON naming the row. */
export function readJsonLines(chunks: Chunks, options: JsonOptions): Promise<TableResult> {
  const { file, encoding } = options;
  return readLines(decodeText(chunks, { file, encoding, code: CODE }), options);
}

async function readLines(text: AsyncIterable<string>, options: JsonOptions) {
  const { file } = options;
  const refuse = refuser(file);
  const items: Json[] = [];
  const places: number[] = [];
  let size = 0;
  for await (const { lines, row } of lineBlocks(text, CODE, file))
    lines.forEach((line, k) => {
      size += line.length;
      if (line.trim() === "") return;
      try {
        items.push(JSON.parse(line));
      } catch (cause) {
        throw refuse(`the line is not JSON: ${(cause as Error).message}.`, `row ${row + k}`, cause);
      }
      places.push(row + k);
    });
  return tableOf(arrayRows(items, refuse, places), size, options);
}

async function* onlyOne(text: string): AsyncGenerator<string> {
  yield text;
}

type Refuse = (reason: string, at?: string, cause?: unknown) => InvalidInput;

const refuser =
  (file: string | undefined): Refuse =>
  (reason, at = "content", cause) =>
    new InvalidInput(CODE, reason, { file, at }, { cause });

/** Rows of cells, the names of their columns where they have some, and where a row stands. */
type Rows = {
  readonly names?: readonly string[] | undefined;
  readonly count: number;
  readonly cells: (row: number) => readonly Json[];
  readonly place: (row: number) => number;
};

const isFields = (value: Json): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const own = (fields: Fields, name: string): Json => (Object.hasOwn(fields, name) ? fields[name] : null);

function rowsOf(document: Json, refuse: Refuse): Rows {
  if (Array.isArray(document)) return arrayRows(document, refuse);
  if (!isFields(document)) throw refuse(`a table is ${SHAPES}; got ${show(document)}.`);
  const { columns, data } = document;
  if (Array.isArray(columns) && Array.isArray(data)) {
    const names = columns.map((name) => (typeof name === "object" ? JSON.stringify(name) : String(name)));
    return { ...arrayRows(data, refuse), names };
  }
  const values = Object.values(document);
  const inside = values.filter((value) => Array.isArray(value) && value.length > 0 && value.every(isFields));
  if (inside.length === 1) return arrayRows(inside[0] as Json[], refuse); // {"data": [{…}]}, pandas' orient="table"
  const names = Object.keys(document);
  if (names.length > 0 && values.every(Array.isArray)) {
    const lists = values as Json[][];
    const count = lists[0]!.length;
    const other = lists.findIndex((list) => list.length !== count);
    if (other >= 0)
      throw refuse(`column ${show(names[other])} has ${lists[other]!.length} values, ${show(names[0])} has ${count}.`);
    return { names, count, cells: (row) => lists.map((list) => list[row]), place: (row) => row + 1 };
  }
  if (names.length > 0 && values.every(isFields)) {
    const keys = Object.keys(values[0] as Fields); // pandas' to_json: {column: {index: value}}
    const cells = (row: number) => (values as Fields[]).map((column) => own(column, keys[row]!));
    return { names, count: keys.length, cells, place: (row) => row + 1 };
  }
  throw refuse(`a table is ${SHAPES}; got an object with ${show(names)}.`);
}

function arrayRows(items: readonly Json[], refuse: Refuse, places?: readonly number[]): Rows {
  const place = (row: number) => places?.[row] ?? row + 1;
  const [first] = items;
  const alike = Array.isArray(first) ? Array.isArray : isFields;
  const odd = items.findIndex((item) => !alike(item));
  if (odd >= 0) {
    const what = Array.isArray(first) ? "an array, as the first is" : "an object";
    throw refuse(`a row must be ${what}, got ${show(items[odd])}.`, `row ${place(odd)}`);
  }
  if (Array.isArray(first)) return { count: items.length, cells: (row) => items[row] as Json[], place };
  const columns = new Set<string>(); // in the order in which rows have them
  for (const item of items) for (const name of Object.keys(item as Fields)) columns.add(name);
  const names = [...columns];
  if (names.length * items.length > 2 ** 28)
    throw refuse(`${items.length} rows of ${names.length} columns are too many.`);
  return { names, count: items.length, cells: (row) => names.map((name) => own(items[row] as Fields, name)), place };
}

/** The data set of the rows; a column of lists of numbers becomes a column for each of them. */
function tableOf({ names, count, cells, place }: Rows, size: number, options: JsonOptions) {
  const refuse = refuser(options.file);
  return collect(options, { code: CODE, ...(names && { header: true }) }, (table) => {
    if (count === 0) return;
    const spread = new Spread(names, cells(0), (reason, row, column) =>
      refuse(reason, `row ${row} column ${column + 1}${names ? ` (${names[column]})` : ""}`),
    );
    const reason = noRoom(count, spread.width, size);
    if (reason !== undefined) throw refuse(reason);
    if (spread.names) table.add(spread.names, 0);
    for (let row = 0; row < count; row++) table.add(spread.row(cells(row), place(row)), place(row));
  });
}
