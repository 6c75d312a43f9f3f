// The messages of onnx.proto3 that a graph is made of, written field by field. Format: github.com/onnx/onnx,
// onnx/onnx.proto.
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** TensorProto.DataType. */
export const ONNX_TYPE = { float: 1, int64: 7, string: 8, bool: 9, double: 11 } as const;
export type ElementType = keyof typeof ONNX_TYPE;

/** Values of a node's attributes, by the kind of their AttributeProto. */
export type WrittenAttributes = {
  readonly integers?: Readonly<Record<string, number>> | undefined;
  readonly floats?: Readonly<Record<string, number>> | undefined;
  /** Lists of numbers, written as int64. */
  readonly integerLists?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly floatLists?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly stringLists?: Readonly<Record<string, readonly string[]>> | undefined;
};

/** The operators that decision trees and label encoders are from, beside ONNX's own. */
export const ML_DOMAIN = "ai.onnx.ml";

/** NodeProto, into the graph. */
export function node(
  graph: Message,
  operator: string,
  inputs: readonly string[],
  output: string,
  { integers, floats, integerLists, floatLists, stringLists }: WrittenAttributes = {},
  domain?: string,
): void {
  const message = new Message();
  for (const input of inputs) message.string(1, input);
  message.string(2, output).string(3, `${operator}:${output}`).string(4, operator);
  if (domain !== undefined) message.string(7, domain);
  const attribute = (name: string, type: number, fill: (value: Message) => void) => {
    const value = new Message().string(1, name);
    fill(value);
    message.message(5, value.integer(20, type));
  };
  for (const [name, i] of Object.entries(integers ?? {})) attribute(name, 2, (value) => value.integer(3, i));
  for (const [name, f] of Object.entries(floats ?? {})) attribute(name, 1, (value) => value.float(2, f));
  for (const [name, list] of Object.entries(integerLists ?? {}))
    attribute(name, 7, (value) => list.forEach((i) => void value.integer(8, i)));
  for (const [name, list] of Object.entries(floatLists ?? {}))
    attribute(name, 6, (value) => list.forEach((f) => void value.float(7, f)));
  for (const [name, list] of Object.entries(stringLists ?? {}))
    attribute(name, 8, (value) => list.forEach((text) => void value.string(9, text)));
  graph.message(1, message);
}

/** TensorProto with raw little-endian data, into the graph's initializers. */
export function tensor(
  graph: Message,
  name: string,
  shape: readonly number[],
  values: Float32Array | Float64Array | BigInt64Array,
): void {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  const type = values instanceof Float32Array ? "float" : values instanceof Float64Array ? "double" : "int64";
  message.integer(2, ONNX_TYPE[type]).string(8, name);
  message.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  graph.message(5, message);
}

/** ValueInfoProto: a named input or output; a size in words is left open. */
export function value(
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
export class Message {
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
