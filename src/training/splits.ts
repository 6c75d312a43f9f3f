// The training, validation and test splits of one run: trained on, watched by early stopping, tested once at the end.
import { type CheckedDataset, checkingDataset, type Dataset } from "../data/dataset.ts";
import { splittingInTwo } from "../data/split.ts";
import { formOf } from "../data/stored/row-store.ts";
import type { Steps } from "../engines/turns.ts";
import { must } from "../errors.ts";
import { LOSSES, type Loss, type LossName, lossTask, outputsPerTarget, SOFTMAX } from "../network/losses.ts";
import type { Network } from "../network/network.ts";
import type { ClassIndices } from "../network/targets.ts";
import type { TrainingOptions } from "./options.ts";

/** The splits have the same columns and classes. */
export type Splits = {
  /** Rows to train on. */
  readonly train: Dataset;
  /** Rows that early stopping watches. Default: the share `validation` of the training rows, if any. */
  readonly validation?: Dataset | undefined;
  /** Rows to test on once, at the end. Default: none. */
  readonly test?: Dataset | undefined;
};

/** Splits that checkSplits has passed. */
export type CheckedSplits = {
  /** Rows to train on. */
  readonly train: CheckedDataset;
  /** Rows that early stopping watches. */
  readonly validation: CheckedDataset | undefined;
  /** Rows to test on once, at the end. */
  readonly test: CheckedDataset | undefined;
};

type Labels = Pick<Dataset, "rows" | "labels" | "classes" | "values">;

/** The splits without their features: all that a run needs once the features lie in its session. */
export type SplitLabels = {
  readonly train: Labels;
  readonly validation: Labels | undefined;
  readonly test: Labels | undefined;
};

export function labelsOf({ train, validation, test }: CheckedSplits): SplitLabels {
  const pick = ({ rows, labels, classes, values }: Dataset): Labels => ({ rows, labels, classes, values });
  return { train: pick(train), validation: validation && pick(validation), test: test && pick(test) };
}

/** Raises InvalidInput unless the rows of every split are sound, fit the network (if given) and are of one kind. */
export function* checkSplits(
  network: Network | undefined,
  { train, validation, test }: Splits,
  loss: Loss = SOFTMAX,
): Steps<CheckedSplits> {
  function* check(split: Dataset): Steps<CheckedDataset> {
    const checked = yield* checkingDataset(split);
    refuseOtherTask(checked, loss);
    if (network) refuseMisfit(network, checked, checked.cols, loss);
    refuseOtherKind(checked, train);
    return checked;
  }
  return {
    train: yield* check(train),
    validation: validation && (yield* check(validation)),
    test: test && (yield* check(test)),
  };
}

/** Raises InvalidInput unless the data have what the loss learns. */
function refuseOtherTask({ name, task: known, classes }: Dataset, loss: Loss): void {
  const task = known ?? "classify";
  const wanted = lossTask(loss);
  const told = { classify: "classes", regress: 'numbers (task "regress")', multilabel: 'labels (task "multilabel")' };
  const fits = Object.entries(told).map(
    ([key, what]) => `${what}: ${LOSSES.filter((n) => taskOf(n) === key).join(", ")}`,
  );
  must(
    task === wanted,
    "loss",
    `one for ${told[task]}, as ${name} has them`,
    loss.name,
    `Losses for ${fits.join("; for ")}.`,
  );
  must(classes.length >= 1, "classes", "at least one name", classes);
}

const taskOf = (name: LossName) => lossTask({ name } as Loss);

/** Raises InvalidInput unless the network takes `inputs` numbers and has the outputs for each class or target. */
export function refuseMisfit(
  { layers }: Network,
  { name, classes }: Dataset,
  inputs: number,
  loss: Loss = SOFTMAX,
): void {
  const [D, C] = [layers[0]!, layers.at(-1)!];
  must(inputs === D, "the network's inputs", `${inputs}, the number of features of ${name}`, D);
  const per = outputsPerTarget(loss);
  const what =
    lossTask(loss) === "classify" ? "classes" : per === 1 ? "targets" : `targets, times ${per} for ${loss.name},`;
  const outputs = classes.length * per;
  must(outputs === C, "the network's outputs", `${outputs}, the number of ${what} of ${name}`, C);
}

function refuseOtherKind(split: Dataset, train: Dataset): void {
  const { name, targets, columns } = split;
  const form = formOf(split);
  must(form === formOf(train), `the features of ${name}`, "bytes or floats, as in training", form);
  const soft = targets !== undefined;
  const trainsSoft = train.targets !== undefined;
  must(soft === trainsSoft, `the soft targets of ${name}`, "given in every part or in none", targets);
  const same = JSON.stringify(columns) === JSON.stringify(train.columns);
  must(same, `the columns of ${name}`, `those of ${train.name}, with the same levels`, columns);
}

/**
 * Hold `validation` of the training rows back, drawn class by class from the seed, unless there is a validation split.
 */
export function* holdOutValidation(
  splits: CheckedSplits,
  { validation: share, seed }: Pick<TrainingOptions, "validation" | "seed">,
): Steps<CheckedSplits> {
  if (share === 0 || splits.validation) return splits;
  const parts = yield* splittingInTwo(splits.train, share, seed);
  const [train, validation] = parts as [CheckedDataset, CheckedDataset];
  return { train, validation, test: splits.test };
}

/** The rows of one session: training, validation, test. Features stay in their parts, uncopied. */
export type JoinedSplits = {
  readonly parts: readonly Dataset[];
  readonly labels: ClassIndices;
  readonly targets: Dataset["targets"];
  readonly values: Dataset["values"];
};

export function joinSplits({ train, validation, test }: Splits): JoinedSplits {
  const splits = [train, validation, test].filter((split) => split !== undefined);
  return {
    parts: splits,
    labels: join(splits.map(({ labels }) => labels)),
    targets: train.targets && join(splits.map(({ targets }) => targets!)),
    values: train.values && join(splits.map(({ values }) => values!)),
  };
}

/** The arrays one after another, in the widest of their types; of one buffer, where they are so already, a view. */
function join<T extends ClassIndices | Float32Array | Float64Array>(arrays: readonly T[]): T {
  const [first] = arrays as [T];
  if (arrays.length === 1) return first;
  const adjoin = arrays.every((array, k) => {
    const before = arrays[k - 1];
    const same = array.buffer === first.buffer && array.constructor === first.constructor;
    return before === undefined || (same && array.byteOffset === before.byteOffset + before.byteLength);
  });
  const whole = arrays.reduce((sum, array) => sum + array.length, 0);
  if (adjoin)
    return new (first.constructor as new (b: ArrayBufferLike, at: number, n: number) => T)(
      first.buffer,
      first.byteOffset,
      whole,
    );
  const widest = arrays.reduce((a, b) => (b.BYTES_PER_ELEMENT > a.BYTES_PER_ELEMENT ? b : a));
  const out = new (widest.constructor as new (n: number) => T)(whole);
  let at = 0;
  for (const array of arrays) {
    out.set(array as never, at);
    at += array.length;
  }
  return out;
}
