// X39: a learned scale of the inputs before the first layer: its gradient, and its step.
import { Balls, exact } from "./ball.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { againstDuals, oneHot } from "./small-net.ts";
import { type Comparison, Tally } from "./tally.ts";

const SIZES = [5, 7, 6, 3];
const ROWS = 5;
const [RATE, TIMES] = [0.05, 6];

export const FRONT_ROWS: readonly Row[] = [
  {
    id: "X39",
    section: "X",
    latex: String.raw`f(x) = f_\theta(x \odot s):\qquad \nabla s = \frac{1}{B}\sum_i x_i \odot \delta^0_i,\quad \delta^0 = \delta^1 W_1^\top,\quad s \leftarrow s + k\,\Delta s`,
    text: "f(x ⊙ s): ∇s = Σ_i x_i ⊙ δ⁰_i / B, δ⁰ = δ¹W₁ᵀ; s moves by k steps of the optimizer",
    remark:
      "The scaling layer of RealMLP (Holzmüller, Grinsztajn and Steinwart, NeurIPS 2024), kept in W₁ as diag(s)W₁.",
    check: scaled,
  },
];

async function scaled({ implementation, seed }: Evidence): Promise<Comparison[]> {
  const problem = shapeProblem(SIZES, "tanh", ROWS, seed);
  const s = Float64Array.of(1, -0.5, 2, 0.75, 0);
  const parameters = Float64Array.of(...problem.parameters, ...s);
  const run = await implementation.open({ ...problem, parameters, frontScale: TIMES });
  const order = Uint32Array.from({ length: ROWS }, (_, i) => i);
  const observation = await run.gradients(order);
  const [D, P] = [SIZES[0]!, problem.parameters.length];
  const examples = Array.from(order, (i) => ({
    x: Array.from(problem.features.subarray(i * D, (i + 1) * D), exact),
    target: oneHot(problem.labels[i]!, SIZES.at(-1)!),
  }));
  const source = "dual numbers, within twice the closed form's running error";
  const tally = new Tally("∇θ, ∇s and ℓ of a net with a scale of its inputs", source);
  againstDuals(tally, implementation, { layers: SIZES, parameters, scaled: true }, examples, observation);
  const moved = new Tally("s after a step", "running error analysis of the formula, twice");
  if (implementation.coefficients) {
    const constants = { optimizer: "sgd", weightDecay: 0.1, momentum: 0, beta1: 0, beta2: 0, epsilon: 1 } as const;
    const step = await run.step(order, implementation.coefficients(constants, Float64Array.of(RATE), 1));
    const o = new Balls(implementation.precision);
    for (let j = 0; j < D; j++) {
      const change = o.mul(o.rounded(exact(RATE)), exact(observation.gradients[P + j]!));
      const stepped = o.sub(exact(s[j]!), change); // rounded, and so the difference from s is
      const next = o.add(exact(s[j]!), o.mul(exact(TIMES), o.sub(stepped, exact(s[j]!))));
      moved.add(`s[${j}]`, step.parameters[P + j]!, s[j]! - TIMES * RATE * observation.gradients[P + j]!, 2 * next.e);
    }
  }
  await run.close();
  return [tally.done(), moved.done()];
}
