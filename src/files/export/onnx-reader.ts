// Reads the ONNX files of onnx.ts and runs their graph, one example at a time: the verification of an export where no
// onnxruntime is installed. Shares no code with the writer, has only its operators, and reads no other files.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { exp, logistic, tanh } from "../../numerics/exp-log.ts";
import type { ExportFeatures, RunnerResult } from "./verify-export.ts";

type Floats = Float32Array | Float64Array;
type Node = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: ReadonlyMap<string, number>;
};

export type OnnxGraph = {
  readonly nodes: readonly Node[];
  readonly tensors: ReadonlyMap<string, Floats>; //  by name, row-major
  readonly double: boolean; //                       whether the input is float64
  readonly metadata: ReadonlyMap<string, string>;
};

const [DOUBLE, FLOAT] = [11, 1]; // TensorProto.DataType

/** The graph in the bytes of a file that onnx.ts wrote. */
export function readOnnx(bytes: Uint8Array): OnnxGraph {
  const file = fields(bytes);
  const graph = fields(only(file, 7));
  const input = fields(only(fields(only(fields(only(graph, 11)), 2)), 1));
  return {
    nodes: all(graph, 1).map((part) => {
      const node = fields(part);
      const attributes = all(node, 5).map((attribute) => {
        const found = fields(attribute);
        return [text(only(found, 1)), number(found, 2) ?? number(found, 3)!] as const;
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
        return [text(only(tensor, 8)), number(tensor, 2) === DOUBLE ? new Float64Array(raw) : new Float32Array(raw)];
      }),
    ),
    double: number(input, 1) === DOUBLE,
    metadata: new Map(
      all(file, 14).map((part) => {
        const entry = fields(part);
        return [text(only(entry, 1)), text(only(entry, 2))];
      }),
    ),
  };
}

/** `probabilities` and `label` of one example's raw features. Sums run in index order in float32. */
export function runGraph(
  graph: OnnxGraph,
  features: ArrayLike<number>,
): { probabilities: Float32Array; label: number } {
  const values = new Map<string, Floats>(graph.tensors);
  values.set("features", graph.double ? Float64Array.from(features) : Float32Array.from(features));
  for (const { operator, inputs, output, attributes } of graph.nodes) {
    const operate = OPERATORS[operator];
    if (!operate) throw new Error(`the graph has an operator ${operator} that was never written`);
    const operands = inputs.map((name) => {
      const value = values.get(name);
      if (!value) throw new Error(`${output} is computed from ${name}, which is not there yet`);
      return value;
    });
    values.set(output, operate(operands as [Floats, Floats, Floats], attributes));
  }
  return { probabilities: values.get("probabilities") as Float32Array, label: values.get("label")![0]! };
}

/** An ONNX file by our own reader, one example at a time. */
export function evaluateOnnx(bytes: Uint8Array, features: ExportFeatures, cols: number): RunnerResult {
  const graph = readOnnx(bytes);
  const rows = Array.from({ length: features.length / cols }, (_, i) =>
    runGraph(graph, features.subarray(i * cols, (i + 1) * cols)),
  );
  return {
    runner: "our own evaluation of the file, as no onnxruntime is installed",
    answers: {
      names: namesIn(graph),
      classes: rows.map(({ label }) => label),
      probabilities: rows.flatMap(({ probabilities }) => [...probabilities]),
    },
  };
}

export const namesIn = ({ metadata }: OnnxGraph): string[] => JSON.parse(metadata.get("classes") ?? "[]");

type Operate = (operands: readonly [Floats, Floats, Floats], attributes: ReadonlyMap<string, number>) => Floats;

const OPERATORS: Readonly<Record<string, Operate>> = {
  Sub: ([x, y]) => x.map((value, i) => value - y[i % y.length]!),
  Div: ([x, y]) => x.map((value, i) => value / y[i % y.length]!),
  Cast([x], attributes) {
    if (attributes.get("to") !== FLOAT) throw new Error("the graph casts to something else than float");
    return Float32Array.from(x);
  },
  Gemm([x, W, b]) {
    const z = new Float32Array(b.length);
    for (let i = 0; i < x.length; i++)
      for (let o = 0; o < z.length; o++) z[o] = z[o]! + Math.fround(x[i]! * W[i * z.length + o]!);
    return z.map((sum, o) => sum + b[o]!);
  },
  Relu: ([z]) => z.map((value) => Math.max(0, value)),
  LeakyRelu: ([z], attributes) => z.map((value) => (value < 0 ? attributes.get("alpha")! * value : value)),
  Tanh: ([z]) => z.map(tanh),
  Sigmoid: ([z]) => z.map(logistic),
  Softmax([z]) {
    const top = largest(z);
    const powers = Float64Array.from(z, (value) => exp(value - top));
    const sum = powers.reduce((a, b) => a + b);
    return Float32Array.from(powers, (power) => power / sum);
  },
  ArgMax: ([z]) => Float32Array.of(z.indexOf(largest(z))),
};

function largest(z: Floats): number {
  let top = z[0]!;
  for (const value of z) if (value > top) top = value;
  return top;
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
