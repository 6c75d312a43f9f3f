// X38: the mean of the parameters over steps, against its recursion on the observed parameters.
import { Balls, exact } from "./ball.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const STEPS = 12;
const DECAY = 0.4; // reached by (t − 1)/(t + 8) at t = 7

export const AVERAGE_ROWS: readonly Row[] = [
  {
    id: "X38",
    section: "X",
    latex: String.raw`\bar\theta_t = \beta_t \bar\theta_{t-1} + (1 - \beta_t)\,\theta_t,\qquad \beta_t = \min\!\left(\beta, \tfrac{t-1}{t+8}\right)`,
    text: "θ̄_t = β_t θ̄_{t−1} + (1 − β_t)θ_t, β_t = min(β, (t − 1)/(t + 8))",
    remark: "Polyak and Juditsky (1992), as an exponential mean; β_t rises as in TensorFlow, from θ̄_1 = θ_1.",
    check: means,
  },
];

async function means({ implementation, seed }: Evidence): Promise<Comparison[]> {
  if (!implementation.coefficients) return [];
  const constants = { optimizer: "momentum", weightDecay: 0, momentum: 0.9, beta1: 0, beta2: 0, epsilon: 1 } as const;
  const problem = { ...shapeProblem([4, 5, 3], "tanh", 5, seed), optimizer: constants.optimizer, average: true };
  const run = await implementation.open(problem);
  const order = Uint32Array.from({ length: 5 }, (_, i) => i);
  const tally = new Tally(`θ̄ after each of ${STEPS} steps`, "running error analysis of the recursion, twice");
  const balls = [new Balls(), new Balls(implementation.precision)] as const;
  let mean = balls.map(() => Array.from(problem.parameters, () => exact(0)));
  for (let t = 1; t <= STEPS; t++) {
    const coefficients = implementation.coefficients({ ...constants, averageDecay: DECAY }, Float64Array.of(0.1), t);
    const { parameters, average } = await run.step(order, coefficients);
    mean = balls.map((o, b) => {
      const kept = o.rounded(exact(Math.min(DECAY, (t - 1) / (t + 8))));
      const share = o.sub(exact(1), kept);
      return mean[b]!.map((old, j) => o.add(o.mul(kept, old), o.mul(share, exact(parameters[j]!))));
    });
    const [exactly, rounded] = mean as [(typeof mean)[0], (typeof mean)[0]];
    parameters.forEach((_, j) => {
      const got = average?.[j] ?? Number.NaN;
      tally.add(`θ̄[${j}] after step ${t}`, got, exactly[j]!.v, 4 * rounded[j]!.e + exactly[j]!.e);
    });
  }
  await run.close();
  return [tally.done()];
}
