// Writes ONNX files: training steps, or a forward pass, as one graph. A protobuf message is nested fields, so no
// library is needed; the field numbers are those of onnx.proto3.
import { writeFileSync } from "node:fs";

const OPSET = 13;
const IR_VERSION = 8;
const FLOAT = 1; // TensorProto.DataType
const INT64 = 7;

/** An integer as protobuf's base-128 digits. */
function varint(n) {
  const bytes = [];
  for (; n >= 128; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return Buffer.from([...bytes, n]);
}
const integer = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const single = (field, x) => Buffer.concat([varint(field * 8 + 5), Buffer.from(Float32Array.of(x).buffer)]);
function block(field, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

/** A float attribute if the value has `float`, else an integer one. */
const attribute = ([name, value]) =>
  typeof value === "object"
    ? block(5, block(1, name), single(2, value.float), integer(20, 1))
    : block(5, block(1, name), integer(3, value), integer(20, 2));
const node = (type, inputs, output, attributes = {}) =>
  block(
    1,
    ...inputs.map((name) => block(1, name)),
    ...[output].flat().map((name) => block(2, name)),
    block(4, type),
    ...Object.entries(attributes).map(attribute),
  );
const constant = (name, type, values, dims) =>
  block(5, ...dims.map((n) => integer(1, n)), integer(2, type), block(8, name), block(9, Buffer.from(values.buffer)));
const value = (field, [name, dims]) =>
  block(
    field,
    block(1, name),
    block(2, block(1, integer(1, FLOAT), block(2, ...dims.map((n) => block(1, integer(1, n)))))),
  );

/** A graph's file. `inputs` and `outputs` are [name, dimensions] pairs. */
function write(file, nodes, constants, inputs, outputs) {
  const parts = [...nodes, block(2, "step"), ...constants];
  const graph = block(7, ...parts, ...inputs.map((v) => value(11, v)), ...outputs.map((v) => value(12, v)));
  writeFileSync(file, Buffer.concat([integer(1, IR_VERSION), graph, block(8, block(1, ""), integer(2, OPSET))]));
}

const each = (shapes, make) => shapes.flatMap((shape, l) => make(shape, l));

/** logits = f(x): inputs x [rows×784], W0, b0, …; output logits. */
export function writeForward(file, shapes, rows) {
  const nodes = [];
  forward(nodes, "x", shapes, (l) => [`W${l}`, `b${l}`], "");
  const parameters = each(shapes, ([i, o], l) => [
    [`W${l}`, [i, o]],
    [`b${l}`, [o]],
  ]);
  write(file, nodes, [], [["x", [rows, 784]], ...parameters], [["logits", [rows, 10]]]);
}

/** Adds the forward pass to `nodes`; gives the names of every layer's input. The last output is `logits`. */
function forward(nodes, x, shapes, parameters, mark) {
  const a = [x];
  shapes.forEach((_, l) => {
    const last = l === shapes.length - 1;
    nodes.push(node("Gemm", [a[l], ...parameters(l)], last ? `logits${mark}` : `z${l}${mark}`));
    if (!last) nodes.push(node("Relu", [`z${l}${mark}`], `a${l + 1}${mark}`));
    if (!last) a.push(`a${l + 1}${mark}`);
  });
  return a;
}

/**
 * `unit` steps of SGD on `B` examples each: inputs x [unit·B×784], y [unit·B×10] (one-hot), W0, b0, …; outputs losses
 * [unit], newW0, newb0, ….
 */
export function writeSteps(file, shapes, B, unit, rate) {
  const floats = (...x) => Float32Array.from(x);
  const constants = [
    constant("share", FLOAT, floats(1 / B), []),
    constant("minusShare", FLOAT, floats(-1 / B), []),
    constant("rate", FLOAT, floats(rate), []),
    constant("rows", INT64, BigInt64Array.of(0n), [1]),
    constant("one", INT64, BigInt64Array.of(1n), [1]),
  ];
  const nodes = [];
  const parts = Array.from({ length: unit }, (_, k) => k);
  const named = (name, k) => `${name}_${k}`;
  for (const name of ["x", "y"])
    if (unit > 1)
      nodes.push(
        node(
          "Split",
          [name],
          parts.map((k) => named(name, k)),
          { axis: 0 },
        ),
      );
    else nodes.push(node("Identity", [name], named(name, 0)));
  for (const k of parts) {
    const W = (l, step = k) => (step === 0 ? `W${l}` : step === unit ? `newW${l}` : named(`W${l}`, step));
    const b = (l, step = k) => (step === 0 ? `b${l}` : step === unit ? `newb${l}` : named(`b${l}`, step));
    const n = (name) => named(name, k);
    const a = forward(nodes, n("x"), shapes, (l) => [W(l), b(l)], `_${k}`);
    nodes.push(
      node("LogSoftmax", [n("logits")], n("logS"), { axis: 1 }),
      node("Mul", [n("logS"), n("y")], n("terms")),
      node("ReduceSum", [n("terms")], n("sum"), { keepdims: 0 }),
      node("Mul", [n("sum"), "minusShare"], n("mean")),
      node("Reshape", [n("mean"), "one"], n("loss")),
      node("Exp", [n("logS")], n("S")),
      node("Sub", [n("S"), n("y")], n("error")),
      node("Mul", [n("error"), "share"], n(`delta${shapes.length - 1}`)),
    );
    for (let l = shapes.length - 1; l >= 0; l--) {
      const delta = n(`delta${l}`);
      if (l > 0)
        nodes.push(
          node("Gemm", [delta, W(l)], n(`back${l}`), { transB: 1 }),
          node("Sign", [a[l]], n(`mask${l}`)),
          node("Mul", [n(`back${l}`), n(`mask${l}`)], n(`delta${l - 1}`)),
        );
      nodes.push(
        node("Gemm", [a[l], delta, W(l)], W(l, k + 1), { transA: 1, alpha: { float: -rate }, beta: { float: 1 } }),
        node("ReduceSum", [delta, "rows"], n(`db${l}`), { keepdims: 0 }),
        node("Mul", [n(`db${l}`), "rate"], n(`move${l}`)),
        node("Sub", [b(l), n(`move${l}`)], b(l, k + 1)),
      );
    }
  }
  nodes.push(
    node(
      "Concat",
      parts.map((k) => named("loss", k)),
      "losses",
      { axis: 0 },
    ),
  );
  const parameters = (mark) =>
    each(shapes, ([i, o], l) => [
      [`${mark}W${l}`, [i, o]],
      [`${mark}b${l}`, [o]],
    ]);
  const batch = [
    ["x", [unit * B, 784]],
    ["y", [unit * B, 10]],
  ];
  write(file, nodes, constants, [...batch, ...parameters("")], [["losses", [unit]], ...parameters("new")]);
}
