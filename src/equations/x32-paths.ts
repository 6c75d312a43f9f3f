// X32: the integrated gradients of an example add up to the difference of its losses, along a line through every kink.
import type { PathLimits } from "../gradients/path-integral.ts";
import type { Case } from "./case.ts";
import type { Evidence, Row } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

export const PATH_ROWS: readonly Row[] = [
  {
    id: "X32",
    section: "X",
    latex: String.raw`\sum_j (x - x')_j \int_0^1 \frac{\partial \ell}{\partial x_j}\bigl(x' + t(x - x')\bigr)\,dt = \ell(x) - \ell(x')`,
    text: "Σ_j (x − x′)_j ∫₀¹ ∂ℓ/∂x_j dt = ℓ(x) − ℓ(x′)",
    remark: "Completeness of integrated gradients (Sundararajan, Taly and Yan, 2017), from x′ = 0.",
    check: async (evidence) => [
      await completeness(evidence, evidence.main),
      await completeness(evidence, evidence.shapes[0]!),
    ],
  },
];

const EXAMPLES = 3;
const AT_ONCE = 64; //        points of one batch
const POINTS = 20_000; //     most of a line,
const KINK_POINTS = 200; //   and for each unit: a kink takes some 120

async function completeness({ implementation, answers }: Evidence, c: Case): Promise<Comparison> {
  const { roundoff } = implementation.precision;
  const units = c.network.layers.slice(1, -1).reduce((sum, H) => sum + H, 0); // each may have a kink on the line
  const points = POINTS + KINK_POINTS * units;
  const limits: PathLimits = { tolerance: Math.max(2 ** -33, 2 ** 13 * roundoff), points };
  const source = "the tolerance of the quadrature, relative to 1 + |ℓ(x) − ℓ(x′)|";
  const tally = new Tally(`completeness of ${c.network.layers.join("-")} along a line from 0`, source);
  const D = c.width(0);
  const store = (x: number) => (implementation.precision.roundoff > 2 ** -50 ? Math.fround(x) : x);
  for (let i = Math.max(0, c.rows - EXAMPLES); i < c.rows; i++) {
    const x = c.input(i);
    const evaluate = async (ts: readonly number[]) => {
      const values: number[] = [];
      const gradients: Float64Array[] = [];
      for (let from = 0; from < ts.length; from += AT_ONCE) {
        const some = ts.slice(from, from + AT_ONCE);
        const run = await implementation.open({
          ...c.problem,
          batchSize: some.length,
          features: Float64Array.from({ length: some.length * D }, (_, at) =>
            store(some[Math.floor(at / D)]! * x[at % D]!),
          ),
          labels: new Int32Array(some.length).fill(c.problem.labels[i]!),
          targets: c.problem.targets && repeated(c.problem.targets, c.targets[i]!.length, i, some.length),
          inputDelta: true,
        });
        const { losses, inputDelta } = await run.gradients(Uint32Array.from({ length: some.length }, (_, k) => k));
        await run.close();
        values.push(...losses);
        for (let k = 0; k < some.length; k++) gradients.push(inputDelta!.slice(k * D, (k + 1) * D));
      }
      return { values, gradients };
    };
    const { mean, difference } = await answers.integrateGradient(x, evaluate, limits);
    const sum = mean.reduce((total, g, j) => total + g * x[j]!, 0);
    tally.add(`Σ IG of example ${i}`, sum, difference, 2 * limits.tolerance * (1 + Math.abs(difference)));
  }
  return tally.done();
}

function repeated(targets: Float64Array, C: number, row: number, count: number): Float64Array {
  return Float64Array.from({ length: count * C }, (_, at) => targets[row * C + (at % C)]!);
}
