// The functions of a module: exp, and each activation with what it is made of. The text is written here, not taken from
// the sources (numerics/, gradients/activations.ts), whose names a bundler changes; tests compare the two bit by bit.
import { SELU, SELU_BELOW } from "../../gradients/activations.ts";
import { type Activation, activationsOf, LEAKY_SLOPE, type Network } from "../../network/network.ts";
import * as constant from "../../numerics/exp-log.ts";
import { TAIL_CENTER, TAIL_SERIES } from "../../numerics/normal.ts";

/** c₀ + x·(c₁ + x·(…)) as text. */
const nested = (coefficients: readonly number[], x: string): string =>
  coefficients.reduceRight<string>((inner, term) => (inner === "" ? `${term}` : `${term} + ${x} * (${inner})`), "");

/** e^x as numerics/exp-log.ts computes it. */
function powerAndExp(): string {
  const [E2, ...terms] = constant.EXP_SERIES;
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
  const tail = ${nested(terms, "r")};
  const square = r * r;
  const y = 1 + (r + (square * ${E2} + (square * r * tail + lost)));
  const half = k * 0.5 + ${constant.ROUND} - ${constant.ROUND};
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}
`;
}

/** ln x of an x ≥ 1, as numerics/exp-log.ts computes it. */
const LOG1P = `
function log(x) {
  view.setFloat64(0, x);
  const bits = view.getInt32(0) - ${constant.SQRT_HALF};
  const k = bits >> 20;
  view.setInt32(0, (bits & 0xfffff) + ${constant.SQRT_HALF});
  const f = view.getFloat64(0) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const series = z * (${nested(constant.LOG_SERIES, "z")});
  const half = 0.5 * f * f;
  return k * ${constant.LN2_HI} - (half - (s * (half + series) + k * ${constant.LN2_LO}) - f);
}

/** ln(1 + u), 0 <= u <= 1. */
function log1p(u) {
  const v = 1 + u;
  const d = v - 1;
  return d === 0 ? u : (log(v) * u) / d;
}
`;

const [T0, T1, T2, T3] = constant.TANH_TOP;
const [B0, B1, B2, B3] = constant.TANH_BOTTOM;
/** Lambert's fraction of tanh, from x and s = x². */
const LAMBERT = `  const top = ${T0} + s * (${T1} + s * (${T2} + s * ${T3}));
  const bottom = ${B0} + s * (${B1} + s * (${B2} + s * (${B3} + s)));
`;

const EXPM1 = `
/** e^x - 1. */
function expm1(x) {
  const e = exp(x);
  const size = x < 0 ? -x : x;
  if (!(size < 1)) return e - 1;
  const h = 0.5 * x;
  const s = h * h;
${LAMBERT}  return (e + 1) * ((h * top) / bottom);
}
`;

const NORMAL = `
/** The normal distribution's share below x. */
function normalCdf(x) {
  const e = exp(-0.5 * (x * x));
  const t = x < 0 ? -x : x;
  const v = (t - ${TAIL_CENTER}) / (t + ${TAIL_CENTER});
  const tail = e * ((${nested(TAIL_SERIES, "v")}) / (1 + t));
  return x < 0 ? tail : 1 - tail;
}
`;

const LOGISTIC = `
/** 1/(1 + e^-z). */
function logistic(z) {
  if (z >= 0) return 1 / (1 + exp(-z));
  const e = exp(z);
  return e / (1 + e);
}
`;

/** σ(z) as gradients/activations.ts rounds it, a function of this name; the store into float32 is the one rounding. */
const SIGMA: Record<Activation, (name: string) => string> = {
  identity: (name) => `const ${name} = (z) => z;\n`,
  relu: (name) => `const ${name} = (z) => Math.max(0, z);\n`,
  "leaky-relu": (name) => `const ${name} = (z) => (z > 0 ? z : ${LEAKY_SLOPE} * z);\n`,
  tanh: (name) => `function ${name}(z) {
  const size = z < 0 ? -z : z;
  if (!(size < ${constant.TANH_SMALL})) {
    const t = 1 - 2 / (exp(2 * size) + 1);
    return z < 0 ? -t : t;
  }
  const s = z * z;
${LAMBERT}  return (z * top) / bottom;
}
`,
  sigmoid: (name) => `const ${name} = logistic;\n`,
  selu: (name) => `const ${name} = (z) => (z > 0 ? ${SELU.lambda} * z : ${SELU_BELOW} * expm1(z));\n`,
  elu: (name) => `const ${name} = (z) => (z > 0 ? z : expm1(z));\n`,
  gelu: (name) => `const ${name} = (z) => z * normalCdf(z);\n`,
  silu: (name) => `const ${name} = (z) => z * logistic(z);\n`,
  mish: (name) => `function ${name}(z) {
  const u = exp(z < 0 ? z : -z);
  const n = z < 0 ? u * (u + 2) : 1 + 2 * u;
  const lost = z < 0 ? 2 : 2 * (u * u);
  return z * (n / (n + lost));
}
`,
  softplus: (name) => `function ${name}(z) {
  const tail = log1p(exp(z < 0 ? z : -z));
  return z > 0 ? z + tail : tail;
}
`,
};

const PARTS: Partial<Record<Activation, string>> = {
  sigmoid: LOGISTIC,
  silu: LOGISTIC,
  selu: EXPM1,
  elu: EXPM1,
  gelu: NORMAL,
  softplus: LOG1P,
};

const nameOf = (activation: Activation) => `activate_${activation.replace("-", "_")}`;

/**
 * exp, what the activations are made of, and `activate`: σ of all hidden layers, or a list of one each. `answers`: with
 * `logistic`, which labels need.
 */
export function functionsText(network: Network, answers: boolean): string {
  const used = activationsOf(network);
  const parts = [...used.flatMap((name) => PARTS[name] ?? []), ...(answers ? [LOGISTIC] : [])];
  const before = `${powerAndExp()}${[...new Set(parts)].join("")}`;
  const { activation } = network;
  if (typeof activation === "string") return `${before}${SIGMA[activation]("activate")}`;
  return `${before}${used.map((name) => SIGMA[name](nameOf(name))).join("")}
/** Of each hidden layer. */
const activate = [${activation.map(nameOf).join(", ")}];
`;
}
