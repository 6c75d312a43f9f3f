// Splits of a data set: every part has each class in proportion, e.g. nine tenths to train on and one to validate.
// Where rows have groups these stay whole, where they have times the later rows are held out.
import { atOnce, eachPiece, type Steps } from "../engines/turns.ts";
import { InvalidInput, must } from "../errors.ts";
import type { ClassIndices } from "../network/targets.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { type CheckedDataset, type Dataset, mustBeData, type Source, selectingParts } from "./dataset.ts";
import { splitGroups } from "./group-split.ts";
import { numbersFrom } from "./stored/row-store.ts";
import { splitTimes } from "./time-split.ts";

/** What decides which part a row comes to. */
export type SplitKeys = Pick<Dataset, "labels" | "groups" | "times">;

/**
 * The row numbers of each part, ascending: by groups or by times where the rows have these, else class by class. Raises
 * InvalidInput BAD_SPLIT.
 */
export function partRows(data: SplitKeys, fractions: readonly number[], seed: number): readonly Uint32Array[] {
  return atOnce(partingRows(data, fractions, seed));
}

/** partRows in steps, where classes decide. */
function* partingRows(
  { labels, groups, times }: SplitKeys,
  fractions: readonly number[],
  seed: number,
): Steps<readonly Uint32Array[]> {
  checkFractions(fractions);
  if (groups && times)
    throw new InvalidInput("BAD_SPLIT", "groups and times cannot both decide the split. Leave one out.");
  if (groups) return splitGroups({ labels, groups }, fractions, seed);
  return times ? splitTimes(times, fractions) : yield* stratifying(labels, fractions, seed);
}

function checkFractions(fractions: readonly number[]): void {
  fractions.forEach((fraction, p) => {
    must(fraction > 0 && fraction <= 1, `fractions[${p}]`, "a number in (0, 1]", fraction);
  });
  const whole = fractions.reduce((sum, fraction) => sum + fraction, 0);
  must(Math.abs(whole - 1) < 1e-9, "fractions", "numbers that sum to 1", whole);
}

/**
 * The row numbers of each part, ascending; every row is in exactly one, and which one is a function of the labels, the
 * fractions and the seed. Fractions are positive and sum to 1. Of two parts, each has its share of each class to within
 * one example; every further part can add one. The first part has at least one example of every class, whatever its
 * share. Raises InvalidInput for a part that would be empty.
 */
export function stratify(
  labels: ClassIndices,
  fractions: readonly number[],
  seed: number,
): readonly Uint32Array<ArrayBuffer>[] {
  return atOnce(stratifying(labels, fractions, seed));
}

const PIECE = 2 ** 17; // rows between two pauses: some milliseconds

/** stratify in steps. */
function* stratifying(
  labels: ClassIndices,
  fractions: readonly number[],
  seed: number,
): Steps<readonly Uint32Array<ArrayBuffer>[]> {
  checkFractions(fractions);
  let whole = fractions.reduce((sum, fraction) => sum + fraction, 0);
  let rest = yield* byLabel(labels, yield* shuffledRows(labels.length, new Random(seed, PURPOSE.split)));
  const partOf = new (fractions.length > 256 ? Uint32Array : Uint8Array)(labels.length);
  const sizes = fractions.map(() => 0);
  for (let p = fractions.length - 1; p > 0; p--) {
    const share = fractions[p]! / whole;
    whole -= fractions[p]!;
    // systematic sampling: along the rows sorted by class, every 1/share-th is taken, so all runs of rows get their
    // share
    const taken = (k: number) => Math.floor((k + 1) * share + 0.5) > Math.floor(k * share + 0.5);
    let kept = 0; // rows that stay move to the front of `rest`
    for (let k = 0, end = 0; k < rest.length; k = end) {
      const label = labels[rest[k]!];
      let all = true;
      for (end = k; end < rest.length && labels[rest[end]!] === label; end++) {
        all &&= taken(end);
        if (end % PIECE === 0) yield;
      }
      for (let i = k; i < end; i++) {
        if (taken(i) && !(all && i === k)) partOf[rest[i]!] = p;
        else rest[kept++] = rest[i]!;
        if (i % PIECE === 0) yield;
      }
    }
    sizes[p] = rest.length - kept;
    refuseEmpty(sizes[p]!, fractions[p]!, rest.length);
    rest = rest.subarray(0, kept);
  }
  sizes[0] = rest.length;
  refuseEmpty(rest.length, fractions[0]!, labels.length);
  const parts = sizes.map((size) => new Uint32Array(size));
  const filled = sizes.map(() => 0);
  yield* eachPiece(labels.length, (from, to) => {
    for (let i = from; i < to; i++) parts[partOf[i]!]![filled[partOf[i]!]!++] = i;
  });
  return parts;
}

