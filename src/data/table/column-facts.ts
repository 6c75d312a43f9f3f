// What a table's columns hold, counted once all rows are in: numbers, texts, empty cells.
import { NUMBER } from "../formats/class-order.ts";

import { type CellStore, LARGEST, MOST_TEXTS, textOf } from "./cell-store.ts";
import { isMissing, plainText } from "./cell-text.ts";
import { type NumberStyle, numberStyle, readNumber } from "./read-number.ts";

/** How many different numbers are counted in each of `width` columns: more would cost more memory than the table. */
const mostValues = (width: number) => Math.max(24, Math.min(4096, Math.floor(2 ** 19 / width)));

export type ColumnFacts = {
  /** Cells that are numbers. */
  numbers: number;
  /** Empty cells and those with a mark of a missing value. */
  missing: number;
  /** Cells with other text. */
  words: number;
  least: number;
  most: number;
  whole: boolean;
  /** How often each number occurs; where there are many, of the first that came. */
  readonly values: Map<number, number>;
  /** Whether `values` holds every number. */
  counted: boolean;
  /** Texts as they stand in the file, and how often each occurs. */
  readonly texts: readonly string[];
  readonly counts: Uint32Array;
  /** Texts in plain form; undefined for a mark of a missing value, and for a number with blanks of another kind. */
  readonly plain: (string | undefined)[];
  /** The numbers of texts that are some, in plain form or in the column's style; NaN for the others. */
  readonly ofText: Float64Array;
  /** How the column's numbers are written, where all its texts are some. */
  style: NumberStyle | undefined;
  /** Cells whose text was one too many to keep. */
  lost: number;
  /** Whether no number comes twice. */
  readonly different: () => boolean;
};

/** The facts of every column, over the rows from `start` on. */
export function columnFacts(store: CellStore, start: number): ColumnFacts[] {
  const facts = Array.from({ length: store.width }, (_, j): ColumnFacts => {
    const texts = store.texts(j);
    const words = texts.map(plainText);
    const ofText = Float64Array.from(words, (word) => (NUMBER.test(word) ? inFloat32(Number(word)) : Number.NaN));
    const plain = words.map((word, k) => (isMissing(word) || ofText[k] === ofText[k] ? undefined : word));
    const counts = new Uint32Array(texts.length);
    const none = { numbers: 0, missing: 0, words: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
    const values = new Map<number, number>();
    const different = () => values.values().every((times) => times === 1) && allDifferent(store, j, start);
    return {
      ...none,
      whole: true,
      values,
      counted: true,
      texts,
      counts,
      plain,
      ofText,
      style: undefined,
      lost: 0,
      different,
    };
  });
  const most = mostValues(store.width);
  let skip = start * store.width;
  for (const { cells } of store.blocks()) {
    for (let j = 0; j < store.width; j++) countColumn(facts[j]!, cells, skip + j, store.width, most);
    skip = Math.max(0, skip - cells.length);
  }
  facts.forEach((column, j) => {
    findStyle(column, store, j);
  });
  return facts;
}

/** Count the texts of a column as numbers where all of them are some in one style. */
function findStyle(facts: ColumnFacts, store: CellStore, j: number): void {
  const { texts, plain, counts, ofText, values, numbers, whole } = facts;
  if (facts.words === 0 || facts.lost > 0) return;
  const used = plain.flatMap((word, k) => (word !== undefined && counts[k]! > 0 ? [word] : []));
  const style = store.styleSoFar(j) ?? numberStyle(used, numbers, whole, store.delimiter);
  if (style === undefined) return;
  const read = plain.map((word) => (word === undefined ? undefined : readNumber(word, style)));
  if (plain.some((word, k) => word !== undefined && counts[k]! > 0 && inFloat32(read[k] ?? Number.NaN) !== read[k]))
    return;
  for (const k of texts.keys()) {
    const x = read[k];
    if (x === undefined) continue;
    ofText[k] = x;
    plain[k] = undefined;
    if (counts[k] === 0) continue;
    facts.least = Math.min(facts.least, x);
    facts.most = Math.max(facts.most, x);
    if (x % 1 !== 0) facts.whole = false;
    values.set(x, (values.get(x) ?? 0) + counts[k]!);
  }
  facts.numbers += facts.words;
  facts.words = 0;
  facts.style = style;
}

function countColumn(facts: ColumnFacts, cells: Float64Array, from: number, width: number, most: number): void {
  const { values, plain, counts, ofText: numbers } = facts;
  for (let at = from; at < cells.length; at += width) {
    const cell = cells[at]!;
    const text = textOf(cell);
    const x = text < 0 ? cell : (numbers[text] ?? Number.NaN);
    if (cell !== cell) facts.missing++;
    else if (x === x) {
      if (text >= 0) counts[text]!++;
      facts.numbers++;
      if (x < facts.least) facts.least = x;
      if (x > facts.most) facts.most = x;
      if (facts.whole && x % 1 !== 0) facts.whole = false;
      if (facts.counted) {
        values.set(x, (values.get(x) ?? 0) + 1);
        facts.counted = values.size < most;
      }
    } else if (text === MOST_TEXTS) {
      facts.words++;
      facts.lost++;
    } else {
      counts[text]!++;
      if (plain[text] === undefined) facts.missing++;
      else facts.words++;
    }
  }
}

const inFloat32 = (x: number) => (Math.abs(x) <= LARGEST ? x : Number.NaN);

function allDifferent(store: CellStore, j: number, start: number): boolean {
  const numbers = Float64Array.from(store.column(j).drop(start)).sort(); // a text's code is no number of the column
  return numbers.every((x, i) => i === 0 || x !== numbers[i - 1]);
}

/** How many different values a column has; a lower bound where it has very many. */
export function distinct({ values, plain, counts, lost }: ColumnFacts): number {
  const words = new Set(plain.filter((word, k) => word !== undefined && counts[k]! > 0));
  return values.size + words.size + (lost > 0 ? 1 : 0);
}
