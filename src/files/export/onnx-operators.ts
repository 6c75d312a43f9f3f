// The operators of the graphs that onnx.ts writes, on one example: a row of values each, the first dimension left out.
import { exp, logistic, tanh } from "../../numerics/exp-log.ts";
import { expm1, softplus } from "../../numerics/expm1-log1p.ts";
import { normalCdf } from "../../numerics/normal.ts";
import { sinTurns } from "../../numerics/trigonometry.ts";

type Floats = Float32Array | Float64Array;
export type Value = Floats | readonly string[];
export type AttributeValue = number | readonly number[] | readonly string[];
export type Attributes = ReadonlyMap<string, AttributeValue>;

type Operate = (operands: readonly Value[], attributes: Attributes) => Value;

const FLOAT = 1; //   TensorProto.DataType
const DOUBLE = 11;
const BOOL = 9; //    held as 0 and 1

export const OPERATORS: Readonly<Record<string, Operate>> = {
  Sub: ([x, y]) => pairwise(x, y, (a, b) => a - b),
  Add: ([x, y]) => pairwise(x, y, (a, b) => a + b),
  Mul: ([x, y]) => pairwise(x, y, (a, b) => a * b),
  Sqrt: ([x]) => (x as Floats).map(Math.sqrt),
  Floor: ([x]) => (x as Floats).map(Math.floor),
  Sin: ([x]) => (x as Floats).map((angle) => sinTurns(angle / (2 * Math.PI))),
  Div: ([x, y]) => pairwise(x, y, (a, b) => a / b),
  Cast([x], attributes) {
    const to = attributes.get("to");
    if (to !== FLOAT && to !== DOUBLE && to !== BOOL) throw new Error(`the graph casts to a type ${to} never written`);
    return to === FLOAT ? Float32Array.from(x as Floats) : Float64Array.from(x as Floats);
  },
  IsNaN: ([x]) => Float64Array.from(x as Floats, (value) => Number(Number.isNaN(value))),
  Where: ([where, x, y]) => (y as Floats).map((value, i) => (where![i] ? (x![i % x!.length] as number) : value)),
  Concat: (parts) => {
    const all = (parts as Floats[]).flatMap((part) => [...part]);
    return parts.every((part) => part instanceof Float32Array) ? Float32Array.from(all) : Float64Array.from(all);
  },
  Gather: ([x, places]) =>
    (x as Floats).constructor === Float32Array
      ? Float32Array.from(places as Floats, (at) => x![at] as number)
      : Float64Array.from(places as Floats, (at) => x![at] as number),
  Reshape: ([x]) => x!,
  LabelEncoder([x], attributes) {
    const names = attributes.get("values_strings") as readonly string[] | undefined;
    if (names !== undefined) {
      const known = attributes.get("keys_int64s") as readonly number[];
      return Array.from(x as Floats, (code) => names[known.indexOf(code)] ?? "_Unused"); // ONNX's own default
    }
    const keys = attributes.get("keys_strings") as readonly string[];
    const codes = (attributes.get("values_int64s") ?? attributes.get("values_floats")) as readonly number[];
    const other = (attributes.get("default_int64") ?? attributes.get("default_float")) as number;
    return Float64Array.from(x as readonly string[], (text) => codes[keys.indexOf(text)] ?? other);
  },
  OneHot([x, width, values]) {
    const hot = new Float32Array(width![0] as number).fill(values![0] as number);
    const at = x![0] as number;
    if (at < hot.length) hot[at] = values![1] as number;
    return hot;
  },
  Gemm([x, W, b]) {
    const z = new Float32Array(b!.length);
    for (let i = 0; i < x!.length; i++)
      for (let o = 0; o < z.length; o++)
        z[o] = z[o]! + Math.fround((x as Floats)[i]! * (W as Floats)[i * z.length + o]!);
    return z.map((sum, o) => sum + (b as Floats)[o]!);
  },
  LayerNormalization([z, gain, offset], attributes) {
    const values = Float64Array.from(z as Floats);
    const mean = (of: (x: number) => number) => values.reduce((sum, x) => sum + of(x), 0) / values.length;
    const middle = mean((x) => x);
    const root = Math.sqrt(mean((x) => (x - middle) ** 2) + (attributes.get("epsilon") as number));
    return Float32Array.from(values, (x, o) => ((x - middle) / root) * (gain![o] as number) + (offset![o] as number));
  },
  Relu: ([z]) => (z as Floats).map((value) => Math.max(0, value)),
  LeakyRelu([z], attributes) {
    const slope = attributes.get("alpha") as number;
    return (z as Floats).map((value) => (value < 0 ? slope * value : value));
  },
  Tanh: ([z]) => (z as Floats).map(tanh),
  Sigmoid: ([z]) => (z as Floats).map(logistic),
  Elu: ([z], attributes) => curve(z, (x) => (x > 0 ? x : ((attributes.get("alpha") as number) ?? 1) * expm1(x))),
  Selu([z], attributes) {
    const [alpha, gamma] = [attributes.get("alpha") as number, attributes.get("gamma") as number];
    return curve(z, (x) => gamma * (x > 0 ? x : alpha * expm1(x)));
  },
  Softplus: ([z]) => curve(z, softplus),
  Erf: ([z]) => curve(z, (x) => 2 * normalCdf(Math.SQRT2 * x) - 1),
  Exp: ([z]) => curve(z, exp),
  GreaterOrEqual: ([x, y]) =>
    Float64Array.from(x as Floats, (value, i) => Number(value >= (y![i % y!.length] as number))),
  Softmax([z]) {
    const top = largest(z as Floats);
    const powers = Float64Array.from(z as Floats, (value) => exp(value - top));
    const sum = powers.reduce((a, b) => a + b);
    return Float32Array.from(powers, (power) => power / sum);
  },
  ArgMax: ([z]) => Float32Array.of((z as Floats).indexOf(largest(z as Floats))),
};

const curve = (z: Value | undefined, of: (x: number) => number): Floats => (z as Floats).map(of);

const pairwise = (x: Value | undefined, y: Value | undefined, operate: (a: number, b: number) => number): Floats =>
  (x as Floats).map((value, i) => operate(value, y![i % y!.length] as number));

function largest(z: Floats): number {
  let top = z[0]!;
  for (const value of z) if (value > top) top = value;
  return top;
}