function* shuffledRows(count: number, random: Random): Steps<Uint32Array> {
  const rows = numbersFrom(0, count);
  for (let last = count - 1; last > 0; last -= PIECE) {
    random.shuffle(rows, last, Math.max(0, last - PIECE));
    yield;
  }
  return rows;
}

function refuseEmpty(got: number, fraction: number, rows: number): void {
  const remedy = "Ask for a larger share.";
  must(got > 0, `the part of ${fraction}`, `at least one row of ${rows}`, got, remedy, {}, "TOO_FEW_ROWS");
}

/** The rows class by class, and within a class as they were: a stable counting sort. */
function* byLabel(labels: ClassIndices, rows: Uint32Array): Steps<Uint32Array<ArrayBuffer>> {
  let most = 0;
  for (const label of labels) most = Math.max(most, label);
  const next = new Uint32Array(most + 2); // where the next row of each class goes
  yield* eachPiece(labels.length, (from, to) => {
    for (let i = from; i < to; i++) next[labels[i]! + 1]!++;
  });
  for (let c = 1; c < next.length; c++) next[c]! += next[c - 1]!;
  const sorted = new Uint32Array(rows.length);
  yield* eachPiece(rows.length, (from, to) => {
    for (let k = from; k < to; k++) sorted[next[labels[rows[k]!]!]!++] = rows[k]!;
  });
  return sorted;
}

/** One part for each fraction; two for a number. */
export type SplitParts<F extends readonly number[] | number, D> = F extends readonly number[]
  ? { readonly [K in keyof F]: D }
  : readonly [D, D];

/**
 * Parts of a data set with each class in proportion, e.g. `splitDataset(data, [0.8, 0.2], 1)`, drawn from the seed. One
 * number is the share of the second of two parts: 0.2 is [0.8, 0.2]. Rows of one group come to one part, the classes in
 * proportion as well as whole groups allow; of rows with times every part is later than the one before it. Every part
 * keeps all class names. Raises InvalidInput for a part that would be empty, and BAD_SPLIT where groups or times allow
 * none.
 */
export function splitDataset<const F extends readonly number[] | number>(
  data: CheckedDataset,
  fractions: F,
  seed: number,
): SplitParts<F, CheckedDataset>;
export function splitDataset<const F extends readonly number[] | number>(
  data: Dataset,
  fractions: F,
  seed: number,
): SplitParts<F, Dataset>;
export function splitDataset(data: Dataset, fractions: readonly number[] | number, seed: number): unknown {
  mustBeData(data);
  const shares = typeof fractions === "number" ? [1 - fractions, fractions] : fractions;
  must(Array.isArray(shares), "fractions", "a share, or the shares of all parts", fractions);
  return atOnce(selectingParts(data, partRows(data, shares, seed)));
}

/** splitDataset in two, in steps. */
export function* splittingInTwo(data: CheckedDataset, share: number, seed: number): Steps<[Dataset, Dataset]> {
  const parts = yield* selectingParts(data, yield* partingRows(data, [1 - share, share], seed));
  return parts as [Dataset, Dataset];
}

/** Of the rows of a source without a test part. */
const HELD_OUT = 0.2;

export type TrainAndTest = {
  readonly train: Dataset;
  readonly test: Dataset;
  /** The source's own, where it has one. */
  readonly validation?: Dataset | undefined;
  /** The share of the source's rows taken for the test, class by class; null where the source has a test part. */
  readonly heldOut: number | null;
};

/** Training and test rows of a source: its own, or a share held out for the test. */
export function holdOutTest({ train, test, validation }: Source, seed: number, share = HELD_OUT): TrainAndTest {
  if (test) return { train, test, validation, heldOut: null };
  const [kept, held] = splitDataset(train, [1 - share, share], seed) as [Dataset, Dataset];
  return { train: kept, test: held, validation, heldOut: share };
}
