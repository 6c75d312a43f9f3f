// X6 … X9: other objectives: probability rows as targets, label smoothing, class weights, L2.
import { BALLS, exact } from "./ball.ts";
import { gatherCase } from "./case.ts";
import { mul, slope, seed as variable } from "./dual.ts";
import type { OptimizerConstants, Problem } from "./implementation.ts";
import { probabilityRows } from "./logits.ts";
import { against, batchAgainstDuals, deltaAgainstDuals, type Evidence, FORMULA, type Row, RUNNING } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const SIZES = [5, 7, 6, 4];
const ROWS = 6;

export const LOSS_ROWS: readonly Row[] = [
  {
    id: "X6",
    section: "X",
    latex: String.raw`\ell = -\sum_c y_c \log S_c,\quad y_c \ge 0,\ \sum_c y_c = 1:\qquad \delta^L = S - y`,
    text: "soft targets: y may be any probability row, δ^L = S − y",
    remark:
      "Inside the note: its derivation needs only Σ y_i = 1. Rows rounded to float32 sum to 1 within rounding, and Σy multiplies S.",
    check: (evidence) => underObjective(evidence, { targets: probabilityRows(ROWS, SIZES.at(-1)!, evidence.seed) }),
  },
  {
    id: "X7",
    section: "X",
    latex: String.raw`t_c = (1 - \varepsilon)\, y_c + \frac{\varepsilon}{C},\qquad \delta^L = S - t`,
    text: "label smoothing: t_c = (1 − ε) y_c + ε/C, δ^L = S − t",
    remark: "Szegedy et al., CVPR 2016. Checked at ε = 0.1.",
    check: (evidence) => underObjective(evidence, { labelSmoothing: 0.1 }),
  },
  {
    id: "X8",
    section: "X",
    latex: String.raw`t_c = w_c \left((1 - \varepsilon)\, y_c + \frac{\varepsilon}{C}\right),\qquad \delta^L = \Big(\sum_c t_c\Big) S - t`,
    text: "class weights: t_c = w_c((1 − ε) y_c + ε/C), δ^L = (Σt) S − t",
    remark: "The mean divides by B, not by the sum of the weights. Checked at ε = 0 and ε = 0.2.",
    async check(evidence) {
      const classWeights = Float64Array.of(0.5, 2, 1, 3.25);
      const plain = await underObjective(evidence, { classWeights });
      return [...plain, ...(await underObjective(evidence, { classWeights, labelSmoothing: 0.2 }))];
    },
  },
  {
    id: "X9",
    section: "X",
    latex: String.raw`\tilde{L} = L + \frac{\lambda}{2} \sum_l \lVert W_l \rVert^2:\qquad \nabla_{W_l} \tilde{L} = \nabla_{W_l} L + \lambda W_l,\quad \nabla_{b_l} \tilde{L} = \nabla_{b_l} L`,
    text: "L2: L + (λ/2) Σ‖W_l‖² adds λW_l to ∇W_l, and nothing to ∇b_l",
    remark: "Biases do not decay. Seen through one step of plain descent, where it acts.",
    check: weightDecay,
  },
];

/** Losses, δ of every layer and batch gradients of a small network under another objective. */
async function underObjective({ implementation, seed }: Evidence, objective: Partial<Problem>): Promise<Comparison[]> {
  const c = await gatherCase(
    implementation,
    { ...shapeProblem(SIZES, "relu", ROWS, seed), ...objective },
    undefined,
    seed,
  );
  const losses = new Tally("ℓ of every example", RUNNING);
  c.examples.forEach(({ loss }, i) => {
    against(losses, `ℓ[${i}]`, c.full.observation.losses[i]!, c.full.bounds.losses[i]!, loss);
  });
  const layers = Array.from({ length: c.depth }, (_, i) => i + 1);
  return [
    losses.done(),
    ...layers.map((l) => deltaAgainstDuals(c, l)),
    ...layers.flatMap((l) => [batchAgainstDuals(c, c.full, "W", l), batchAgainstDuals(c, c.full, "b", l)]),
  ];
}

/** θ after an observed step θ ← θ − η(∇L + λW), against θ − η times the dual numbers' derivative of L + (λ/2)W². */
async function weightDecay({ implementation, seed }: Evidence): Promise<Comparison[]> {
  if (!implementation.coefficients) return [];
  const [rate, λ] = [0.5, 0.0625]; // exact in float32
  const problem = shapeProblem(SIZES, "relu", ROWS, seed);
  const c = await gatherCase(implementation, problem, undefined, seed);
  const run = await implementation.open({ ...problem, optimizer: "sgd" });
  const constants: OptimizerConstants = {
    optimizer: "sgd",
    weightDecay: λ,
    momentum: 0,
    beta1: 0,
    beta2: 0,
    epsilon: 1e-8,
  };
  const after = await run.step(
    Uint32Array.from({ length: ROWS }, (_, i) => i),
    implementation.coefficients(constants, Float64Array.of(rate), 1),
  );
  await run.close();
  const { roundoff: u, tiny } = implementation.precision;
  const tallies = { W: new Tally("W_l after one step", FORMULA), b: new Tally("b_l after one step", FORMULA) };
  for (const { kind, layer: l, row, column, ...rest } of c.directions.variables.map((v, k) => ({ ...v, k }))) {
    if (kind !== "W" && kind !== "b") continue;
    const before = c.parameter(l, kind === "b" ? -1 : row, column);
    const gradient = c.meanSlope(ROWS, rest.k);
    const w = variable(before, 0, 1);
    const penalty = kind === "W" ? slope(mul(exact(λ / 2), mul(w, w)), 0) : exact(0);
    const expected = BALLS.sub(exact(before), BALLS.mul(exact(rate), BALLS.add(gradient, penalty)));
    const error = kind === "W" ? c.full.bounds.dW(l, row, column) : c.full.bounds.db(l, column);
    // λW, the sum, its product with η and the difference: at most four roundings on any term
    const size = Math.abs(before) + rate * (Math.abs(gradient.v) + error + Math.abs(penalty.v));
    const bound = rate * error + ((4 * u) / (1 - 4 * u)) * size + 4 * tiny;
    const got = after.parameters[c.packed(l, kind === "b" ? -1 : row, column)]!;
    against(tallies[kind], `${kind}_${l}[${kind === "W" ? `${row},` : ""}${column}]`, got, bound, expected);
  }
  return [tallies.W.done(), tallies.b.done()];
}
