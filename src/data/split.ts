// Splits of a data set: every part has each class in proportion, e.g. nine tenths to train on and one to validate.
// Where rows have groups these stay whole, where they have times the later rows are held out.
import type { Steps } from "../engines/turns.ts";
import { InvalidInput, must } from "../errors.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { type CheckedDataset, type Dataset, type Source, selectingRows, selectRows } from "./dataset.ts";
import { splitGroups } from "./group-split.ts";
import { splitTimes } from "./time-split.ts";

/** What decides which part a row comes to. */
export type SplitKeys = Pick<Dataset, "labels" | "groups" | "times">;

/**
 * The row numbers of each part, ascending: by groups or by times where the rows have these, else class by class. Raises
 * InvalidInput BAD_SPLIT.
 */
export function partRows(data: SplitKeys, fractions: readonly number[], seed: number): readonly Uint32Array[] {
  checkFractions(fractions);
  const { labels, groups, times } = data;
  if (groups && times)
    throw new InvalidInput("BAD_SPLIT", "groups and times cannot both decide the split. Leave one out.");
  if (groups) return splitGroups({ labels, groups }, fractions, seed);
  return times ? splitTimes(times, fractions) : stratify(labels, fractions, seed);
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
  labels: Int32Array,
  fractions: readonly number[],
  seed: number,
): readonly Uint32Array<ArrayBuffer>[] {
  checkFractions(fractions);
  let whole = fractions.reduce((sum, fraction) => sum + fraction, 0);
  const random = new Random(seed, PURPOSE.split);
  let rest = byLabel(labels, random.shuffle(Uint32Array.from(labels, (_, i) => i)));
  const parts: Uint32Array<ArrayBuffer>[] = [];
  for (let p = fractions.length - 1; p > 0; p--) {
    const share = fractions[p]! / whole;
    whole -= fractions[p]!;
    // systematic sampling: along the rows sorted by class, every 1/share-th is taken, so all runs of rows get their
    // share
    const taken = (k: number) => Math.floor((k + 1) * share + 0.5) > Math.floor(k * share + 0.5);
    const left: number[] = [];
    const part: number[] = [];
    for (let k = 0, end = 0; k < rest.length; k = end) {
      const label = labels[rest[k]!];
      let all = true;
      for (end = k; end < rest.length && labels[rest[end]!] === label; end++) all &&= taken(end);
      for (let i = k; i < end; i++) (taken(i) && !(all && i === k) ? part : left).push(rest[i]!);
    }
    const got = part.length;
    must(
      got > 0,
      `the part of ${fractions[p]}`,
      `at least one row of ${rest.length}`,
      got,
      "Ask for a larger share.",
      {},
      "TOO_FEW_ROWS",
    );
    parts.unshift(Uint32Array.from(part).sort());
    rest = Uint32Array.from(left);
  }
  must(
    rest.length > 0,
    `the part of ${fractions[0]}`,
    "at least one row",
    0,
    "Ask for a larger share.",
    {},
    "TOO_FEW_ROWS",
  );
  return [rest.sort(), ...parts];
}

/** The rows class by class, and within a class as they were: a stable sort in one pass. */
function byLabel(labels: Int32Array, rows: Uint32Array): Uint32Array<ArrayBuffer> {
  const classes = new Map<number, number[]>();
  for (const row of rows) {
    const label = labels[row]!;
    const known = classes.get(label);
    if (known) known.push(row);
    else classes.set(label, [row]);
  }
  return Uint32Array.from([...classes.keys()].sort((a, b) => a - b).flatMap((label) => classes.get(label)!));
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
  must(ArrayBuffer.isView(data?.labels), "data", "a dataset, e.g. of fromArrays", data);
  const shares = typeof fractions === "number" ? [1 - fractions, fractions] : fractions;
  must(Array.isArray(shares), "fractions", "a share, or the shares of all parts", fractions);
  return partRows(data, shares, seed).map((rows) => selectRows(data, rows));
}

/** splitDataset in two, in steps. */
export function* splittingInTwo(data: CheckedDataset, share: number, seed: number): Steps<[Dataset, Dataset]> {
  const [kept, held] = partRows(data, [1 - share, share], seed);
  return [yield* selectingRows(data, kept!), yield* selectingRows(data, held!)];
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
