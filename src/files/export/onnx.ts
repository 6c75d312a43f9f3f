// A model as one ONNX file: raw features in, classes, numbers or labels out, scaling and softmax inside. Written
// with the protobuf writer of @bufbuild/protobuf: five message types of onnx.proto3 are all it takes. onnx-reader.ts
// reads it. Format: github.com/onnx/onnx, onnx/onnx.proto. Opset 17 and IR 8 are the newest that every runtime since
// 2022 takes.
import { SELU } from "../../gradients/activations.ts";
import { NORM_EPSILON } from "../../gradients/normalize-row.ts";
import { type Activation, activationOf, isResidual, LEAKY_SLOPE } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, type Model } from "../../training/model.ts";
import { VERSION } from "../library-version.ts";
import { type ExportCheck, exportMetadata } from "../model/metadata.ts";
import { columnInputs, columnNodes, inputsMetadata } from "./onnx-columns.ts";
import { type ElementType, Message, ML_DOMAIN, node, ONNX_TYPE, tensor, value } from "./onnx-message.ts";
import { valueNodes } from "./onnx-values.ts";

export const ONNX_OPSET = 17;
const ML_OPSET = 2; // LabelEncoder from and to lists of texts
const IR_VERSION = 8;

/**
 * `model` as the bytes of an ONNX file: input `features` [batch×D], or of a table with words an input [batch×1] for
 * each column; outputs `probabilities` [batch×C], `label` [batch] and its name `class` [batch], or those of valueNodes.
 */
export function encodeOnnx(model: Model, checked?: ExportCheck): Uint8Array<ArrayBuffer> {
  checkModel(model);
  const { network, scaling } = model;
  const graph = new Message();
  let x = scalingNodes(graph, model);
  const layers = packedLayers(network);
  for (const [l, { inputs, outputs, W, b, gain, offset }] of layers.entries()) {
    const last = l === layers.length - 1;
    const z = last ? "logits" : `z${l + 1}`;
    const below = x;
    tensor(graph, `W${l + 1}`, [inputs, outputs], model.parameters.subarray(W, b));
    tensor(graph, `b${l + 1}`, [outputs], model.parameters.subarray(b, b + outputs));
    node(graph, "Gemm", [x, `W${l + 1}`, `b${l + 1}`], z); //                z_l = a_{l−1} W_l + b_l
    let inner = z;
    if (gain !== undefined) {
      tensor(graph, `gain${l + 1}`, [outputs], model.parameters.subarray(gain, gain + outputs));
      tensor(graph, `offset${l + 1}`, [outputs], model.parameters.subarray(offset!, offset! + outputs));
      const attributes = { integers: { axis: -1 }, floats: { epsilon: NORM_EPSILON } };
      inner = `h${l + 1}`;
      node(graph, "LayerNormalization", [z, `gain${l + 1}`, `offset${l + 1}`], inner, attributes);
    }
    x = last ? z : activationNode(graph, activationOf(network, l + 1), inner, `a${l + 1}`);
    if (!isResidual(network, l + 1)) continue;
    node(graph, "Add", [x, below], `r${l + 1}`); //                          a_l + a_{l−1}
    x = `r${l + 1}`;
  }
  if (model.loss) valueNodes(graph, model, calmed(graph, model));
  else classNodes(graph, model);
  graph.string(2, "deltaprop");
  graph.string(10, model.loss ? VALUES_TOLD : CLASSES_TOLD);
  for (const { name, type, width } of graphInputs(model)) value(graph, 11, name, type, ["batch", width]);

  const file = new Message();
  file.integer(1, IR_VERSION);
  file.string(2, "deltaprop").string(3, VERSION);
  file.message(7, graph);
  file.message(8, new Message().string(1, "").integer(2, ONNX_OPSET));
  file.message(8, new Message().string(1, ML_DOMAIN).integer(2, ML_OPSET));
  const metadata = exportMetadata(model, checked);
  if (scaling.kind === "columns") metadata.set("inputs", inputsMetadata(scaling.columns));
  for (const [key, text] of metadata) file.message(14, new Message().string(1, key).string(2, text));
  return file.finish();
}

