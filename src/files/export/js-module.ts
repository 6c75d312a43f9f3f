// A model as one ES module without imports: weights inside as base64, `predict(pixels)`, the same bits as this library.
// The text of its functions is written here, not taken from the sources (gradients/reference.ts, numerics/exp-log.ts),
// whose names a bundler changes; the tests compare the two bit by bit.
import type { FittedColumn } from "../../data/transform.ts";
import { InvalidInput } from "../../errors.ts";
import { LEAKY_SLOPE, type Network, parameterCount } from "../../network/network.ts";
import { packedLayers } from "../../network/parameters.ts";
import * as constant from "../../numerics/exp-log.ts";
import { checkModel, columnCount, type Model, mustClassify } from "../../training/model.ts";
import type { ExportCheck } from "../model/metadata.ts";
import { halfBits, MOST_HALF } from "./float16.ts";
import { base64, forwardText } from "./js-forward.ts";
import { literal } from "./js-literal.ts";
import { rowNames, rowText } from "./js-row.ts";

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
  mustClassify(model, "a module");
  const { network, classes, image, scaling } = model;
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
  const activation = moduleActivation(network);
  const table = scaling.kind === "columns";
  const row = image ? "pixels" : names ? "row" : "features";
  const type = `ArrayLike<${table ? "unknown" : "number"}>${names ? " | Record<string, unknown>" : ""}`;
  const named = names ? ", or an object with one under each column's name" : "";
  const takes = `${D} ${table ? "values" : "numbers"}${named}`;
  return `// A classifier exported by Deltaprop: ${shape}, ${activation}. It needs no other file and no network.
// predict(${row}) takes ${takes}
// as they are in the data: scaling is done in here.

/** What the classes are called, in order. @type {readonly string[]} */
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
 * The class of one example. Sums run in index order in float32, so every machine gives the same bits.
 * @param {${type}} ${row} ${takes}
 * @returns {{ class: number, label: string, probabilities: Float64Array }} probabilities sum to 1; the class is the
 * likeliest
 */
export function predict(${row}) {
  writeInputs(${row});
  const z = network.logits();
  let best = 0;
  for (let c = 1; c < z.length; c++) if (z[c] > z[best]) best = c;
  const probabilities = new Float64Array(z.length);
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += probabilities[c] = exp(z[c] - z[best]);
  for (let c = 0; c < z.length; c++) probabilities[c] /= sum;
  return { class: best, label: classes[best], probabilities };
}

const view = new DataView(new ArrayBuffer(8));

${powerAndExp()}
${ACTIVATE[activation]}
${half ? HALF_READER : FLOAT_READER}
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) bytes.setUint8(i, text.charCodeAt(i));
  return bytes;
}
${rowText(model)}
${forwardText(network, activation, kernel)}
// W: inputs x outputs, row by row; ${half ? "weights in float16, biases in float32" : "float32"}, least byte first.
const network = ${kernel ? "withKernel" : "inLoops"}([
${packedLayers(network)
  .map(({ W, b, outputs }) =>
    layerText(model.parameters.subarray(W, b), model.parameters.subarray(b, b + outputs), half),
  )
  .join("\n")}
]);

/**
 * How this file was run again before it was handed out: the largest difference of a probability; null where it was not.
 */
export const checked = ${literal(checked ?? null)};
`;
}

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

/** e^x as numerics/exp-log.ts computes it. */
function powerAndExp(): string {
  const [E2, ...terms] = constant.EXP_SERIES;
  const tail = terms.reduceRight<string>((inner, term) => (inner === "" ? `${term}` : `${term} + r * (${inner})`), "");
  return `function powerOfTwo(k) {
  view.setInt32(0, (k + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0);
}

/** e^x from + - * / and bit operations alone, as the languages' own differ. */
function exp(x) {
  if (x !== x) return x;
  if (x > ${constant.EXP_OVERFLOW}) return Infinity;
  if (x < ${constant.EXP_UNDERFLOW}) return 0;
  const k = x * ${constant.LOG2_E} + ${constant.ROUND} - ${constant.ROUND};
  const high = x - k * ${constant.LN2_HI};
  const low = k * ${constant.LN2_LO};
  const r = high - low;
  const lost = high - r - low;
  const tail = ${tail};
  const square = r * r;
  const y = 1 + (r + (square * ${E2} + (square * r * tail + lost)));
  const half = k * 0.5 + ${constant.ROUND} - ${constant.ROUND};
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}
`;
}

type ModuleActivation = "identity" | "relu" | "leaky-relu" | "tanh" | "sigmoid";

/** The activation of all hidden layers. Raises InvalidInput for what a module cannot hold, by name. */
function moduleActivation({ activation }: Network): ModuleActivation {
  if (typeof activation === "string" && activation in ACTIVATE) return activation as ModuleActivation;
  const held = Object.keys(ACTIVATE).join(", ");
  const reason = `a module holds one activation for all layers, of ${held}; this model has ${activation}. Use ONNX.`;
  throw new InvalidInput("NOT_HELD", reason);
}

const [T0, T1, T2, T3] = constant.TANH_TOP;
const [B0, B1, B2, B3] = constant.TANH_BOTTOM;

/** σ(z) as gradients/reference.ts rounds it; the caller's store into float32 is the one rounding. */
const ACTIVATE: Record<ModuleActivation, string> = {
  identity: "const activate = (z) => z;\n",
  relu: "const activate = (z) => Math.max(0, z);\n",
  "leaky-relu": `const activate = (z) => (z > 0 ? z : ${LEAKY_SLOPE} * z);\n`,
  tanh: `function activate(z) {
  const size = z < 0 ? -z : z;
  if (!(size < ${constant.TANH_SMALL})) {
    const t = 1 - 2 / (exp(2 * size) + 1);
    return z < 0 ? -t : t;
  }
  const s = z * z;
  const top = ${T0} + s * (${T1} + s * (${T2} + s * ${T3}));
  const bottom = ${B0} + s * (${B1} + s * (${B2} + s * (${B3} + s)));
  return (z * top) / bottom;
}
`,
  sigmoid: `function activate(z) {
  if (z >= 0) return 1 / (1 + exp(-z));
  const e = exp(z);
  return e / (1 + e);
}
`,
};

function layerText(W: Float32Array, b: Float32Array, half: boolean): string {
  if (!half) return `  { W: floats("${base64(W)}"), b: floats("${base64(b)}") },`;
  const worst = W.find((w) => !(Math.abs(w) < MOST_HALF));
  if (worst !== undefined)
    throw new InvalidInput("TOO_LARGE", `a weight of ${worst} does not fit 16 bits. Leave out the 16-bit form.`);
  return `  { W: halves("${base64(Uint16Array.from(W, halfBits))}"), b: floats("${base64(b)}") },`;
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
