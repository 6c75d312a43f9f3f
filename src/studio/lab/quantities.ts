// The values of the note's quantities, for one example or for the next mini-batch: from the kernels' arrays, or from
// equations/values.ts where no kernel builds the array, such as the softmax Jacobian.
import {
  diagonalMatrix,
  jacobianDiagonal,
  jacobianOffDiagonal,
  lossBySoftmax,
  slopes,
  softmaxJacobian,
  transposed,
  weightTensorSlice,
} from "../../equations/values.ts";
import type { Loss } from "../../network/losses.ts";
import type { Activation } from "../../network/network.ts";
import { exponentials, softmax } from "../../numerics/softmax.ts";
import type { ExampleView, InspectorApi, RowPlace, StepLayer, StepView, WeightMatrices } from "./protocol.ts";
import { ofSoftmaxAlone, type Quantity, type ScalarValue } from "./quantity.ts";

/** The reads of one example and of the next mini-batch, each made at most once. */
type CachedReads = Pick<InspectorApi, "weights" | "stepView"> & {
  example(): Promise<ExampleView>;
  gradient(l: number): ReturnType<InspectorApi["gradient"]>;
};

/** What the values depend on beside the arrays. */
type Learning = { readonly activation: Activation; readonly loss: Loss };

/** The values of all `wanted`, for the example at `place` and the mini-batch that is next. */
export async function valuesOf(
  inspector: Pick<InspectorApi, "example" | "weights" | "gradient" | "stepView">,
  { activation, loss }: Learning,
  place: RowPlace,
  wanted: readonly Quantity[],
): Promise<readonly ScalarValue[]> {
  const cache = new Map<string, Promise<unknown>>();
  const cached = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const result = (cache.get(key) as Promise<T> | undefined) ?? read();
    cache.set(key, result);
    return result;
  };
  const reads: CachedReads = {
    example: () => cached("example", () => inspector.example(place)),
    weights: (l) => cached(`weights ${l}`, () => inspector.weights(l)),
    gradient: (l) => cached(`gradient ${l}`, () => inspector.gradient(place, l)),
    stepView: () => cached("step", () => inspector.stepView()),
  };
  const values: ScalarValue[] = [];
  for (const quantity of wanted) {
    if (loss.name !== "softmax-cross-entropy" && ofSoftmaxAlone(quantity)) {
      values.push({ rows: 0, cols: 0, values: new Float64Array(0) });
      continue;
    }
    values.push(
      quantity.batch
        ? ofBatch(quantity, activation, await reads.stepView())
        : await ofExample(quantity, activation, reads),
    );
  }
  return values;
}

async function ofExample({ kind, layer }: Quantity, activation: Activation, reads: CachedReads): Promise<ScalarValue> {
  if (kind === "W" || kind === "WT" || kind === "b") return ofWeights(kind, await reads.weights(layer));
  const example = await reads.example();
  const { layers, probabilities: S, targets: y } = example;
  const last = layers.at(-1)!;
  const C = last.O;
  const at = layers[Math.max(0, layer - 1)]!;
  const a = layer === 0 ? at.input : at.output;
  switch (kind) {
    case "a":
      return row(a);
    case "aT":
      return { rows: a.length, cols: 1, values: a };
    case "z":
      return row(at.z);
    case "slope":
      return row(slopes(activation, a));
    case "diagonal":
      return square(a.length, diagonalMatrix(slopes(activation, a)));
    case "delta":
      return row(at.delta);
    case "dW":
      return { rows: at.I, cols: at.O, values: (await reads.gradient(layer)).dW };
    case "db":
      return row((await reads.gradient(layer)).db);
    case "y":
      return row(y);
    case "S":
      return row(S);
    case "loss":
      return row(Float64Array.of(example.loss));
    case "exp":
      return row(exponentials(last.z).numerators);
    case "expSum":
      return row(Float64Array.of(exponentials(last.z).denominator));
    case "lossByS":
      return row(lossBySoftmax(y, S));
    case "jacobian":
      return square(C, softmaxJacobian(S));
    case "jacobianOff":
      return square(C, jacobianOffDiagonal(S));
    case "jacobianDiagonal":
      return row(jacobianDiagonal(S));
    case "identity":
      return square(C, diagonalMatrix(new Float64Array(C).fill(1)));
    case "tensor":
      return { rows: C, cols: last.I, values: weightTensorSlice(last.input, C, example.label) };
    case "ones":
    case "share":
      return row(Float64Array.of(1)); // B = 1
  }
}

function ofWeights(kind: "W" | "WT" | "b", { W, b, I, O }: WeightMatrices): ScalarValue {
  if (kind === "b") return row(b);
  return kind === "W" ? { rows: I, cols: O, values: W } : { rows: O, cols: I, values: transposed(W, I, O) };
}

/** One row an example of the mini-batch; parameters and gradients as they are. */
function ofBatch({ kind, layer }: Quantity, activation: Activation, step: StepView): ScalarValue {
  const B = step.rows.length;
  const { layers } = step;
  const last = layers.at(-1)!;
  const at = layers[Math.max(0, layer - 1)]!;
  const [a, width] = layer === 0 ? [at.input, at.I] : [at.output, at.O];
  switch (kind) {
    case "a":
    case "z":
      return { rows: B, cols: width, values: a };
    case "slope":
      return { rows: B, cols: width, values: slopes(activation, a) };
    case "aT":
      return { rows: width, cols: B, values: transposed(a, B, width) };
    case "W":
    case "WT":
    case "b":
      return ofWeights(kind, at);
    case "delta":
      return { rows: B, cols: at.O, values: at.delta };
    case "dW":
      return { rows: at.I, cols: at.O, values: at.dW };
    case "db":
      return row(at.db);
    case "y":
      return { rows: B, cols: step.targets.length / B, values: step.targets };
    case "S":
      return { rows: B, cols: last.O, values: eachRow(last, B, softmax) };
    case "loss":
      return row(Float64Array.of(step.losses.reduce((total, loss) => total + loss, 0) / B));
    case "ones":
      return row(new Float64Array(B).fill(1));
    case "share":
      return row(Float64Array.of(1 / B));
    default:
      throw new TypeError(`${kind} belongs to one example`);
  }
}

const row = (values: Float32Array | Float64Array): ScalarValue => ({ rows: 1, cols: values.length, values });
const square = (n: number, values: Float64Array): ScalarValue => ({ rows: n, cols: n, values });

function eachRow({ output, O }: StepLayer, B: number, f: (z: Float32Array) => Float64Array): Float64Array {
  const out = new Float64Array(B * O);
  for (let i = 0; i < B; i++) out.set(f(output.subarray(i * O, (i + 1) * O)), i * O);
  return out;
}
