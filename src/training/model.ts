// A trained classifier as a value: network, parameters, the scaling of raw features, and the names of classes and
// columns. files/model/model-file.ts makes it a file.
import { alignColumns } from "../data/align-columns.ts";
import { relabeled } from "../data/class-indices.ts";
import type { Column } from "../data/columns.ts";
import { type Dataset, type ImageSize, mustBeData, selectColumns, storedDataset } from "../data/dataset.ts";
import type { PictureForm } from "../data/pictures/picture-form.ts";
import { type Scaling, scalingFeatures } from "../data/scaling.ts";
import { factsOf, MappedRows, rowsOf, storeOf, withFacts } from "../data/stored/row-store.ts";
import { className } from "../data/table/cell-text.ts";
import type { TableOptions } from "../data/table/table-options.ts";
import type { Features } from "../engines/engine.ts";
import { atOnce, type Steps } from "../engines/turns.ts";
import { InvalidInput, must, show } from "../errors.ts";
import { type Loss, lossTask, SOFTMAX } from "../network/losses.ts";
import type { Network } from "../network/network.ts";
import type { ModelPrivacy } from "./private-options.ts";
import type { TargetScaling } from "./value-targets.ts";

/** A trained network and all that its answers take: a plain value, for structuredClone and postMessage. */
export type Model = {
  /** Sizes and activation. */
  readonly network: Network;
  /** θ, packed [W₁, b₁, …]. */
  readonly parameters: Float32Array;
  /** From features as they are in the data to the network's input. */
  readonly scaling: Scaling;
  /** C names, in class order; where numbers or labels are learned the T names of these. */
  readonly classes: readonly string[];
  /** What it was trained on; absent for softmax cross-entropy. */
  readonly loss?: Loss | undefined;
  /** How targets that are numbers were scaled, which answers undo. */
  readonly targetScaling?: TargetScaling | undefined;
  /**
   * T > 0 that outputs are divided by before they become probabilities, fitted on the validation split; classes and
   * labels stay as they are. Default 1.
   */
  readonly temperature?: number | undefined;
  /** D names, where the data had them. */
  readonly featureNames?: readonly string[] | undefined;
  /** D = height × width, where rows are grey images. */
  readonly image?: ImageSize | undefined;
  /** Where it was trained on pictures: what another must become before it is asked about. */
  readonly picture?: PictureForm | undefined;
  /** What its training spent, where it was private. */
  readonly privacy?: ModelPrivacy | undefined;
  /** The data it was trained on, where the command line recorded them. */
  readonly trainedOn?: TrainedOn | undefined;
};

/** The training data of a model, so that a later test can keep to rows that were not trained on. */
export type TrainedOn = {
  /** The set's name, or the file's or folder's. */
  readonly name: string;
  /** SHA-256 of the bytes read. */
  readonly sha256: string;
  /** The label column, where one was named. */
  readonly label: string | null;
  /** The rows held out of training; null if the source has a test part. */
  readonly heldOut: {
    /** Their share, in (0, 1). */
    readonly fraction: number;
    /** Of the draw, an integer in [0, 2⁵³). */
    readonly seed: number;
  } | null;
  /** How a table was read, as far as it decides which rows there are and which of them were held out. */
  readonly table?: RowChoices | undefined;
  /** The parts that came from data of their own. */
  readonly parts?: { readonly [P in "validation" | "test"]?: DataPart | undefined } | undefined;
};

/** Choices that decide which rows a table has and how these are split. */
export type RowChoices = Pick<TableOptions, "encoding" | "sheet" | "missing" | "group" | "time">;

/** Data by their name and bytes. */
export type DataPart = {
  /** The set's name, or the file's or folder's. */
  readonly name: string;
  /** SHA-256 of the bytes read. */
  readonly sha256: string;
};

/** The columns of raw features that a model takes: D, which of a table with words is not the network's inputs. */
export const columnCount = ({ network, scaling }: Pick<Model, "network" | "scaling">): number =>
  scaling?.kind === "columns" ? scaling.columns.length : network.layers[0]!;

/** The columns of a model by which a table's rows are read; those without a name are called by their position. */
export function columnsOf(model: Pick<Model, "network" | "scaling" | "featureNames">): readonly Column[] {
  const { scaling, featureNames } = model;
  if (scaling.kind === "columns") return scaling.columns;
  return Array.from({ length: columnCount(model) }, (_, j) => ({
    name: featureNames?.[j] ?? `column ${j + 1}`,
    kind: "number",
  }));
}

/** Raises InvalidInput for what is no model, e.g. the result of a training that holds one. */
export function checkModel(model: Model): void {
  const { network, parameters, model: inner } = (model ?? {}) as Partial<Model> & { readonly model?: unknown };
  const remedy = typeof inner === "object" ? "Pass its .model." : "";
  must(Array.isArray(network?.layers) && ArrayBuffer.isView(parameters), "model", "a model", model, remedy);
}

/** Raises InvalidInput for a model that answers with numbers or labels, where classes are needed. */
export function mustClassify({ loss }: Pick<Model, "loss">, what: string): void {
  const reason = `${what} needs a model of classes; this one was trained with ${loss?.name}.`;
  if (loss !== undefined) throw new InvalidInput("NOT_HELD", reason);
}

