// Warnings about a data set before training: constant and counting columns, classes with too few examples, test rows
// that the training part has too. Nothing here refuses.
import { atOnce } from "../engines/turns.ts";
import type { Dataset } from "./dataset.ts";
import { eachRows, type Piece, rowsOf } from "./stored/row-store.ts";

/**
 * Warnings about arrays and images with labels. Images commonly have constant columns (their borders): not mentioned.
 */
export function dataWarnings(data: Dataset): string[] {
  return data.image || data.picture ? classWarnings(data) : tableWarnings(data, true);
}

/** Warnings about constant and counting columns and, where there are labels, about classes with too few examples. */
export function tableWarnings(data: Dataset, labelled: boolean): string[] {
  const { rows } = data;
  const name = (j: number) => data.featureNames?.[j] ?? `feature ${j + 1}`;
  const { constant, counting } = rows > 1 ? evenColumns(data) : { constant: [], counting: [] };
  const warnings: string[] = [];
  if (constant.length > 0)
    warnings.push(
      `${count(constant.length, "column has", "columns have")} one value only: ${list(constant.map(name))}.`,
    );
  if (counting.length > 0 && rows >= 10)
    warnings.push(
      `${count(counting.length, "column counts", "columns count")} the rows and ${counting.length === 1 ? "tells" : "tell"} nothing else: ${list(counting.map(name))}. Remove ${counting.length === 1 ? "it" : "them"}.`,
    );
  return labelled ? [...warnings, ...classWarnings(data)] : warnings;
}

function classWarnings({ labels, classes }: Dataset): string[] {
  const examples = new Uint32Array(classes.length);
  for (const label of labels) examples[label]!++;
  const having = (n: number) => classes.filter((_, c) => examples[c] === n);
  const warnings: string[] = [];
  const present = classes.length - having(0).length;
  if (labels.length >= 10 && having(1).length === labels.length)
    return [`Each of the ${labels.length} rows has a class of its own: the label looks like an index, not a class.`];
  if (present === 1)
    warnings.push(
      `${labels.length === 1 ? "There is one row only, of the class" : `All ${labels.length} rows have the same class,`} ${JSON.stringify(classes[labels[0]!])}.`,
    );
  else if (having(0).length > 0)
    warnings.push(`${count(having(0).length, "class has", "classes have")} no example: ${list(having(0))}.`);
  if (labels.length > 1 && having(1).length > 0)
    warnings.push(`${count(having(1).length, "class has", "classes have")} one example only: ${list(having(1))}.`);
  return warnings;
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The columns whose every value is the one before, or one more. */
function evenColumns(data: Dataset): { readonly constant: readonly number[]; readonly counting: readonly number[] } {
  const { cols } = data;
  const first = rowsOf(data, Uint32Array.of(0, 1));
  const steps = Array.from({ length: cols }, (_, j) => first[cols + j]! - first[j]!);
  let left = [...steps.keys()].filter((j) => steps[j] === 0 || steps[j] === 1); // most are settled by two rows
  const follows = (j: number, { from, to, features }: Piece) => {
    for (let i = from; i < to; i++) if (features[(i - from) * cols + j] !== first[j]! + i * steps[j]!) return false;
    return true;
  };
  const look = (piece: Piece) => {
    left = left.filter((j) => follows(j, piece));
    return left.length > 0;
  };
  if (left.length > 0) atOnce(eachRows(data, look, 2 ** 13));
  return { constant: left.filter((j) => steps[j] === 0), counting: left.filter((j) => steps[j] === 1) };
}

/** How many rows of `test` have exactly the features of some row of `train`, as float32, by hashes of 64 bits. */
function countSharedRows(train: Dataset, test: Dataset): number {
  const seen = new HashTable(rowHashes(train));
  const [first, second] = rowHashes(test);
  return first.reduce((count, hash, t) => count + Number(seen.has(hash, second[t]!)), 0);
}

const MOST_ALIKE = 16; // rows of one first hash: a file made of collisions must not cost N²

/** Pairs of hashes: open addressing in places that no file can foresee, 12 bytes or less a pair beside their own. */
class HashTable {
  readonly #seed = Math.trunc(2 ** 32 * Math.random()); // moves places, never a result
  readonly #hashes: RowHashes;
  readonly #slots: Uint32Array; // a row's number + 1; 0: empty
  readonly #mask: number;

  constructor(hashes: RowHashes) {
    const [first, second] = hashes;
    const size = 2 ** Math.ceil(Math.log2(first.length + 1) + 0.5);
    this.#hashes = hashes;
    this.#slots = new Uint32Array(size);
    this.#mask = size - 1;
    for (let i = 0; i < first.length; i++) {
      const slot = this.#find(first[i]!, second[i]!);
      if (slot >= 0 && this.#slots[slot] === 0) this.#slots[slot] = i + 1;
    }
  }

  has(first: number, second: number): boolean {
    const slot = this.#find(first, second);
    return slot >= 0 && this.#slots[slot] !== 0;
  }

  /** The slot of a pair, or the empty one for it; −1 where too many share its first hash. */
  #find(first: number, second: number): number {
    const [firsts, seconds] = this.#hashes;
    let slot = mixed(first ^ this.#seed) & this.#mask;
    for (let alike = 0; ; slot = (slot + 1) & this.#mask) {
      const i = this.#slots[slot]! - 1;
      if (i < 0 || (firsts[i] === first && seconds[i] === second)) return slot;
      if (firsts[i] === first && ++alike === MOST_ALIKE) return -1;
    }
  }
}

/** The finalizer of MurmurHash3. */
function mixed(hash: number): number {
  const a = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
}

/** A warning where rows of `test` are also rows of `train`: learned by heart, they test nothing. */
export function sharedRowsWarning(train: Dataset, test: Dataset): string[] {
  const shared = countSharedRows(train, test);
  if (shared === 0) return [];
  const many = shared === 1 ? "1 test row is" : `${shared} test rows are`;
  return [`${many} also among the training rows, of ${test.rows}: the test is easier than it looks.`];
}

type RowHashes = readonly [Int32Array, Int32Array];

/** FNV-1a and MurmurHash3 over the float32 words of each row. */
function rowHashes(data: Dataset): RowHashes {
  const { rows, cols } = data;
  const row = new Float32Array(cols);
  const words = new Int32Array(row.buffer);
  const [first, second] = [new Int32Array(rows), new Int32Array(rows)];
  const hashRows = ({ from, to, features }: Piece) => {
    for (let i = from; i < to; i++) {
      row.set(features.subarray((i - from) * cols, (i - from + 1) * cols));
      let fnv = 0x811c9dc5 | 0;
      let murmur = 0;
      for (let j = 0; j < cols; j++) {
        const word = words[j]!;
        fnv = Math.imul(fnv ^ word, 0x01000193);
        const k = Math.imul(word, 0xcc9e2d51);
        murmur ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
        murmur = (Math.imul((murmur << 13) | (murmur >>> 19), 5) + 0xe6546b64) | 0;
      }
      first[i] = fnv;
      second[i] = mixed(murmur);
    }
  };
  atOnce(eachRows(data, hashRows));
  return [first, second];
}
