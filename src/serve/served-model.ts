// A model as it is served: its tensors by name, rows of a request scaled, answers of a batch. The numbers are those of
// `deltaprop predict`.
import { type InputRow, RowReader } from "../classifier/row-input.ts";
import { InvalidInput, must, show } from "../errors.ts";
import { lossTask } from "../network/losses.ts";
import { type Prediction, readValues, softmaxRows, type ValuePrediction } from "../training/evaluate.ts";
import { columnCount, columnsOf, type Model } from "../training/model.ts";
import { type Arrivals, Batcher, type Batching, type Ridden } from "./batcher.ts";
import type { RequestTensor } from "./read-tensors.ts";
import type { Datatype } from "./tensor-types.ts";

/** A tensor as metadata describe it; −1 is any number of rows. */
export type TensorInfo = { readonly name: string; readonly datatype: Datatype; readonly shape: readonly number[] };

/** The answers of a batch, as `predict` or `predictValues` gives them, and where those of a request begin. */
export type RowAnswers = Ridden<Prediction | ValuePrediction>;

/** More rows wait than there is room for. */
export class Busy extends Error {}

export const FEATURES = "features"; // as in an ONNX file of the same model
/** Those of an ONNX file of the same model. */
export type OutputName = "class" | "label" | "probabilities" | "labels" | "values" | "quantiles" | "deviations";
type OutputInfo = TensorInfo & { readonly name: OutputName };

export class ServedModel {
  readonly name: string;
  /** How often the model of this name was loaded, from "1" on. */
  readonly version: string;
  readonly model: Model;
  readonly batcher: Batcher<Prediction | ValuePrediction>;
  /** Rows of a request, at most. */
  readonly maxRows: number;
  /** The tensors that it takes: one for all columns, or of a table with words one for each. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly OutputInfo[];
  /** Its name and version as a response's JSON has them. */
  readonly said: string;
  readonly #reader: RowReader;
  readonly #columns: readonly string[];
  readonly #inputs: number; // D′ of the network

  constructor(
    name: string,
    version: string,
    model: Model,
    batching: Batching,
    arrivals: Arrivals,
    onBatch?: (rows: number) => void,
  ) {
    this.name = name;
    this.version = version;
    this.model = model;
    this.maxRows = batching.maxBatch;
    const read = (logits: Float64Array) =>
      model.loss ? readValues(model, logits) : softmaxRows(logits, model.classes.length, model.temperature);
    this.batcher = new Batcher(model, batching, arrivals, read, onBatch);
    this.inputs = inputsOf(model);
    this.outputs = outputsOf(model);
    this.said = `"model_name":${JSON.stringify(name)},"model_version":"${version}"`;
    this.#columns = columnsOf(model).map(({ name: column }) => column);
    this.#reader = new RowReader(model);
    this.#inputs = model.network.layers[0]!;
  }

  /** The most elements of a tensor. */
  get maxElements(): number {
    return this.maxRows * columnCount(this.model);
  }

