// A trained classifier as a value: network, parameters, the scaling of raw features, and the names of classes and
// columns. files/model/model-file.ts makes it a file.
import type { Dataset, ImageSize } from "../data/dataset.ts";
import type { PictureForm } from "../data/pictures/picture-form.ts";
import { type Scaling, scaleFeatures } from "../data/scaling.ts";
import type { Features } from "../engines/engine.ts";
import { InvalidInput, show } from "../errors.ts";
import type { Network } from "../network/network.ts";

export type Model = {
  readonly network: Network;
  /** θ, packed [W₁, b₁, …]. */
  readonly parameters: Float32Array;
  readonly scaling: Scaling;
  /** C names. */
  readonly classes: readonly string[];
  /** D names, where the data had them. */
  readonly featureNames?: readonly string[] | undefined;
  readonly image?: ImageSize | undefined;
  /** Where it was trained on pictures: what another must become before it is asked about. */
  readonly picture?: PictureForm | undefined;
  readonly trainedOn?: TrainedOn | undefined;
};

/** The training data of a model, so that a later test can keep to rows that were not trained on. */
export type TrainedOn = {
  readonly name: string;
  readonly sha256: string;
  /** The label column, where one was named. */
  readonly label: string | null;
  /** The rows held out of training; null if the source has a test part. */
  readonly heldOut: { readonly fraction: number; readonly seed: number } | null;
};

/** Features as a session takes them: scaled floats, or bytes with their divisor. */
export function sessionFeatures(
  data: Pick<Dataset, "features" | "cols">,
  scaling: Scaling,
): { readonly features: Features; readonly divisor?: number } {
  const features = scaleFeatures(data.features, data.cols, scaling);
  return features instanceof Uint8Array && scaling.kind === "divide" ? { features, divisor: scaling.by } : { features };
}

/**
 * `data` in the model's order of columns, with the model's class indices: both matched by name.
 * Raises InvalidInput where a column is missing or a class is unknown.
 */
export function alignDataset(model: Model, data: Dataset): Dataset {
  const { features, cols } = alignFeatures(model, data);
  const classOf = data.classes.map((name) => model.classes.indexOf(name));
  const labels = data.labels.map((label, i) => {
    const c = classOf[label]!;
    if (c < 0) throw unknownClass(model, data, i, data.classes[label]!);
    return c;
  });
  if (data.targets && classOf.some((c, i) => c !== i))
    throw new InvalidInput(
      "UNKNOWN_CLASS",
      `${data.name}: soft targets need the model's classes in the model's order.`,
    );
  return { ...data, features, cols, labels, classes: model.classes };
}

/** The columns of `data` in the model's order: by name where both have names, otherwise as they are. */
export function alignFeatures(model: Model, data: Dataset): Pick<Dataset, "features" | "cols"> {
  const { featureNames: wanted } = model;
  const { featureNames: got } = data;
  if (!wanted || !got || (wanted.length === got.length && wanted.every((name, j) => name === got[j]))) {
    const D = model.network.layers[0]!;
    if (data.cols === D) return data;
    const reason = `${data.name} has ${data.cols} features; this model was trained on ${D}. Is this the right data for it?`;
    throw new InvalidInput("WRONG_COLUMNS", reason);
  }
  const columns = wanted.map((name) => {
    const j = got.indexOf(name);
    if (j >= 0) return j;
    throw new InvalidInput(
      "WRONG_COLUMNS",
      `${data.name} has no column ${show(name)}, which this model was trained on.`,
    );
  });
  return { features: pickColumns(data, columns), cols: columns.length };
}

function pickColumns({ features, rows, cols }: Dataset, columns: readonly number[]): Dataset["features"] {
  const out = new (features.constructor as new (n: number) => Float64Array)(rows * columns.length);
  for (let i = 0; i < rows; i++)
    columns.forEach((j, at) => {
      out[i * columns.length + at] = features[i * cols + j]!;
    });
  return out;
}

function unknownClass(model: Model, data: Dataset, row: number, name: string): InvalidInput {
  const known = `${model.classes.slice(0, 8).join(", ")}${model.classes.length > 8 ? ", …" : ""}`;
  const reason = `${data.name}: example ${row + 1} has class ${show(name)}, which is none of this model. Its classes: ${known}.`;
  return new InvalidInput("UNKNOWN_CLASS", reason);
}
