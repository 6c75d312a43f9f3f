// X44 … X46: what training examples say to one another, from two arrays a layer, against the gradients themselves: one
// example a batch, sums over every parameter, and a dense inverse.
import type { KroneckerCurvature } from "../gradients/kronecker-curvature.ts";
import { dampingOf } from "../gradients/kronecker-curvature.ts";
import { plainProduct } from "../gradients/plain-product.ts";
import { FLOAT64, gamma } from "../numerics/rounding.ts";
import { widened } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { Case } from "./case.ts";
import { type Evidence, type Row, RUNNING } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

const MOST_EXAMPLES = 4; //   of a case, in pairs
const MOST_BLOCK = 80; //     parameters of a layer whose inverse is taken whole
const DECAY = 0.5; //         λ of X46

export const INFLUENCE_ROWS: readonly Row[] = [
  {
    id: "X44",
    section: "X",
    latex: String.raw`\langle g_i, g_j\rangle = \sum_l \left(\langle a_{l-1,i}, a_{l-1,j}\rangle + 1\right) \langle\delta^l_i, \delta^l_j\rangle`,
    text: "⟨g_i, g_j⟩ = Σ_l (⟨a_{l−1,i}, a_{l−1,j}⟩ + 1)·⟨δ^l_i, δ^l_j⟩",
    remark: "TracIn (Pruthi et al., 2020) is a sum of these over the training. No gradient is formed.",
    check: (evidence) => [evidence.main, ...evidence.shapes].map((c) => productsAgainstGradients(evidence, c)),
  },
  {
    id: "X45",
    section: "X",
    latex: String.raw`g_i^T (F_l + \lambda)^{-1} g_j = \sum_{k,r} \frac{(\bar a_i u_k)(\bar a_j u_k)(\delta_i v_r)(\delta_j v_r)}{\lambda_{kr} + \lambda}`,
    text: "g_iᵀ(F_l + λ)⁻¹g_j = Σ_kr (ā_i·u_k)(ā_j·u_k)(δ_i·v_r)(δ_j·v_r)/(λ_kr + λ)",
    remark: "EK-FAC (George et al., 2018): u of E[āᵀā], v of E[δᵀδ], λ_kr = E[(ā·u_k)²(δ·v_r)²].",
    async check(evidence) {
      const found: Comparison[] = [];
      for (const c of [evidence.main, ...evidence.shapes])
        for (const [l, { I, O }] of layerOffsets(c.network.layers).entries())
          if ((I + 1) * O <= MOST_BLOCK) found.push(...(await curvatureAgainstInverse(evidence, c, l + 1)));
      return found;
    },
  },
  {
    id: "X46",
    section: "X",
    latex: String.raw`z_t = \sum_i \frac{-\delta^L_i}{\lambda n}\left(\langle a_{L-1,i}, a_{L-1,t}\rangle + 1\right) + \frac{1}{\lambda}\,\bar a_t\left(\nabla_L + \lambda\theta_L\right)`,
    text: "z_t = Σ_i −δ^L_i(⟨a_{L−1,i}, a_{L−1,t}⟩ + 1)/(λn) + ā_t(∇_L + λθ_L)/λ",
    remark: "Representer points (Yeh et al., 2018): where the last layer is at its minimum the second term is 0.",
    check: (evidence) => [evidence.main, ...evidence.shapes].map((c) => representersAgainstOutputs(evidence, c)),
  },
];

const examplesOf = (c: Case): readonly number[] =>
  Array.from({ length: Math.min(MOST_EXAMPLES, c.rows) }, (_, k) => c.rows - 1 - k);

const inputOf = (c: Case, l: number): Float64Array =>
  l === 1 ? c.full.observation.input : c.full.observation.outputs[l - 2]!;

/** ∇_l of example i in a batch of one, [(I+1)×O] with the bias's row last, and a bound of the distance of ā_iᵀδ_i. */
function gradientOf(c: Case, i: number, l: number) {
  const { I, O, W, b } = layerOffsets(c.network.layers)[l - 1]!;
  const { observation, bounds } = c.singles[i]!;
  const [values, errors] = [new Float64Array((I + 1) * O), new Float64Array((I + 1) * O)];
  for (let k = 0; k <= I; k++)
    for (let o = 0; o < O; o++) {
      const a = k < I ? Math.abs(inputOf(c, l)[i * I + k]!) : 1;
      values[k * O + o] = observation.gradients[k < I ? W + k * O + o : b + o]!;
      errors[k * O + o] = (k < I ? bounds.dW(l, k, o) : bounds.db(l, o)) + a * c.full.bounds.deltas[l - 1]![i * O + o]!;
    }
  return { values, errors };
}

