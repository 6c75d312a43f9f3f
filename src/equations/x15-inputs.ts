// X15: the recursion one step below the first layer, ∂ℓ/∂x = δ^1 W_1ᵀ.
import { PURPOSE, Random } from "../numerics/random.ts";
import { exact } from "./ball.ts";
import { backError, layerOffsets, runningBounds } from "./bounds.ts";
import { type Case, pick } from "./case.ts";
import { slope, seed as variable } from "./dual.ts";
import { columnsOf, Directions, differentiate } from "./oracle.ts";
import { against, type Evidence, type Row, RUNNING } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

const MOST_INPUTS = 32; // of an example, compared

export const INPUT_ROWS: readonly Row[] = [
  {
    id: "X15",
    section: "X",
    latex: String.raw`\frac{\partial \ell}{\partial x} = \delta^1 W_1^T`,
    text: "∂ℓ/∂x = δ^1 W_1ᵀ",
    remark: "E17 once more, without σ′: inputs have no activation. One row an example, not divided by B.",
    async check(evidence) {
      const found: Comparison[] = [];
      for (const c of [evidence.main, ...evidence.shapes]) found.push(await inputsAgainstDuals(evidence, c));
      return found;
    },
  },
];

/** ∂ℓ/∂x of every example of a case against dual numbers whose variables are the inputs. */
async function inputsAgainstDuals({ implementation, seed }: Evidence, c: Case): Promise<Comparison> {
  const { problem, network, rows: n, targets } = c;
  const { parameters } = problem;
  const run = await implementation.open({ ...problem, inputDelta: true });
  const observation = await run.gradients(Uint32Array.from({ length: n }, (_, i) => i));
  await run.close();
  const p = implementation.precision;
  const { deltas } = runningBounds(network, parameters, observation, targets, p, c.loss);
  const first = layerOffsets(network.layers)[0]!;
  const inputErrors = new Float64Array(observation.input.length); // 0: inputs are exact
  const bounds = backError(
    "identity",
    parameters,
    first,
    n,
    observation.deltas[0]!,
    deltas[0],
    observation.input,
    inputErrors,
    p,
  );
  const chosen = pick(new Random(seed, PURPOSE.check, 5), first.I, MOST_INPUTS);
  const columns = columnsOf(network, parameters, new Directions([]));
  const tally = new Tally(`∂ℓ/∂x of ${network.layers.join("-")} against dual numbers`, RUNNING);
  for (let i = 0; i < n; i++) {
    const x = Array.from(c.input(i), exact);
    chosen.forEach((j, k) => {
      x[j] = variable(x[j]!.v, k, chosen.length);
    });
    const value = (l: number, o: number) => observation.outputs[l - 1]![i * c.width(l) + o]!;
    const active = (l: number, o: number) => value(l, o) > 0;
    const { loss } = differentiate(columns, x, targets[i]!, chosen.length, active, value, c.loss);
    chosen.forEach((j, k) => {
      const at = i * first.I + j;
      against(tally, `∂ℓ/∂x[${i},${j}]`, observation.inputDelta?.[at] ?? Number.NaN, bounds[at]!, slope(loss, k));
    });
  }
  return tally.done();
}
