// From the cells of a table to coded features [N×D] and to the codes of single columns.
import { type Coder, coderOf } from "../columns.ts";
import { NUMBER } from "../formats/class-order.ts";
import { BLOCK, PackedRows } from "../stored/packed-rows.ts";
import type { Space } from "../stored/space.ts";
import { type CellStore, LARGEST, MOST_TEXTS, textOf } from "./cell-store.ts";
import { isMissing, plainText } from "./cell-text.ts";
import type { FeatureColumn } from "./plan-columns.ts";
import { type NumberStyle, readNumber } from "./read-number.ts";

/** The first cell of a row and column of the store that has no code. */
export type BadCell = { readonly row: number; readonly column: number; readonly cell: string };

/** One code for every number and text of a column; undefined for a cell that has none. */
type Code = (cell: number) => number | undefined;

function codeOf({ source, column, style }: FeatureColumn, store: CellStore): Code {
  const own = coderOf(column);
  const code: Coder = column.kind === "number" ? (cell) => strictNumber(cell as string, style) : own;
  const ofText = store.texts(source).map((text) => code(text));
  const lost = column.levels ? -1 : undefined;
  const ofNumber = new Map<number, number | undefined>();
  const plain = column.kind === "number";
  return (cell) => {
    const text = textOf(cell);
    if (text >= 0) return text === MOST_TEXTS ? lost : ofText[text];
    if (plain || cell !== cell) return cell;
    let known = ofNumber.get(cell);
    if (known === undefined) {
      known = code(cell);
      if (ofNumber.size < MOST_TEXTS) ofNumber.set(cell, known);
    }
    return known;
  };
}

/** A text of a column of numbers, in the style of the whole column or as a plain number. */
function strictNumber(cell: string, style: NumberStyle | undefined): number | undefined {
  const text = plainText(cell);
  if (isMissing(text)) return Number.NaN;
  const x = (style && readNumber(text, style)) ?? (NUMBER.test(text) ? Number(text) : undefined);
  return x !== undefined && Math.abs(x) <= LARGEST ? x : undefined;
}

/** The cell as it stood, near enough for a message. */
export function showCell(store: CellStore, code: number, column: number): string {
  const text = textOf(code);
  if (Number.isNaN(code)) return "";
  return text < 0 ? String(code) : (store.texts(column)[text] ?? "another text");
}

/**
 * Coded features of the rows from `start` on, of which `keep` (if given) tells the ones wanted; the store is emptied.
 * A cell without a code goes to `onBad`; where that does not throw, its row is left out.
 */
export function codeFeatures(
  store: CellStore,
  features: readonly FeatureColumn[],
  start: number,
  rows: number,
  keep: Uint8Array | undefined,
  onBad: (bad: BadCell) => void,
  space?: Space,
): CodedFeatures {
  const { width } = store;
  const D = features.length;
  const packed = new PackedRows(D, space);
  const most = Math.max(1, Math.floor(BLOCK / D)); // rows of a block
  const out = new Float64Array(Math.min(rows, most) * D);
  const sources = Uint32Array.from(features, ({ source }) => source);
  const codes = features.map((feature) => codeOf(feature, store));
  const straight = features.map(({ column }) => column.kind === "number");
  let to = 0;
  let row = 0;
  let holes = false;
  for (const { cells } of store.blocks(true))
    for (let at = 0; at < cells.length; at += width, row++) {
      if (row < start || keep?.[row] === 0) continue;
      if (to === out.length) {
        packed.append(out, most);
        to = 0;
      }
      for (let j = 0; j < D; j++) {
        const cell = cells[at + sources[j]!]!;
        if (straight[j] && cell <= LARGEST) out[to++] = cell;
        else {
          const x = codes[j]!(cell);
          if (x === undefined) {
            onBad({ row, column: sources[j]!, cell: showCell(store, cell, sources[j]!) });
            to -= j;
            break;
          }
          if (x !== x) holes = true;
          out[to++] = x;
        }
      }
    }
  const count = packed.rows + to / D;
  if (packed.rows === 0 && space === undefined)
    return { features: to < out.length ? out.slice(0, to) : out, holes, rows: count };
  if (to > 0) packed.append(out, to / D);
  return { packed, holes, rows: count };
}

/** [N×D], packed where it is not small; and whether any value is missing. */
export type CodedFeatures = { readonly holes: boolean; readonly rows: number } & (
  | { readonly features: Float64Array<ArrayBuffer>; readonly packed?: undefined }
  | { readonly packed: PackedRows }
);

/** 1 for each row of the store without a hole in `columns`; `isHole` of a text says so of the column's texts. */
export function rowsWithoutHoles(
  store: CellStore,
  columns: readonly number[],
  isHole: (text: string) => boolean,
): Uint8Array {
  const keep = new Uint8Array(store.rows).fill(1);
  const holes = columns.map((j) => store.texts(j).map(isHole));
  let row = 0;
  for (const { cells } of store.blocks())
    for (let at = 0; at < cells.length; at += store.width, row++)
      for (let k = 0; k < columns.length; k++) {
        const cell = cells[at + columns[k]!]!;
        if (cell !== cell || holes[k]![textOf(cell)]) keep[row] = 0;
      }
  return keep;
}
