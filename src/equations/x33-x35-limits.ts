// X33 … X35: steps of plain descent whose gradient is clipped, whose weights are shrunk, whose units are held: each
// against its formula, in plain sums over the observed gradient and the θ before.
import { type Ball, Balls, exact } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { OptimizerConstants, Problem } from "./implementation.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const STEPS = 3;
const SIZES = [4, 5, 3];
const ROWS = 5;
const RATE = 0.05;
const L1 = 0.6;

export const LIMIT_ROWS: readonly Row[] = [
  {
    id: "X33",
    section: "X",
    latex: String.raw`g \leftarrow g\,\min\!\left(1, \frac{c}{\|g\|}\right),\qquad \|g\|^2 = \sum_l \|\nabla W_l\|^2 + \|\nabla b_l\|^2`,
    text: "g ← g·min(1, c/‖g‖)",
    remark: "Clipping by the global norm (Pascanu, Mikolov and Bengio, ICML 2013), before the decay of X9.",
    // of one short, one long: the second must not be touched
    check: async (evidence) => [await steps(evidence, { clipNorm: 0.1 }), await steps(evidence, { clipNorm: 1000 })],
  },
  {
    id: "X34",
    section: "X",
    latex: String.raw`W \leftarrow \mathrm{sign}(W')\max(|W'| - \eta\lambda_1, 0),\qquad W' = W - \eta\,\nabla W`,
    text: "W ← sign(W')·max(|W'| − ηλ₁, 0), W' = W − η∇W",
    remark: "The L1 penalty λ₁Σ|W| by its proximal step (Duchi and Singer, JMLR 10, 2009): zeros are exact.",
    check: async (evidence) => [await steps(evidence, { l1: L1 })],
  },
  {
    id: "X35",
    section: "X",
    latex: String.raw`W_{\cdot o} \leftarrow W_{\cdot o}\,\min\!\left(1, \frac{c}{\|W_{\cdot o}\|}\right)`,
    text: "each unit's weights w ← w·min(1, c/‖w‖)",
    remark: "Max-norm (Srebro and Shraibman, COLT 2005; of networks Srivastava et al., JMLR 15, 2014).",
    check: async (evidence) => [await steps(evidence, { maxNorm: 0.8 })],
  },
];

type Bounds = Pick<Problem, "clipNorm" | "maxNorm"> & Pick<OptimizerConstants, "l1">;

async function steps({ implementation, seed }: Evidence, { l1, ...bounds }: Bounds): Promise<Comparison> {
  const name = Object.entries({ l1, ...bounds }).flatMap(([key, value]) => (value ? [`${key} ${value}`] : []));
  const tally = new Tally(
    `θ after each of ${STEPS} steps, ${name}`,
    "running error analysis of the formula, twice: the kernel rounds each term at most twice as often",
  );
  if (!implementation.coefficients) return tally.done();
  const constants = { optimizer: "sgd", weightDecay: 0, momentum: 0, beta1: 0, beta2: 0, epsilon: 1, l1 } as const;
  const problem = shapeProblem(SIZES, "tanh", ROWS, seed);
  const order = Uint32Array.from({ length: ROWS }, (_, i) => i);
  const coefficients = implementation.coefficients(constants, Float64Array.of(RATE), 1);
  let from = problem.parameters;
  for (let t = 1; t <= STEPS; t++) {
    const bounded = await implementation.open({ ...problem, ...bounds, parameters: from });
    const { gradients } = await bounded.gradients(order);
    const { parameters } = await bounded.step(order, coefficients);
    await bounded.close();
    const expected = [new Balls(), new Balls(implementation.precision)].map((o) =>
      step(o, from, gradients, bounds, l1),
    );
    parameters.forEach((θ, j) => {
      const [exactly, rounded] = expected.map((balls) => balls[j]!) as [Ball, Ball];
      tally.add(`θ[${j}] after step ${t}`, θ, exactly.v, 2 * rounded.e + exactly.e);
    });
    from = parameters;
  }
  return tally.done();
}

/** θ after a step of plain descent on the gradient g, with whatever bounds it. */
function step(o: Balls, θ: Float64Array, g: Float64Array, { clipNorm, maxNorm }: Bounds, l1 = 0): Ball[] {
  const [η, by] = [RATE, RATE * l1].map((x) => o.rounded(exact(x))) as [Ball, Ball];
  const shorten = (norm: Ball, most = Number.POSITIVE_INFINITY) =>
    norm.v > most ? o.rounded(o.div(exact(most), norm)) : exact(1);
  const factor = shorten(normOf(o, Array.from(g, exact)), clipNorm);
  const next = Array.from(θ, (x, j) => o.sub(exact(x), o.mul(η, o.mul(factor, exact(g[j]!)))));
  for (const { I, O, W } of layerOffsets(SIZES))
    for (let c = 0; c < O; c++) {
      const places = Array.from({ length: I }, (_, k) => W + k * O + c);
      for (const at of places) next[at] = towardsZero(o, next[at]!, by);
      const held = shorten(normOf(o, places.map((at) => next[at]!)), maxNorm); // biome-ignore format: one formula
      for (const at of places) next[at] = o.mul(held, next[at]!);
    }
  return next;
}

function normOf(o: Balls, values: readonly Ball[]): Ball {
  return o.sqrt(values.reduce((sum, x) => o.add(sum, o.mul(x, x)), exact(0)));
}

function towardsZero(o: Balls, w: Ball, by: Ball): Ball {
  if (by.v === 0) return w;
  if (Math.abs(w.v) <= by.v) return { v: 0, e: w.e };
  return w.v > 0 ? o.sub(w, by) : o.add(w, by);
}
