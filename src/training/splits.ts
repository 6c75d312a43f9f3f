// The splits of a data set in one run: who is trained on, who decides when to stop, who is asked at the end. All lie in one session.
import { checkDataset, type Dataset } from "../data/dataset.ts";
import { splitDataset } from "../data/split.ts";
import { must } from "../errors.ts";
import type { Network } from "../network/network.ts";
import type { TrainingOptions } from "./options.ts";

/** Every part has the same columns and classes. */
export type Splits = { readonly train: Dataset; readonly validation?: Dataset; readonly test?: Dataset };

/** Hold `validation` of the training rows back, drawn class by class from the seed, unless a validation part is given. */
export function holdOutValidation(
  splits: Splits,
  { validation: share, seed }: Pick<TrainingOptions, "validation" | "seed">,
): Splits {
  if (share === 0 || splits.validation) return splits;
  const [train, validation] = splitDataset(splits.train, [1 - share, share], seed) as [Dataset, Dataset];
  return { ...splits, train, validation };
}

/** Raises InvalidInput unless the rows of every part are sound and fit the network. */
export function checkSplits(network: Network, splits: Splits): void {
  const D = network.layers[0]!;
  const C = network.layers.at(-1)!;
  for (const part of [splits.train, splits.validation, splits.test]) {
    if (!part) continue;
    checkDataset(part);
    must(part.cols === D, "layers[0]", `${part.cols}, the number of features of ${part.name}`, D);
    must(
      part.classes.length === C,
      `layers[${network.layers.length - 1}]`,
      `${part.classes.length}, the number of classes of ${part.name}`,
      C,
    );
  }
}

/** The rows of a session: training, validation, test. Features stay in splits, uncopied. Raises InvalidInput unless the splits fit together. */
export function joinSplits({
  train,
  validation,
  test,
}: Splits): Pick<Dataset, "cols" | "labels" | "targets"> & { readonly features: readonly Dataset["features"][] } {
  const splits = [train, validation, test].filter((part) => part !== undefined);
  for (const part of splits) {
    must(
      part.cols === train.cols,
      `the number of features of ${part.name}`,
      `${train.cols}, as in training`,
      part.cols,
    );
    must(
      sameForm(part.features, train.features),
      `the features of ${part.name}`,
      "bytes or floats, as in training",
      part.features,
    );
    must(
      !part.targets === !train.targets,
      `the soft targets of ${part.name}`,
      "given in every part or in none",
      part.targets,
    );
  }
  return {
    cols: train.cols,
    features: splits.map((part) => part.features),
    labels: join(splits.map((part) => part.labels)),
    ...(train.targets && { targets: join(splits.map((part) => part.targets!)) }),
  };
}

function sameForm(a: Dataset["features"], b: Dataset["features"]): boolean {
  return a instanceof Uint8Array === b instanceof Uint8Array;
}

type Values = Int32Array | Float32Array | Float64Array;

/** The arrays one after another, in the widest of their types. */
function join<T extends Values>(arrays: readonly T[]): T {
  if (arrays.length === 1) return arrays[0]!;
  const widest = arrays.reduce((a, b) => (b.BYTES_PER_ELEMENT > a.BYTES_PER_ELEMENT ? b : a));
  const out = new (widest.constructor as new (n: number) => T)(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array as never, at);
    at += array.length;
  }
  return out;
}
