// X10 … X14: each optimizer over several steps, against its published formula for one parameter at a time. The
// gradients of each step are the observed ones, so that the optimizer alone is checked.
import { OPTIMIZER_STATES, type Optimizer } from "../gradients/kernels.ts";
import { FLOAT64 } from "../numerics/rounding.ts";
import { type Ball, Balls, exact } from "./ball.ts";
import { layerOffsets } from "./bounds.ts";
import type { OptimizerConstants } from "./implementation.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const STEPS = 6;
const SIZES = [4, 5, 3];
const ROWS = 5;

const row = (id: string, optimizer: Optimizer, latex: string, text: string, remark: string): Row => ({
  id,
  section: "X",
  latex,
  text,
  remark,
  check: (evidence) => stepsByFormula(evidence, optimizer),
});

export const OPTIMIZER_ROWS: readonly Row[] = [
  row("X10", "sgd", String.raw`\theta_t = \theta_{t-1} - \eta\, g_t`, "sgd: θ ← θ − ηg, g = ∇θ + λW", ""),
  row(
    "X11",
    "momentum",
    String.raw`v_t = \mu v_{t-1} + g_t,\qquad \theta_t = \theta_{t-1} - \eta\, v_t`,
    "momentum: v ← μv + g, θ ← θ − ηv",
    "Polyak 1964, in the form of Sutskever et al. (ICML 2013) as PyTorch writes it: η multiplies v.",
  ),
  row(
    "X12",
    "nesterov",
    String.raw`v_t = \mu v_{t-1} + g_t,\qquad \theta_t = \theta_{t-1} - \eta\,(g_t + \mu v_t)`,
    "nesterov: v ← μv + g, θ ← θ − η(g + μv)",
    "Sutskever et al. (ICML 2013), with the gradient at the point reached, as PyTorch writes it.",
  ),
  row(
    "X13",
    "adam",
    String.raw`m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t,\quad v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2,\quad \theta_t = \theta_{t-1} - \eta\, \frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon}`,
    "adam: θ ← θ − ηm'/(√v' + ε), m' = m/(1 − β1^t), v' = v/(1 − β2^t)",
    "Kingma and Ba, ICLR 2015, algorithm 1.",
  ),
  row(
    "X14",
    "adamw",
    String.raw`\theta_t = \theta_{t-1} - \eta \lambda W_{t-1} - \eta\, \frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon}`,
    "adamw: θ ← θ − ηλW − ηm'/(√v' + ε), as adam otherwise",
    "Loshchilov and Hutter, ICLR 2019: the decay does not enter the moments.",
  ),
];

/** θ after each of STEPS training steps, against the published formula. */
async function stepsByFormula({ implementation, seed }: Evidence, optimizer: Optimizer): Promise<Comparison[]> {
  if (!implementation.coefficients) return [];
  const constants: OptimizerConstants = {
    optimizer,
    weightDecay: 0.03,
    momentum: 0.9,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
  };
  const rates = Float64Array.from({ length: STEPS }, (_, t) => 0.05 / (1 + t));
  const problem = { ...shapeProblem(SIZES, "tanh", ROWS, seed), optimizer };
  const run = await implementation.open(problem);
  const order = Uint32Array.from({ length: ROWS }, (_, i) => i);
  const tally = new Tally(
    `θ after each of ${STEPS} steps (λ = ${constants.weightDecay})`,
    "running error analysis of the published formula, twice: the kernel rounds each term at most twice as often",
  );
  const decays = new Float64Array(problem.parameters.length); // 1 for weights, 0 for biases
  for (const { W, b } of layerOffsets(SIZES)) decays.fill(1, W, b);
  const exactly = Array.from(problem.parameters, (θ) => new Scalar(optimizer, constants, θ, new Balls(FLOAT64)));
  const rounded = Array.from(
    problem.parameters,
    (θ) => new Scalar(optimizer, constants, θ, new Balls(implementation.precision)),
  );
  for (let t = 1; t <= STEPS; t++) {
    const rate = rates[t - 1]!;
    const { gradients } = await run.gradients(order); // the step leaves none under sgd
    const { parameters } = await run.step(order, implementation.coefficients(constants, Float64Array.of(rate), t));
    parameters.forEach((θ, j) => {
      const expected = exactly[j]!.step(gradients[j]!, rate, decays[j] === 1);
      const bound = 2 * rounded[j]!.step(gradients[j]!, rate, decays[j] === 1).e;
      tally.add(`θ[${j}] after step ${t}`, θ, expected.v, bound + expected.e);
    });
  }
  await run.close();
  return [tally.done()];
}

