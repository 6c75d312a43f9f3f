// The EK-FAC curvature of every layer of a model, on training rows with labels that follow the model's own
// probabilities: that makes it the Fisher matrix, which of softmax cross-entropy is the Gauss–Newton matrix too.
import type { Dataset } from "../data/dataset.ts";
import { numbersFrom, rowsOf } from "../data/stored/row-store.ts";
import { chooseEngine } from "../engines/registry.ts";
import { must } from "../errors.ts";
import { type KroneckerCurvature, kroneckerCurvature, type Product } from "../gradients/kronecker-curvature.ts";
import type { Floats } from "../network/memory.ts";
import { PURPOSE, Random } from "../numerics/random.ts";
import { softmaxRows } from "../training/evaluate.ts";
import { type Model, sessionFeatures } from "../training/model.ts";
import { type ExampleOptions, joined, labelledRows, refuseNormalized } from "./example-arrays.ts";
import { matrixProduct } from "./matrix-product.ts";

const MOST_ROWS = 5000;
const MOST_DRAWS = 10; // labels a row; with so many classes or fewer every class is taken, with its probability
const AT_ONCE = 256;

/** One curvature a layer, first to last. Raises InvalidInput. */
export async function measureCurvature(
  model: Model,
  train: Dataset,
  count = MOST_ROWS,
  { engine = "auto", signal }: ExampleOptions,
): Promise<readonly KroneckerCurvature[]> {
  must(Number.isInteger(count) && count >= 1, "curvatureRows", "an integer ≥ 1", count);
  const known = labelledRows(model, train);
  refuseNormalized(model);
  const order = new Random(1, PURPOSE.sample).shuffle(numbersFrom(0, known.rows)).slice(0, count).sort();
  const { features: X, divisor = 1 } = sessionFeatures({ ...known, features: rowsOf(known, order) }, model.scaling);
  const [n, D, C] = [order.length, model.network.layers[0]!, model.classes.length];
  const size = Math.min(AT_ONCE, n);
  const session = await chooseEngine(engine).open({
    network: model.network,
    batchSize: size,
    features: new Float32Array(size * D),
    threads: 1,
  });
  const draws = Math.min(C, MOST_DRAWS);
  const inputs: Floats[][] = model.network.layers.slice(1).map(() => []);
  const deltas: Floats[][][] = inputs.map(() => Array.from({ length: draws }, () => []));
  const shares = Array.from({ length: draws }, () => new Float64Array(n));
  try {
    session.writeParameters(model.parameters);
    for (let from = 0; from < n; from += size) {
      signal?.throwIfAborted();
      const rows = Math.min(size, n - from);
      const x = Array.from({ length: rows }, (_, r) =>
        Float32Array.from(X.subarray((from + r) * D, (from + r + 1) * D), (value) => value / divisor),
      );
      const pass = async (labels: ArrayLike<number>) => {
        for (const [r, row] of x.entries()) session.setExample(r, row, labels[r]!);
        return (await session.gradients(numbersFrom(0, rows))).layers;
      };
      const first = await pass(new Int32Array(rows));
      for (const [l, { input }] of first.entries()) inputs[l]!.push(input);
      const { probabilities } = softmaxRows(first.at(-1)!.output, C);
      for (let k = 0; k < draws; k++) {
        const labels = new Int32Array(rows);
        for (let r = 0; r < rows; r++) {
          const p = probabilities.subarray(r * C, (r + 1) * C);
          labels[r] = C <= MOST_DRAWS ? k : drawn(p, (k + uniformOf(from + r)) / draws);
          shares[k]![from + r] = C <= MOST_DRAWS ? p[k]! : 1 / draws;
        }
        for (const [l, { delta }] of (await pass(labels)).entries()) deltas[l]![k]!.push(delta);
      }
    }
  } finally {
    await session.close();
  }
  const curvatures: KroneckerCurvature[] = [];
  const product: Product = (rows, W, M) => matrixProduct(rows, W, new Float32Array(M), { engine, signal });
  for (const [l, parts] of inputs.entries()) {
    const draws = deltas[l]!.map((some, k) => ({ delta: joined(some), weights: shares[k]! }));
    curvatures.push(await kroneckerCurvature({ rows: n, input: joined(parts), draws }, product));
  }
  return curvatures;
}

const uniformOf = (row: number): number => new Random(1, PURPOSE.sample, row + 1).uniform();

/** The class at `u` in [0, 1) of the cumulated probabilities. */
function drawn(p: Float64Array, u: number): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) {
    sum += p[c]!;
    if (u < sum) return c;
  }
  return p.length - 1;
}
