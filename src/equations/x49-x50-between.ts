// X49 and X50: layer normalization and residual connections. Values, δ and every gradient of whole networks against
// dual numbers, which know no formula of a derivative.
import { SOFTMAX } from "../network/losses.ts";
import type { LayerOptions } from "../network/network.ts";
import { type Ball, Balls, exact } from "./ball.ts";
import { type ExampleForm, exampleForm } from "./between-forms.ts";
import { layerOffsets } from "./bounds.ts";
import { chooseVariables, targetRow } from "./case.ts";
import { slope } from "./dual.ts";
import type { Problem } from "./implementation.ts";
import { columnsOf, Directions, differentiate } from "./oracle.ts";
import { against, type Evidence, type Row, RUNNING } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import { type Comparison, Tally } from "./tally.ts";

const ROWS = 5;

export const BETWEEN_ROWS: readonly Row[] = [
  {
    id: "X49",
    section: "X",
    latex: String.raw`a = \sigma(\gamma \odot n + \beta),\ n = \frac{z - \mu}{\sqrt{v + \varepsilon}}:\quad \delta = \frac{p - \bar p - n\,\overline{p n}}{\sqrt{v + \varepsilon}},\ p = \gamma \odot \eta,\quad \nabla\gamma = \frac{1}{B}\sum_i n_i \odot \eta_i,\ \nabla\beta = \frac{1}{B}\sum_i \eta_i`,
    text: "a = σ(γ ⊙ n + β), n = (z − μ)/√(v + ε): δ = (p − mean p − n·mean(p n))/√(v + ε), p = γ ⊙ η; ∇γ = Σ n ⊙ η/B",
    remark:
      "Layer normalization (Ba, Kiros and Hinton, 2016); η = ∂ℓ/∂(γ ⊙ n + β), ε = 10⁻⁵, v without Bessel's correction.",
    check: (evidence) =>
      checked(evidence, { layerNorm: true }, [
        [[5, 7, 6, 3], "tanh"],
        [[4, 6, 5, 6, 3], "relu"],
        [[6, 5, 2], "gelu"],
      ]),
  },
  {
    id: "X50",
    section: "X",
    latex: String.raw`a_l = \sigma(z_l) + a_{l-1}:\qquad \frac{\partial\ell}{\partial a_{l-1}} = \delta^l W_l^\top + \frac{\partial\ell}{\partial a_l},\quad \delta^l = \frac{\partial\ell}{\partial a_l} \odot \sigma'(z_l)`,
    text: "a_l = σ(z_l) + a_{l−1}: ∂ℓ/∂a_{l−1} = δ^l W_lᵀ + ∂ℓ/∂a_l, δ^l = ∂ℓ/∂a_l ⊙ σ′(z_l)",
    remark: "Residual connections (He et al., CVPR and ECCV 2016), between hidden layers of equal width.",
    check: (evidence) =>
      checked(evidence, { residual: true }, [
        [[5, 6, 6, 6, 3], "tanh"],
        [[4, 5, 5, 7, 7, 2], "relu"],
        [[3, 5, 5, 3], "gelu"],
      ]),
  },
];

type Shape = readonly [layers: readonly number[], activation: "tanh" | "relu" | "gelu"];

/** Networks of these shapes with one option, and the problem's own where it has that option. */
async function checked(evidence: Evidence, options: LayerOptions, shapes: readonly Shape[]): Promise<Comparison[]> {
  const { seed, whole } = evidence;
  const all: Comparison[] = [];
  for (const [layers, activation] of shapes) {
    const problem = shapeProblem(layers, activation, ROWS, seed, SOFTMAX, options);
    all.push(...(await compared(evidence, problem, new Directions(chooseVariables(problem.network, undefined, seed)))));
  }
  const own = whole && Object.keys(options).some((name) => whole.problem.network[name as keyof LayerOptions]);
  return own ? [...all, ...(await compared(evidence, whole.problem, whole.directions))] : all;
}

async function compared({ implementation }: Evidence, problem: Problem, directions: Directions): Promise<Comparison[]> {
  const { network, parameters, features, labels, loss } = problem;
  const { layers } = network;
  const order = Uint32Array.from(labels, (_, i) => i);
  const run = await implementation.open({ ...problem, batchSize: order.length });
  const observation = await run.gradients(order);
  await run.close();
  const p = implementation.precision;
  const name = layers.join("-");
  const tally = (what: string) => new Tally(`${what} of ${name} against dual numbers`, RUNNING);
  const [values, deltas, gradients] = [tally("a and ℓ"), tally("δ"), tally("∇θ")];
  const columns = columnsOf(network, parameters, directions);
  const forms: ExampleForm[] = [];
  const slopes: ((k: number) => Ball)[] = [];
  for (let i = 0; i < order.length; i++) {
    const given = (l: number, o: number) => observation.outputs[l - 1]![i * layers[l]! + o]!;
    const x = Array.from(features.subarray(i * layers[0]!, (i + 1) * layers[0]!), exact);
    const targets = targetRow(problem, i);
    const active = (l: number, o: number) => given(l, o) > 0;
    const duals = differentiate(columns, x, targets, directions.size, active, given, loss);
    const form = exampleForm(problem, observation, i, targets, p);
    forms.push(form);
    slopes.push((k) => slope(duals.loss, k));
    duals.own.forEach((units, index) => {
      for (const [o, unit] of units.entries())
        against(values, `a_${index + 1}[${i},${o}]`, given(index + 1, o), 2 * form.errors[index]![o]!, unit);
    });
    against(values, `ℓ of example ${i}`, observation.losses[i]!, form.loss.e, duals.loss);
    for (let l = 1; l < layers.length; l++)
      for (const { column, k } of directions.in("z", l)) {
        const got = observation.deltas[l - 1]![i * layers[l]! + column]!;
        against(deltas, `δ^${l}[${i},${column}]`, got, 2 * form.deltas[l - 1]![column]!.e, slope(duals.loss, k));
      }
  }
  const mean = (o: Balls, of: (i: number) => Ball): Ball =>
    o.div(
      forms.reduce((sum, _, i) => o.add(sum, of(i)), exact(0)),
      exact(forms.length),
    );
  layerOffsets(layers, network.layerNorm).forEach(({ O, W, b }, index) => {
    const l = index + 1;
    const places = { W, b, gain: b + O, offset: b + 2 * O };
    for (const kind of ["W", "b", "gain", "offset"] as const)
      for (const { row, column, k } of directions.in(kind, l)) {
        const at = places[kind] + (kind === "W" ? row * O : 0) + column;
        const form = mean(new Balls(p), (i) => forms[i]!.gradient(l, kind, row, column));
        const expected = mean(new Balls(), (i) => slopes[i]!(k));
        against(gradients, `∇${kind}_${l}[${row},${column}]`, observation.gradients[at]!, 2 * form.e, expected);
      }
  });
  return [values.done(), deltas.done(), gradients.done()];
}