const CLASSES_TOLD = "A feed-forward classifier. class is the name of label, an index into the metadata's classes.";
const VALUES_TOLD = "A feed-forward network. The metadata's classes name the targets, or the labels, in order.";

/** The name of the logits divided by the model's temperature. */
function calmed(graph: Message, { temperature }: Model): string {
  if (temperature === undefined) return "logits";
  tensor(graph, "beta", [], Float32Array.of(1 / temperature));
  node(graph, "Mul", ["logits", "beta"], "logits:divided"); //                                 z/T
  return "logits:divided";
}

function classNodes(graph: Message, model: Model): void {
  const { classes } = model;
  node(graph, "Softmax", [calmed(graph, model)], "probabilities", { integers: { axis: -1 } }); //          S(z_L)
  node(graph, "ArgMax", ["logits"], "label", { integers: { axis: -1, keepdims: 0 } }); //      the first of equals
  const names = { integerLists: { keys_int64s: [...classes.keys()] }, stringLists: { values_strings: classes } };
  node(graph, "LabelEncoder", ["label"], "class", names, ML_DOMAIN);
  value(graph, 12, "probabilities", "float", ["batch", classes.length]);
  value(graph, 12, "label", "int64", ["batch"]);
  value(graph, 12, "class", "string", ["batch"]);
}

/** The inputs of the graph: doubles where the scaling computes in doubles, so that no digit of a table is lost. */
function graphInputs({ scaling, network }: Model): { name: string; type: ElementType; width: number }[] {
  if (scaling.kind === "columns") return columnInputs(scaling.columns).map((input) => ({ ...input, width: 1 }));
  const type = scaling.kind === "standardize" ? "double" : "float";
  return [{ name: "features", type, width: network.layers[0]! }];
}

/** The nodes of the scaling, in the precision of data/scaling.ts; returns the name of the first layer's input. */
function scalingNodes(graph: Message, model: Model): string {
  const { scaling } = model;
  if (scaling.kind === "columns") return columnNodes(graph, scaling.columns);
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
  node(graph, "Cast", ["standardized"], "scaled", { integers: { to: ONNX_TYPE.float } });
  return "scaled";
}

/** Activations that are one operator of opset 17. */
const OPERATOR = {
  relu: "Relu",
  "leaky-relu": "LeakyRelu",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  elu: "Elu",
  selu: "Selu",
  softplus: "Softplus",
} as const;

/** Constants where ONNX's default is another. */
const CONSTANTS: Partial<Record<Activation, Record<string, number>>> = {
  "leaky-relu": { alpha: LEAKY_SLOPE },
  selu: { alpha: SELU.alpha, gamma: SELU.lambda },
};

function activationNode(graph: Message, activation: Activation, z: string, a: string): string {
  switch (activation) {
    case "identity":
      return z;
    case "silu":
      node(graph, "Sigmoid", [z], `${a}_p`); //                               1/(1 + e^{−z})
      break;
    case "mish":
      node(graph, "Softplus", [z], `${a}_s`);
      node(graph, "Tanh", [`${a}_s`], `${a}_p`); //                           tanh ln(1 + e^z)
      break;
    case "gelu": // Φ(z) = ½(1 + erf(z/√2)): the operator Gelu came with opset 20
      tensor(graph, `${a}_root`, [], Float32Array.of(Math.SQRT1_2));
      tensor(graph, `${a}_one`, [], Float32Array.of(1));
      tensor(graph, `${a}_half`, [], Float32Array.of(0.5));
      node(graph, "Mul", [z, `${a}_root`], `${a}_x`);
      node(graph, "Erf", [`${a}_x`], `${a}_e`);
      node(graph, "Add", [`${a}_e`, `${a}_one`], `${a}_t`);
      node(graph, "Mul", [`${a}_t`, `${a}_half`], `${a}_p`);
      break;
    default: {
      const floats = CONSTANTS[activation];
      node(graph, OPERATOR[activation], [z], a, floats ? { floats } : {});
      return a;
    }
  }
  node(graph, "Mul", [z, `${a}_p`], a);
  return a;
}