type SessionFeatures = { readonly features: Features; readonly divisor?: number };
type RawFeatures = Pick<Dataset, "features" | "cols" | "columns">;

/** Features as a session takes them: scaled floats, or bytes with their divisor. */
export function sessionFeatures(data: RawFeatures, scaling: Scaling): SessionFeatures {
  return atOnce(preparingFeatures(data, scaling));
}

/** sessionFeatures in steps. */
export function* preparingFeatures(data: RawFeatures, scaling: Scaling): Steps<SessionFeatures> {
  const features = yield* scalingFeatures(data, scaling);
  return features instanceof Uint8Array && scaling.kind === "divide" ? { features, divisor: scaling.by } : { features };
}

/**
 * `data` in the model's order of columns, with the model's class indices, or its targets: all matched by name.
 * Raises InvalidInput where a column or a target is missing, a class is unknown, or the data have another task.
 */
export function alignDataset(model: Model, data: Dataset): Dataset {
  mustBeData(data);
  const aligned = alignedRows(model, data);
  if (model.loss || data.values) return withFacts(aligned, alignedTargets(model, data));
  const named = new Map(model.classes.map((name, c) => [className(name), c]));
  const classOf = data.classes.map((name) => {
    const c = model.classes.indexOf(name);
    return c >= 0 ? c : (named.get(className(name)) ?? -1);
  });
  const labels = relabeled(data.labels, model.classes.length, (label, i) => {
    const c = classOf[label]!;
    if (c < 0) throw unknownClass(model, data, i, data.classes[label]!);
    return c;
  });
  if (data.targets && classOf.some((c, i) => c !== i))
    throw new InvalidInput(
      "UNKNOWN_CLASS",
      `${data.name}: soft targets need the model's classes in the model's order.`,
    );
  return withFacts(aligned, { labels, classes: model.classes });
}

/** The targets of a model of numbers or labels, in its order. */
function alignedTargets({ loss, classes }: Model, data: Dataset): Pick<Dataset, "values" | "classes" | "labels"> {
  const { name, values, rows, classes: got, task = "classify" } = data;
  const wanted = lossTask(loss ?? SOFTMAX);
  if (values === undefined || wanted !== task) {
    const learned = { classify: "classes", regress: "numbers", multilabel: "labels that are there or not" };
    const reason = `${name} has ${learned[task]} to learn; this model answers with ${learned[wanted]}.`;
    throw new InvalidInput("WRONG_COLUMNS", reason);
  }
  const from = classes.map((target) => got.indexOf(target));
  const missing = classes[from.indexOf(-1)];
  const reason = `${name} has no target ${show(missing)}, which this model answers with; it has ${show(got)}.`;
  if (missing !== undefined) throw new InvalidInput("WRONG_COLUMNS", reason);
  const T = classes.length;
  const out = new Float64Array(rows * T);
  for (let i = 0; i < rows; i++) for (let j = 0; j < T; j++) out[i * T + j] = values[i * got.length + from[j]!]!;
  return { values: out, classes, labels: new Int32Array(rows) };
}

/** Rows in the model's order of columns and codes; those that are read when they are asked for are aligned then. */
export function alignedRows(model: Model, data: Dataset): Dataset {
  const store = storeOf(data);
  if (store === undefined) return { ...data, ...alignFeatures(model, data) };
  const first = alignFeatures(model, {
    ...factsOf(data),
    rows: 1,
    features: rowsOf(data, Uint32Array.of(0)),
  } as Dataset);
  const align = (features: Dataset["features"], rows: number) =>
    alignFeatures(model, { ...factsOf(data), rows, features } as Dataset).features;
  const { cols, columns } = first;
  return storedDataset({ ...factsOf(data), cols, columns }, new MappedRows(store, cols, align));
}

/** The columns of `data` in the model's order and codes: by name where both have names, otherwise as they are. */
export function alignFeatures(model: Model, data: Dataset): Pick<Dataset, "features" | "cols" | "columns"> {
  const { featureNames: wanted, scaling } = model;
  const { featureNames: got } = data;
  const named = wanted !== undefined && got !== undefined;
  const same = !named || (wanted.length === got.length && wanted.every((name, j) => name === got[j]));
  const D = columnCount(model);
  if (same && data.cols !== D) {
    const reason = `${data.name} has ${data.cols} features; this model was trained on ${D}. Is this the right data for it?`;
    throw new InvalidInput("WRONG_COLUMNS", reason);
  }
  const from = same
    ? Array.from({ length: D }, (_, j) => j)
    : wanted.map((name) => {
        const j = got.indexOf(name);
        if (j >= 0) return j;
        throw new InvalidInput(
          "WRONG_COLUMNS",
          `${data.name} has no column ${show(name)}, which this model was trained on.`,
        );
      });
  const columns = scaling.kind === "columns" ? scaling.columns : undefined;
  if (columns || data.columns) return alignColumns(data, from, columns);
  return same ? data : { features: selectColumns(data, from), cols: D };
}

function unknownClass(model: Model, data: Dataset, row: number, name: string): InvalidInput {
  const known = `${model.classes.slice(0, 8).join(", ")}${model.classes.length > 8 ? ", …" : ""}`;
  const reason = `${data.name}: example ${row + 1} has class ${show(name)}, which is none of this model. Its classes: ${known}.`;
  return new InvalidInput("UNKNOWN_CLASS", reason);
}
