// A model as one ES module without imports: weights inside as base64, `predict(pixels)`, the same bits as this library.
import type { FittedColumn } from "../../data/transform.ts";
import { InvalidInput } from "../../errors.ts";
import { lossTask } from "../../network/losses.ts";
import { betweenText, parameterCount } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import { checkModel, columnCount, type Model } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";
import { halfBits, MOST_HALF } from "./float16.ts";
import { base64, forwardText } from "./js-forward.ts";
import { functionsText } from "./js-functions.ts";
import { literal } from "./js-literal.ts";
import { rowNames, rowText } from "./js-row.ts";
import { answerType, valueAnswerText } from "./js-values.ts";

const MOST_PARAMETERS = 2 ** 24; // a larger module would be a text of more than 90 MB
const WORTH_A_KERNEL = 4096; //    parameters: below, plain loops are as fast, and a third of the text would be kernel

/** How a model becomes a module. */
export type ModuleOptions = {
  /** Weights in 16 bits: half the size, other bits. Default false. */
  readonly half?: boolean | undefined;
  /** The verification of the module, written into it. Default: none. */
  readonly checked?: ExportCheck | undefined;
};

/**
 * `model` as the text of a module. Raises InvalidInput for more than 2²⁴ parameters, and for `half` weights that 16
 * bits cannot hold.
 */
export function encodeModule(model: Model, { half = false, checked }: ModuleOptions = {}): string {
  checkModel(model);
  const { network, classes, image, scaling, loss } = model;
  const names = rowNames(model);
  const count = parameterCount(network);
  if (count > MOST_PARAMETERS)
    throw new InvalidInput(
      "TOO_LARGE",
      `a module holds at most ${MOST_PARAMETERS} parameters, got ${count}. Use ONNX.`,
    );
  const kernel = count >= WORTH_A_KERNEL;
  const D = columnCount(model);
  const shape = network.layers.join("-");
  const activation = betweenText(network);
  const table = scaling.kind === "columns";
  const row = image ? "pixels" : names ? "row" : "features";
  const type = `ArrayLike<${table ? "unknown" : "number"}>${names ? " | Record<string, unknown>" : ""}`;
  const named = names ? ", or an object with one under each column's name" : "";
  const takes = `${D} ${table ? "values" : "numbers"}${named}`;
  const what = loss ? "The numbers, or the labels with their probabilities," : "The class";
  const told = loss
    ? "in the units of the data; of labels the probability that each is there"
    : "probabilities sum to 1; the class is the likeliest";
  const said = loss ? `A model of ${loss.name}` : "A classifier";
  return `// ${said} exported by Deltaprop: ${shape}, ${activation}. It needs no other file and no network.
// predict(${row}) takes ${takes}
// as they are in the data: scaling is done in here.

/** What the ${loss ? "numbers or labels" : "classes"} are called, in order. @type {readonly string[]} */
export const classes = ${literal(classes)};

/** What the features are called, in order; null where they have no names. @type {readonly string[] | null} */
export const features = ${literal(names ?? null)};

/**
 * Height and width of the image that the features are; null where they are none. @type {{ height: number, width: number
 * } | null}
 */
export const image = ${literal(image ?? null)};

${table ? columnsText(scaling.columns) : ""}
/**
 * ${what} of one example. Sums run in index order in float32, so every machine gives the same bits.
 * @param {${type}} ${row} ${takes}
 * @returns {${loss ? answerType(loss) : CLASS_TYPE}}
 * ${told}
 */
export function predict(${row}) {
  writeInputs(${row});
  return answerOf(network.logits());
}
${loss ? valueAnswerText(model) : classAnswer(model)}
const view = new DataView(new ArrayBuffer(8));

${functionsText(network, loss !== undefined && lossTask(loss) === "multilabel")}
${half ? HALF_READER : FLOAT_READER}
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) bytes.setUint8(i, text.charCodeAt(i));
  return bytes;
}
${rowText(model)}
${forwardText(network, kernel)}
// W: inputs x outputs, row by row; ${half ? "weights in float16, biases in float32" : "float32"}, least byte first.
const network = ${kernel ? "withKernel" : "inLoops"}([
${packedLayers(network)
  .map(({ W, b, outputs, gain, offset }) => {
    const row = (at: number) => model.parameters.subarray(at, at + outputs);
    return layerText(
      model.parameters.subarray(W, b),
      row(b),
      half,
      gain === undefined ? [] : [row(gain), row(offset!)],
    );
  })
  .join("\n")}
]);

/**
 * How this file was run again before it was handed out: the largest difference of a probability; null where it was not.
 */
export const checked = ${literal(checked ?? null)};
`;
}

const CLASS_TYPE = "{ class: number, label: string, probabilities: Float64Array }";

const classAnswer = ({ temperature = 1 }: Model) => `
function answerOf(z) {
  let best = 0;
  for (let c = 1; c < z.length; c++) if (z[c] > z[best]) best = c;
  const probabilities = new Float64Array(z.length);
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += probabilities[c] = exp(${temperature === 1 ? "z[c] - z[best]" : `${1 / temperature} * (z[c] - z[best])`});
  for (let c = 0; c < z.length; c++) probabilities[c] /= sum;
  return { class: best, label: classes[best], probabilities };
}
`;

function columnsText(columns: readonly FittedColumn[]): string {
  return `
/**
 * The columns of the table, in order, as training fitted them: levels of a category are those with an input of their
 * own, and \`missing\` is whether training had missing values, so that predict takes null.
 */
export const columns = [
${columns.map((column) => `  ${literal(column)},`).join("\n")}
];
`;
}

function layerText(W: Float32Array, b: Float32Array, half: boolean, norm: readonly Float32Array[]): string {
  const [gain, offset] = norm.map((values) => `floats("${base64(values)}")`);
  const beside = gain === undefined ? "" : `, gain: ${gain}, offset: ${offset}`;
  if (!half) return `  { W: floats("${base64(W)}"), b: floats("${base64(b)}")${beside} },`;
  const worst = W.find((w) => !(Math.abs(w) < MOST_HALF));
  if (worst !== undefined)
    throw new InvalidInput("TOO_LARGE", `a weight of ${worst} does not fit 16 bits. Leave out the 16-bit form.`);
  return `  { W: halves("${base64(Uint16Array.from(W, halfBits))}"), b: floats("${base64(b)}")${beside} },`;
}

const FLOAT_READER = `function floats(base64) {
  const bytes = bytesOf(base64);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getFloat32(4 * i, true));
}
`;

const HALF_READER = `${FLOAT_READER}
function halves(base64) {
  const bytes = bytesOf(base64);
  return Float32Array.from({ length: bytes.byteLength / 2 }, (_, i) => {
    const bits = bytes.getUint16(2 * i, true);
    const [sign, power, part] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (power === 0 ? part * 2 ** -24 : (1024 + part) * 2 ** (power - 25));
  });
}
`;