function productsAgainstGradients({ answers }: Evidence, c: Case): Comparison {
  const { deltas } = c.full.observation;
  const layers = deltas.map((delta, l) => ({ input: inputOf(c, l + 1), delta }));
  const tally = new Tally(`⟨g_i, g_j⟩ of ${c.network.layers.join("-")} against gradients of single examples`, RUNNING);
  const rows = examplesOf(c);
  for (const i of rows)
    for (const j of rows) {
      let [sum, error, size] = [0, 0, 0];
      for (let l = 1; l <= c.depth; l++) {
        const [one, other] = [gradientOf(c, i, l), gradientOf(c, j, l)];
        one.values.forEach((x, k) => {
          const [y, e, f] = [other.values[k]!, one.errors[k]!, other.errors[k]!];
          sum += x * y;
          size += Math.abs(x * y);
          error += Math.abs(x) * f + Math.abs(y) * e + e * f;
        });
      }
      const terms = gamma(c.problem.parameters.length + 4, FLOAT64) * (size + error);
      const got = answers.gradientProduct(layers, c.rows, i, j);
      tally.add(`⟨g_${i}, g_${j}⟩`, got, sum, widened(2 * terms + error));
    }
  return tally.done();
}

async function curvatureAgainstInverse({ answers }: Evidence, c: Case, l: number): Promise<readonly Comparison[]> {
  const n = c.rows;
  const [I, O] = [c.width(l - 1), c.width(l)];
  const [input, delta] = [inputOf(c, l), c.full.observation.deltas[l - 1]!];
  const draws = [{ delta, weights: new Float64Array(n).fill(1) }];
  const found = await answers.kroneckerCurvature({ rows: n, input, draws }, plainProduct);
  const damping = dampingOf(found, 1);
  if (!(damping > 0)) return []; // every δ of the layer is 0
  const name = `layer ${l} of ${c.network.layers.join("-")}`;
  const a = Float64Array.from({ length: n * (I + 1) }, (_, at) => {
    const [i, k] = [Math.floor(at / (I + 1)), at % (I + 1)];
    return k < I ? input[i * I + k]! : 1;
  });
  const gradients = Array.from({ length: n }, (_, i) => gradientOf(c, i, l));
  const dense = denseOf(found, gradients, damping);
  const bound = inverseBound(gradients, dense, damping);
  const tally = new Tally(`g_iᵀ(F + λ)⁻¹g_j of ${name} against a dense inverse`, RUNNING);
  for (const i of examplesOf(c))
    for (const j of examplesOf(c)) {
      const rowOf = (r: number) => ({
        input: input.slice(r * I, (r + 1) * I),
        delta: delta.slice(r * O, (r + 1) * O),
      });
      const got = answers.curvatureProduct(found, damping, rowOf(i), rowOf(j));
      const x = solved(dense, gradients[j]!.values);
      const expected = gradients[i]!.values.reduce((sum, value, k) => sum + value * x[k]!, 0);
      tally.add(`i = ${i}, j = ${j}`, got, expected, bound(i, j));
    }
  return [
    diagonalised(`E[āᵀā] of ${name} in the basis of its eigenvectors`, found.inputs, a, n),
    diagonalised(`E[δᵀδ] of ${name} in the basis of its eigenvectors`, found.outputs, delta, n),
    tally.done(),
  ];
}

/** U Uᵀ is I and U E[xᵀx] Uᵀ is diagonal, for the rows of U and rows x. */
function diagonalised(what: string, vectors: Float64Array, x: Float64Array, n: number): Comparison {
  const D = x.length / n;
  const tally = new Tally(what, "float64 rounding of the decomposition, relative to the trace");
  const coordinate = (i: number, r: number) => {
    let sum = 0;
    for (let k = 0; k < D; k++) sum += x[i * D + k]! * vectors[r * D + k]!;
    return sum;
  };
  const trace = x.reduce((sum, value) => sum + (value * value) / n, 0);
  const rounding = gamma(100 * (D + n), FLOAT64);
  for (let r = 0; r < D; r++)
    for (let q = 0; q <= r; q++) {
      let [unit, mean] = [0, 0];
      for (let k = 0; k < D; k++) unit += vectors[r * D + k]! * vectors[q * D + k]!;
      for (let i = 0; i < n; i++) mean += (coordinate(i, r) * coordinate(i, q)) / n;
      tally.add(`u_${r}·u_${q}`, unit, r === q ? 1 : 0, rounding);
      if (r !== q) tally.add(`E of ${r} and ${q}`, mean, 0, rounding * trace);
    }
  return tally.done();
}