/** One parameter under an optimizer, as published. The state is v (momentum, nesterov), or m and v (adam, adamw). */
class Scalar {
  readonly #optimizer: Optimizer;
  readonly #c: OptimizerConstants;
  readonly #ops: Balls;
  #t = 0;
  #θ: Ball;
  readonly #state: Ball[];

  constructor(optimizer: Optimizer, constants: OptimizerConstants, θ: number, ops: Balls) {
    this.#optimizer = optimizer;
    this.#c = constants;
    this.#ops = ops;
    this.#θ = exact(θ);
    this.#state = Array.from({ length: OPTIMIZER_STATES[optimizer] }, () => exact(0));
  }

  step(gradient: number, rate: number, decays: boolean): Ball {
    const o = this.#ops;
    const constant = (v: number) => o.rounded(exact(v));
    const [η, λ, μ] = [rate, decays ? this.#c.weightDecay : 0, this.#c.momentum].map(constant) as [Ball, Ball, Ball];
    const decay = o.mul(λ, this.#θ);
    this.#t++;
    const g = this.#optimizer === "adamw" ? exact(gradient) : o.add(exact(gradient), decay);
    const [first = exact(0)] = this.#state;
    let change: Ball;
    switch (this.#optimizer) {
      case "sgd":
        change = o.mul(η, g);
        break;
      case "momentum":
        this.#state[0] = o.add(o.mul(μ, first), g);
        change = o.mul(η, this.#state[0]);
        break;
      case "nesterov":
        this.#state[0] = o.add(o.mul(μ, first), g);
        change = o.mul(η, o.add(g, o.mul(μ, this.#state[0])));
        break;
      case "adam":
        change = this.#adaptive(g, rate);
        break;
      case "adamw":
        this.#θ = o.sub(this.#θ, o.mul(η, decay));
        change = this.#adaptive(g, rate);
    }
    this.#θ = o.sub(this.#θ, change);
    return this.#θ;
  }

  /** η m̂ / (√v̂ + ε). */
  #adaptive(g: Ball, rate: number): Ball {
    const o = this.#ops;
    const { beta1, beta2, epsilon } = this.#c;
    const [m, v] = this.#state as [Ball, Ball];
    const blend = (β: number, old: Ball, value: Ball) =>
      o.add(o.mul(o.rounded(exact(β)), old), o.mul(o.rounded(oneMinusPower(β, 1)), value));
    this.#state[0] = blend(beta1, m, g);
    this.#state[1] = blend(beta2, v, o.mul(g, g));
    const m̂ = o.div(this.#state[0], o.rounded(oneMinusPower(beta1, this.#t)));
    const v̂ = o.div(this.#state[1], o.rounded(oneMinusPower(beta2, this.#t)));
    const size = o.add(o.sqrt(v̂), o.rounded(exact(epsilon)));
    return o.div(o.mul(o.rounded(exact(rate)), m̂), size);
  }
}

/** 1 − β^t in float64, where every engine computes it, with its error. */
function oneMinusPower(β: number, t: number): Ball {
  const o = new Balls(FLOAT64);
  let power = exact(1);
  for (let i = 0; i < t; i++) power = o.mul(power, exact(β));
  return o.sub(exact(1), power);
}