  /** The rows in a request's tensors. Raises InvalidInput. */
  rowsOf(tensors: readonly RequestTensor[]): InputRow[] {
    const names = tensors.map(({ name }) => name);
    const twice = names.find((name, k) => names.indexOf(name) < k);
    must(twice === undefined, "the inputs", "named once each", twice);
    const { scaling, image, featureNames } = this.model;
    const [only] = tensors;
    const whole = scaling.kind !== "columns" && tensors.length === 1 && only!.name === FEATURES;
    if (whole) return wholeRows(only!, this.#columns.length, image);
    return byColumn(tensors, this.#columns, scaling.kind !== "columns" && featureNames === undefined);
  }

  /** The answers for rows as `predict` of a classifier takes them. Raises InvalidInput, or Busy, at once. */
  answer(rows: readonly InputRow[]): Promise<RowAnswers> {
    const n = rows.length;
    must(n >= 1 && n <= this.maxRows, "a request", `1 to ${this.maxRows} rows (--max-batch)`, n);
    if (this.batcher.full(n)) throw new Busy();
    const D = this.#inputs;
    const inputs = this.batcher.room(n);
    rows.forEach((row, i) => {
      this.#reader.write(
        row,
        n === 1 ? inputs : inputs.subarray(i * D, (i + 1) * D),
        n === 1 ? "the row" : `row ${i + 1}`,
      );
    });
    return this.batcher.ask(inputs, n);
  }
}

function inputsOf(model: Model): readonly TensorInfo[] {
  const { scaling } = model;
  if (scaling.kind !== "columns")
    return [{ name: FEATURES, datatype: isBytes(model) ? "UINT8" : "FP64", shape: [-1, columnCount(model)] }];
  const types = { number: "FP64", boolean: "BOOL", category: "BYTES", ordinal: "BYTES", date: "BYTES" } as const;
  return scaling.columns.map(({ name, kind }) => ({ name, datatype: types[kind], shape: [-1, 1] }));
}

function outputsOf({ loss, classes }: Model): readonly OutputInfo[] {
  const T = classes.length;
  const numbers = (name: OutputName, ...more: number[]): OutputInfo => ({
    name,
    datatype: "FP64",
    shape: [-1, T, ...more],
  });
  if (loss === undefined)
    return [
      { name: "class", datatype: "BYTES", shape: [-1] },
      { name: "label", datatype: "INT64", shape: [-1] },
      numbers("probabilities"),
    ];
  if (lossTask(loss) === "multilabel")
    return [{ name: "labels", datatype: "BOOL", shape: [-1, T] }, numbers("probabilities")];
  return [
    numbers("values"),
    ...(loss.name === "quantile" ? [numbers("quantiles", loss.levels!.length)] : []),
    ...(loss.name === "gaussian" ? [numbers("deviations")] : []),
  ];
}

const isBytes = ({ scaling }: Model) => scaling.kind === "divide" && scaling.by === 255;

/** One tensor [n×D], or of pictures [n×height×width]. */
function wholeRows({ shape, values }: RequestTensor, D: number, image: Model["image"]): InputRow[] {
  const [rows = 0, ...rest] = shape;
  const width = rest.reduce((product, size) => product * size, 1);
  const turned = rest.length === 2 && image !== undefined && rest[0] !== image.height;
  must(rest.length >= 1 && width === D && !turned, `the shape of input "${FEATURES}"`, `[rows, ${D}]`, shape);
  if (rows === 1) return [values];
  const part = (from: number) =>
    Array.isArray(values) ? values.slice(from, from + D) : (values as Float64Array).subarray(from, from + D);
  return Array.from({ length: rows }, (_, i) => part(i * D));
}

/** A tensor [n] or [n×1] for each column, in any order. */
function byColumn(tensors: readonly RequestTensor[], columns: readonly string[], unnamed: boolean): InputRow[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const expected = unnamed
    ? `"${FEATURES}"`
    : `${columns
        .slice(0, 8)
        .map((name) => show(name))
        .join(", ")}${columns.length > 8 ? ", …" : ""}`;
  const ordered = columns.map((name) => {
    const tensor = unnamed ? undefined : byName.get(name);
    if (tensor !== undefined) return tensor;
    const got = [...byName.keys()];
    throw new InvalidInput(
      "MISSING_COLUMN",
      `the inputs must be ${expected}, got ${show(got)}. GET the model for all of them.`,
    );
  });
  const unknown = [...byName.keys()].find((name) => !columns.includes(name));
  must(unknown === undefined, "the inputs", expected, unknown);
  const rows = ordered[0]!.shape[0]!;
  for (const { name, shape } of ordered) {
    const fits = shape[0] === rows && (shape.length === 1 || (shape.length === 2 && shape[1] === 1));
    must(fits, `the shape of input ${show(name)}`, `[${rows}] or [${rows}, 1]`, shape);
  }
  return Array.from({ length: rows }, (_, i) => ordered.map(({ values }) => values[i]));
}
