// A trained classifier as a value: the network, its parameters, and all that is needed to give it raw data and to read its answer.
// How it becomes a file is files/model/model-file.ts.
import type { Dataset } from "../data/dataset.ts";
import { type Scaling, scaleFeatures } from "../data/scaling.ts";
import type { Features } from "../engines/engine.ts";
import { InvalidInput, show } from "../errors.ts";
import type { Network } from "../network/network.ts";

export type Model = {
  readonly network: Network;
  readonly parameters: Float32Array; //                packed [W₁, b₁, …]
  readonly scaling: Scaling;
  readonly classes: readonly string[]; //              C names
  readonly featureNames?: readonly string[]; //        D names, where the data had them
  readonly image?: { readonly height: number; readonly width: number };
  readonly trainedOn?: TrainedOn;
};

/** Which data a model comes from, so that a later test can keep to rows the training never saw. */
export type TrainedOn = {
  readonly name: string;
  readonly sha256: string;
  readonly label: string | null; // the label column, where one was named
  readonly heldOut: { readonly fraction: number; readonly seed: number } | null; // null: the source has its own test part
};

/** Features the way a session takes them: scaled floats, or bytes with their divisor. */
export function sessionFeatures(
  data: Pick<Dataset, "features" | "cols">,
  scaling: Scaling,
): { readonly features: Features; readonly divisor?: number } {
  const features = scaleFeatures(data.features, data.cols, scaling);
  return features instanceof Uint8Array && scaling.kind === "divide" ? { features, divisor: scaling.by } : { features };
}

/**
 * `data` as `model` knows it: columns in the model's order, class indices by the model's class names.
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

/** The columns of `data` that the model knows, in its order: by name where both have names, otherwise as they are. */
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
  const reason = `${data.name}: example ${row + 1} has class ${show(name)}, which this model never saw. It knows ${known}.`;
  return new InvalidInput("UNKNOWN_CLASS", reason);
}
