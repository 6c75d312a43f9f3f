// Reads the ONNX files of onnx.ts and runs their graph, one example at a time: the verification of an export where no
// onnxruntime is installed. Shares no code with the writer, and reads no other files.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Column } from "../../data/columns.ts";
import { type Attributes, type AttributeValue, OPERATORS, type Value } from "./onnx-operators.ts";
import { rawRows } from "./raw-rows.ts";
import type { ExportAnswers, ExportFeatures, RunnerResult } from "./verify-export.ts";

type Node = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Attributes;
};
/** An input of the graph, by its TensorProto.DataType. */
export type GraphInput = { readonly name: string; readonly type: number };

export type OnnxGraph = {
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, Value>; //  by name, row-major
  readonly inputs: readonly GraphInput[]; //         one, or of a table one a column
  readonly metadata: ReadonlyMap<string, string>;
};

const [INT64, STRING, DOUBLE] = [7, 8, 11]; // TensorProto.DataType

/** The graph in the bytes of a file that onnx.ts wrote. */
export function readOnnx(bytes: Uint8Array): OnnxGraph {
  const file = fields(bytes);
  const graph = fields(only(file, 7));
  return {
    nodes: all(graph, 1).map((part) => {
      const node = fields(part);
      const attributes = all(node, 5).map((attribute) => {
        const found = fields(attribute);
        return [text(only(found, 1)), attributeValue(found)] as const;
      });
      return {
        operator: text(only(node, 4)),
        inputs: all(node, 1).map(text),
        output: text(only(node, 2)),
        attributes: new Map(attributes),
      };
    }),
    tensors: new Map(
      all(graph, 5).map((part) => {
        const tensor = fields(part);
        const raw = new Uint8Array(only(tensor, 9)).buffer; // a copy, so aligned
        return [text(only(tensor, 8)), valuesOf(raw, number(tensor, 2))];
      }),
    ),
    inputs: all(graph, 11).map((part) => {
      const input = fields(part);
      return { name: text(only(input, 1)), type: number(fields(only(fields(only(input, 2)), 1)), 1)! };
    }),
    metadata: new Map(
      all(file, 14).map((part) => {
        const entry = fields(part);
        return [text(only(entry, 1)), text(only(entry, 2))];
      }),
    ),
  };
}

function valuesOf(raw: ArrayBuffer, type: number | undefined): Value {
  if (type === INT64) return Float64Array.from(new BigInt64Array(raw), Number);
  return type === DOUBLE ? new Float64Array(raw) : new Float32Array(raw);
}

/** A number, a list of numbers or a list of texts. */
function attributeValue(found: readonly Field[]): AttributeValue {
  const one = number(found, 2) ?? number(found, 3);
  if (one !== undefined) return one;
  const texts = all(found, 9).map(text);
  return texts.length > 0
    ? texts
    : found.filter(({ field }) => field === 7 || field === 8).map(({ value }) => value as number);
}

/** Everything that one example's inputs give, by name. Sums run in index order in float32. */
function runGraph(graph: OnnxGraph, inputs: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>([...graph.tensors, ...inputs]);
  for (const { operator, inputs, output, attributes } of graph.nodes) {
    const operate = OPERATORS[operator];
    if (!operate) throw new Error(`the graph has an operator ${operator} that was never written`);
    const operands = inputs.map((name) => {
      const value = values.get(name);
      if (!value) throw new Error(`${output} is computed from ${name}, which is not there yet`);
      return value;
    });
    values.set(output, operate(operands, attributes));
  }
  return values;
}

/**
 * The inputs of a graph for raw features [n×cols]: the values of all rows, one after another. Those of a table with
 * `columns` are coded; a missing text is empty, a missing number NaN.
 */
export function inputValues(
  { inputs }: OnnxGraph,
  features: ExportFeatures,
  columns: readonly Column[] | undefined,
): { readonly name: string; readonly type: number; readonly values: Value }[] {
  if (columns === undefined) {
    const { name, type } = inputs[0]!;
    return [{ name, type, values: type === DOUBLE ? Float64Array.from(features) : Float32Array.from(features) }];
  }
  const rows = rawRows(features, columns);
  return inputs.map(({ name, type }, j) => ({
    name,
    type,
    values:
      type === STRING
        ? rows.map((row) => String(row[j] ?? ""))
        : Float64Array.from(rows, (_, i) => features[i * columns.length + j]!),
  }));
}

/** An ONNX file by our own reader, one example at a time. */
export function evaluateOnnx(
  bytes: Uint8Array,
  features: ExportFeatures,
  cols: number,
  columns?: readonly Column[],
): RunnerResult {
  const graph = readOnnx(bytes);
  const inputs = inputValues(graph, features, columns);
  const width = columns ? 1 : cols;
  const rows = Array.from({ length: features.length / cols }, (_, i) =>
    runGraph(graph, new Map(inputs.map(({ name, values }) => [name, values.slice(i * width, (i + 1) * width)]))),
  );
  const all = (name: string) => rows.flatMap((row) => [...(row.get(name) ?? [])]);
  const runner = "our own evaluation of the file, as no onnxruntime is installed";
  return { runner, answers: answersIn(graph, all) };
}

/** The answers in what a graph gave for all rows, by the outputs' names; [] for an output that it does not have. */
export function answersIn(graph: OnnxGraph, output: (name: string) => readonly (number | string)[]): ExportAnswers {
  const numbers = (name: string) => output(name) as readonly number[];
  const label = numbers("label");
  if (label.length > 0) {
    const given = output("class") as readonly string[];
    const names = namesIn(
      graph,
      label.map((c, i) => [c, given[i]!]),
    );
    return { names, classes: label, probabilities: numbers("probabilities") };
  }
  const labels = numbers("labels");
  const [quantiles, deviations] = [numbers("quantiles"), numbers("deviations")];
  const probabilities = numbers("probabilities");
  const agree = labels.every((there, k) => Boolean(there) === probabilities[k]! >= 0.5);
  return {
    names: agree ? namesIn(graph, []) : [],
    values: labels.length > 0 ? probabilities : numbers("values"),
    ...(quantiles.length > 0 && { quantiles }),
    ...(deviations.length > 0 && { deviations }),
  };
}

/** The names in the metadata, or none where the graph gave a label another name. */
function namesIn({ metadata }: OnnxGraph, given: readonly (readonly [label: number, name: string])[]): string[] {
  const names: string[] = JSON.parse(metadata.get("classes") ?? "[]");
  return given.every(([label, name]) => name === (names[label] ?? name)) ? names : [];
}

type Field = { readonly field: number; readonly value: Uint8Array | number };

/** The fields of a protobuf message, in order. */
function fields(bytes: Uint8Array): readonly Field[] {
  const reader = new BinaryReader(bytes);
  const found: Field[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) found.push({ field, value: reader.bytes() });
    else if (type === WireType.Bit32) found.push({ field, value: reader.float() });
    else if (type === WireType.Varint) found.push({ field, value: Number(reader.int64()) });
    else throw new Error(`a wire type ${type} that was never written`);
  }
  return found;
}

const all = (message: readonly Field[], wanted: number): Uint8Array[] =>
  message.filter(({ field }) => field === wanted).map(({ value }) => value as Uint8Array);

function only(message: readonly Field[], wanted: number): Uint8Array {
  const [value] = all(message, wanted);
  if (!value) throw new Error(`a message lacks its field ${wanted}`);
  return value;
}

const number = (message: readonly Field[], wanted: number): number | undefined =>
  message.find(({ field }) => field === wanted)?.value as number | undefined;

const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
