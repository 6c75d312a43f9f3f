// A model as one ONNX file: raw features in, probabilities and class indices out, scaling and softmax inside. Written
// with the protobuf writer of @bufbuild/protobuf: five message types of onnx.proto3 are all it takes. onnx-reader.ts
// reads it. Format: github.com/onnx/onnx, onnx/onnx.proto. Opset 17 and IR 8 are the newest that every runtime since
// 2022 takes.
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Activation, LEAKY_SLOPE } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, type Model } from "../../training/model.ts";
import { type ExportCheck, exportMetadata } from "../model/metadata.ts";
import { plainScaling } from "./plain-scaling.ts";

export const ONNX_OPSET = 17;
const IR_VERSION = 8;

/** TensorProto.DataType. */
export const ONNX_TYPE = { float: 1, int64: 7, double: 11 } as const;
type ElementType = keyof typeof ONNX_TYPE;

/**
 * The graph's input [batch×D]; doubles where the scaling computes in doubles, so that no digit of a table is lost
 * before it.
 */
export const inputType = ({ scaling }: Model): ElementType => (scaling.kind === "standardize" ? "double" : "float");

/**
 * `model` as the bytes of an ONNX file: input `features` [batch×D], outputs `probabilities` [batch×C] and `label`
 * [batch].
 */
export function encodeOnnx(model: Model, checked?: ExportCheck): Uint8Array<ArrayBuffer> {
  checkModel(model);
  const { network, classes } = model;
  const D = network.layers[0]!;
  const graph = new Message();
  let x = scalingNodes(graph, model);
  const layers = packedLayers(network);
  for (const [l, { inputs, outputs, W, b }] of layers.entries()) {
    const last = l === layers.length - 1;
    const z = last ? "logits" : `z${l + 1}`;
    tensor(graph, `W${l + 1}`, [inputs, outputs], model.parameters.subarray(W, b));
    tensor(graph, `b${l + 1}`, [outputs], model.parameters.subarray(b, b + outputs));
    node(graph, "Gemm", [x, `W${l + 1}`, `b${l + 1}`], z); //                z_l = a_{l−1} W_l + b_l
    x = last ? z : activationNode(graph, network.activation, z, `a${l + 1}`);
  }
  node(graph, "Softmax", [x], "probabilities", { axis: -1 }); //              S(z_L)
  node(graph, "ArgMax", [x], "label", { axis: -1, keepdims: 0 }); //          the first of equals, as ours
  graph.string(2, "deltaprop");
  graph.string(10, "A feed-forward classifier. label is an index into the metadata's classes.");
  value(graph, 11, "features", inputType(model), ["batch", D]);
  value(graph, 12, "probabilities", "float", ["batch", classes.length]);
  value(graph, 12, "label", "int64", ["batch"]);

  const file = new Message();
  file.integer(1, IR_VERSION);
  file.string(2, "deltaprop");
  file.message(7, graph);
  file.message(8, new Message().string(1, "").integer(2, ONNX_OPSET));
  for (const [key, text] of exportMetadata(model, checked))
    file.message(14, new Message().string(1, key).string(2, text));
  return file.finish();
}

/** The nodes of the scaling, in the precision of data/scaling.ts; returns the name of the first layer's input. */
function scalingNodes(graph: Message, model: Model): string {
  const scaling = plainScaling(model, "ONNX");
  if (scaling.kind === "none") return "features";
  if (scaling.kind === "divide") {
    tensor(graph, "by", [], Float32Array.of(scaling.by));
    node(graph, "Div", ["features", "by"], "scaled"); //                      x / by
    return "scaled";
  }
  tensor(graph, "mean", [scaling.mean.length], scaling.mean);
  tensor(graph, "deviation", [scaling.deviation.length], scaling.deviation);
  node(graph, "Sub", ["features", "mean"], "centred");
  node(graph, "Div", ["centred", "deviation"], "standardized"); //            (x − mean) / deviation
  node(graph, "Cast", ["standardized"], "scaled", { to: ONNX_TYPE.float });
  return "scaled";
}

const OPERATOR: Record<Exclude<Activation, "identity">, string> = {
  relu: "Relu",
  "leaky-relu": "LeakyRelu",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
};

function activationNode(graph: Message, activation: Activation, z: string, a: string): string {
  if (activation === "identity") return z;
  node(graph, OPERATOR[activation], [z], a, {}, activation === "leaky-relu" ? { alpha: LEAKY_SLOPE } : {});
  return a;
}

/** NodeProto, into the graph. */
function node(
  graph: Message,
  operator: string,
  inputs: readonly string[],
  output: string,
  integers: Readonly<Record<string, number>> = {},
  floats: Readonly<Record<string, number>> = {},
): void {
  const message = new Message();
  for (const input of inputs) message.string(1, input);
  message.string(2, output).string(3, `${operator}:${output}`).string(4, operator);
  for (const [name, i] of Object.entries(integers))
    message.message(5, new Message().string(1, name).integer(3, i).integer(20, 2));
  for (const [name, f] of Object.entries(floats))
    message.message(5, new Message().string(1, name).float(2, f).integer(20, 1));
  graph.message(1, message);
}

/** TensorProto with raw little-endian data, into the graph's initialisers. */
function tensor(graph: Message, name: string, shape: readonly number[], values: Float32Array | Float64Array): void {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  message.integer(2, values instanceof Float32Array ? ONNX_TYPE.float : ONNX_TYPE.double).string(8, name);
  message.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  graph.message(5, message);
}

/** ValueInfoProto: a named input or output; a size in words is left open. */
function value(
  graph: Message,
  field: number,
  name: string,
  type: ElementType,
  sizes: readonly (number | string)[],
): void {
  const shape = new Message();
  for (const size of sizes)
    shape.message(1, typeof size === "string" ? new Message().string(2, size) : new Message().integer(1, size));
  const described = new Message().message(1, new Message().integer(1, ONNX_TYPE[type]).message(2, shape));
  graph.message(field, new Message().string(1, name).message(2, described));
}

/** A protobuf message being written, field by field. */
class Message {
  readonly #writer = new BinaryWriter();

  integer(field: number, value: number): this {
    this.#writer.tag(field, WireType.Varint).int64(value);
    return this;
  }
  float(field: number, value: number): this {
    this.#writer.tag(field, WireType.Bit32).float(value);
    return this;
  }
  string(field: number, text: string): this {
    this.#writer.tag(field, WireType.LengthDelimited).string(text);
    return this;
  }
  bytes(field: number, bytes: Uint8Array): this {
    this.#writer.tag(field, WireType.LengthDelimited).bytes(bytes);
    return this;
  }
  message(field: number, { finish }: { finish: () => Uint8Array }): this {
    return this.bytes(field, finish());
  }
  readonly finish = (): Uint8Array<ArrayBuffer> => this.#writer.finish();
}
