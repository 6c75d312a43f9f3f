// X30 and X31: the norms of single examples' gradients from two arrays a layer, and the noise that they make, against
// the gradients themselves, one example a batch.
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { widened } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { Case } from "./case.ts";
import { type Evidence, type Row, RUNNING } from "./rows.ts";
import { squaredGradient } from "./single-gradients.ts";
import { type Comparison, Tally } from "./tally.ts";

export const EXAMPLE_ROWS: readonly Row[] = [
  {
    id: "X30",
    section: "X",
    latex: String.raw`\|g_i\|^2 = \sum_l \left(\|a_{l-1,i}\|^2 + 1\right) \|\delta^l_i\|^2`,
    text: "‖g_i‖² = Σ_l (‖a_{l−1,i}‖² + 1)·‖δ^l_i‖²",
    remark: "∇W_l of one example is an outer product, so its norm is the product of two norms. No gradient is formed.",
    check: ({ main, shapes }) => [main, ...shapes].filter(gives).map(normsAgainstGradients),
  },
  {
    id: "X31",
    section: "X",
    latex: String.raw`\mathrm{tr}\,\Sigma = \frac{\sum_i \|g_i\|^2 - n\|\bar g\|^2}{n-1},\qquad \|G\|^2 = \|\bar g\|^2 - \frac{\mathrm{tr}\,\Sigma}{n}`,
    text: "tr Σ = (Σ‖g_i‖² − n‖ḡ‖²)/(n − 1), ‖G‖² = ‖ḡ‖² − tr Σ/n",
    remark: "The gradient noise scale is tr Σ/‖G‖² (McCandlish et al., 2018).",
    check: (evidence) =>
      [evidence.main, ...evidence.shapes]
        .filter((c) => gives(c) && c.rows > 1)
        .map((c) => noiseAgainstGradients(evidence, c)),
  },
];

/** An implementation of one's own may give no norms. */
const gives = (c: Case): boolean => c.full.observation.norms !== undefined;

/** ‖∇W_l‖² + ‖∇b_l‖² of each row of a batch against that of the row alone, summed from its gradient. */
function normsAgainstGradients(c: Case): Comparison {
  const L = c.depth;
  const { norms } = c.full.observation;
  const tally = new Tally(`‖g_i‖² of ${c.network.layers.join("-")} against gradients of single examples`, BOTH);
  for (let i = 0; i < c.rows; i++)
    for (let l = 1; l <= L; l++) {
      const alone = squaredGradient(c, c.singles[i]!, l);
      const got = norms?.[i * L + l - 1] ?? Number.NaN;
      tally.add(`‖∇_${l}‖² of example ${i}`, got, alone.v, normError(c, i, l) + alone.e);
    }
  return tally.done();
}

const BOTH = `${RUNNING}, both sides, squared`;

/** |Δ((‖a‖² + 1)‖δ‖²)| from |Δδ|, at the observed activations. */
function normError(c: Case, i: number, l: number): number {
  const { observation, bounds } = c.full;
  const [I, O] = [c.width(l - 1), c.width(l)];
  const input = l === 1 ? observation.input : observation.outputs[l - 2]!;
  let a = 1;
  for (let k = 0; k < I; k++) a += input[i * I + k]! ** 2;
  let [d, error] = [0, 0];
  for (let o = 0; o < O; o++) {
    const [delta, e] = [observation.deltas[l - 1]![i * O + o]!, bounds.deltas[l - 1]![i * O + o]!];
    d += delta * delta;
    error += (2 * Math.abs(delta) + e) * e;
  }
  return widened(a * error + gamma(I + O + 4, FLOAT64) * a * (d + error));
}

/** tr Σ and ‖G‖² from the batch's norms and mean against their definitions over the single examples' gradients. */
function noiseAgainstGradients({ answers }: Evidence, c: Case): Comparison {
  const n = c.rows;
  const { norms } = c.full.observation;
  const mean = everyLayer(c, (l) => squaredGradient(c, c.full, l));
  const squares = { v: 0, e: 0 };
  for (let i = 0; i < n; i++)
    for (let l = 1; l <= c.depth; l++) {
      squares.v += norms?.[i * c.depth + l - 1] ?? Number.NaN;
      squares.e += normError(c, i, l);
    }
  const got = answers.gradientNoise(n, squares.v, mean.v);
  const rounding = gamma(n * c.depth + 4, FLOAT64) * (squares.v + n * mean.v);
  const traceError = widened((squares.e + n * mean.e + rounding) / (n - 1));
  const oracle = varianceOfSingles(c);
  const tally = new Tally(`noise of ${c.network.layers.join("-")} against gradients of single examples`, BOTH);
  tally.add("tr Σ", got.trace, oracle.trace.v, traceError + oracle.trace.e);
  const squaredError = mean.e + traceError / n + gamma(3, FLOAT64) * (mean.v + got.trace / n);
  tally.add("‖G‖²", got.squaredGradient, oracle.squared.v, widened(squaredError) + oracle.squared.e);
  return tally.done();
}

function everyLayer(c: Case, of: (l: number) => { v: number; e: number }): { v: number; e: number } {
  const sum = { v: 0, e: 0 };
  for (let l = 1; l <= c.depth; l++) {
    const { v, e } = of(l);
    sum.v += v;
    sum.e += e;
  }
  return sum;
}

/** Σ_i ‖g_i − ḡ‖²/(n − 1) and ‖ḡ‖² − that/n, from the gradients of single examples alone. */
function varianceOfSingles(c: Case) {
  const n = c.rows;
  const trace = { v: 0, e: 0 };
  const squared = { v: 0, e: 0 };
  layerOffsets(c.network.layers).forEach(({ I, O, W, b }, index) => {
    for (let k = 0; k <= I; k++)
      for (let o = 0; o < O; o++) {
        const at = k < I ? W + k * O + o : b + o;
        const g = c.singles.map(({ observation }) => observation.gradients[at]!);
        const e = c.singles.map(({ bounds }) => (k < I ? bounds.dW(index + 1, k, o) : bounds.db(index + 1, o)));
        const mean = g.reduce((x, y) => x + y, 0) / n;
        const size = g.reduce((x, y) => x + Math.abs(y), 0) / n;
        const meanError = e.reduce((x, y) => x + y, 0) / n + gamma(n + 1, FLOAT64) * size;
        squared.v += mean * mean;
        squared.e += (2 * Math.abs(mean) + meanError) * meanError;
        g.forEach((value, i) => {
          const error = e[i]! + meanError;
          trace.v += (value - mean) ** 2 / (n - 1);
          trace.e += ((2 * Math.abs(value - mean) + error) * error) / (n - 1);
        });
      }
  });
  const terms = gamma(c.problem.parameters.length * n + 4, FLOAT64);
  trace.e = widened(trace.e + terms * trace.v);
  const error = widened(squared.e + trace.e / n + terms * (squared.v + trace.v / n));
  return { trace, squared: { v: squared.v - trace.v / n, e: error } };
}