/** Σ E[(wᵀg)²] wwᵀ + λ over w = u_k ⊗ v_r, from whole gradients: [P×P]. */
function denseOf({ inputs, outputs }: KroneckerCurvature, gradients: readonly Gradient[], damping: number) {
  const [K, O] = [Math.sqrt(inputs.length), Math.sqrt(outputs.length)];
  const P = K * O;
  const dense = new Float64Array(P * P);
  for (let p = 0; p < P; p++) dense[p * P + p] = damping;
  for (let k = 0; k < K; k++)
    for (let r = 0; r < O; r++) {
      const w = Float64Array.from(
        { length: P },
        (_, at) => inputs[k * K + Math.floor(at / O)]! * outputs[r * O + (at % O)]!,
      );
      let moment = 0;
      for (const { values } of gradients)
        moment += values.reduce((sum, value, at) => sum + value * w[at]!, 0) ** 2 / gradients.length;
      for (let p = 0; p < P; p++) for (let q = 0; q < P; q++) dense[p * P + q]! += moment * w[p]! * w[q]!;
    }
  return dense;
}

type Gradient = ReturnType<typeof gradientOf>;

/** |Δ(gᵀM⁻¹h)| ≤ (‖g‖e_h + e_g‖h‖ + e_g e_h)/λ + ‖g‖‖h‖‖ΔF‖/λ², and float64's rounding at the condition of M. */
function inverseBound(gradients: readonly Gradient[], dense: Float64Array, damping: number) {
  const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  const sizes = gradients.map(({ values }) => norm(values));
  const errors = gradients.map(({ errors }) => norm(errors));
  const shift = sizes.reduce((sum, g, i) => sum + ((2 * g + errors[i]!) * errors[i]!) / sizes.length, 0);
  const P = Math.sqrt(dense.length);
  const condition = norm(dense) / damping;
  return (i: number, j: number) => {
    const [g, h] = [sizes[i]! + errors[i]!, sizes[j]! + errors[j]!];
    const inherited = (g * errors[j]! + errors[i]! * h) / damping + (g * h * shift) / damping ** 2;
    return widened(inherited + (gamma(100 * P, FLOAT64) * condition * g * h) / damping);
  };
}

/** x of M x = y, by elimination with the largest pivots. */
function solved(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const [m, x] = [matrix.slice(), right.slice()];
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r * n + c]!) > Math.abs(m[pivot * n + c]!)) pivot = r;
    for (let k = 0; k < n; k++) [m[c * n + k], m[pivot * n + k]] = [m[pivot * n + k]!, m[c * n + k]!];
    [x[c], x[pivot]] = [x[pivot]!, x[c]!];
    for (let r = c + 1; r < n; r++) {
      const factor = m[r * n + c]! / m[c * n + c]!;
      for (let k = c; k < n; k++) m[r * n + k]! -= factor * m[c * n + k]!;
      x[r]! -= factor * x[c]!;
    }
  }
  for (let c = n - 1; c >= 0; c--) {
    for (let k = c + 1; k < n; k++) x[c]! -= m[c * n + k]! * x[k]!;
    x[c]! /= m[c * n + c]!;
  }
  return x;
}

/** The sum over the examples, with what the layer's slope leaves, against the outputs that were observed. */
function representersAgainstOutputs({ answers }: Evidence, c: Case): Comparison {
  const [L, n] = [c.depth, c.rows];
  const [I, C] = [c.width(L - 1), c.width(L)];
  const rows = { input: inputOf(c, L), delta: c.full.observation.deltas[L - 1]! };
  const gradients = Array.from({ length: n }, (_, i) => gradientOf(c, i, L));
  const tally = new Tally(`z of ${c.network.layers.join("-")} as a sum over examples`, RUNNING);
  for (const t of examplesOf(c)) {
    const a = rows.input.slice(t * I, (t + 1) * I);
    for (let o = 0; o < C; o++) {
      let [got, size, error] = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        const value = answers.representerValue(rows, n, DECAY, i, a, o);
        got += value;
        size += Math.abs(value);
      }
      for (let k = 0; k <= I; k++) {
        const x = k < I ? a[k]! : 1;
        const mean = gradients.reduce((sum, { values }) => sum + values[k * C + o]! / n, 0);
        const doubt = gradients.reduce((sum, { errors }) => sum + errors[k * C + o]! / n, 0);
        const parameter = c.parameter(L, k < I ? k : -1, o);
        got += (x * (mean + DECAY * parameter)) / DECAY;
        size += gradients.reduce((sum, { values }) => sum + Math.abs(x * values[k * C + o]!) / (n * DECAY), 0);
        size += Math.abs(x * parameter);
        error += (Math.abs(x) * doubt) / DECAY;
      }
      const rounding = gamma(4 * (n + I + 4), FLOAT64) * (size + error);
      const bound = widened(error + rounding + c.full.bounds.z[L - 1]![t * C + o]!);
      tally.add(`z[${t},${o}]`, got, c.activation(L, t, o), bound);
    }
  }
  return tally.done();
}
