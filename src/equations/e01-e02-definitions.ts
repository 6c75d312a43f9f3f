// E1 and E2: the shapes of all arrays, and the loss.
import { BALLS, type Ball, exact, widened } from "./ball.ts";
import { accumulatedBounds } from "./bounds.ts";
import { chooseLogits, observeLogits, oneHot } from "./logits.ts";
import { softmaxBounds } from "./loss-bounds.ts";
import { crossEntropy } from "./oracle-losses.ts";
import { ACCUMULATED, against, EXACT, FORMULA, LOCAL, type Row } from "./rows.ts";
import { Tally } from "./tally.ts";

export const DEFINITION_ROWS: readonly Row[] = [
  {
    id: "E1",
    section: "1",
    latex: String.raw`\begin{gathered} W_1 \in D \times H,\quad W_2, W_3 \in H \times H,\quad W_4 \in H \times C \\ b_1, b_2, b_3 \in 1 \times H,\quad b_4 \in 1 \times C \end{gathered}`,
    text: "shapes: W_1 D×H, W_2 and W_3 H×H, W_4 H×C, b_l a row",
    remark: "x_i is a 28×28 image in the note, so D = 784.",
    check({ main: { network, full, rows, depth } }) {
      const tally = new Tally("sizes of every array", EXACT);
      const { layers } = network;
      const same = (place: string, got: number, expected: number) => tally.add(place, got, expected, 0);
      let total = 0;
      for (let l = 1; l <= depth; l++) {
        const [I, O] = [layers[l - 1]!, layers[l]!];
        total += I * O + O;
        same(`a_${l}`, full.observation.outputs[l - 1]!.length, rows * O);
        same(`δ^${l}`, full.observation.deltas[l - 1]!.length, rows * O);
      }
      same("X", full.observation.input.length, rows * layers[0]!);
      same("ℓ", full.observation.losses.length, rows);
      same("θ", full.observation.parameters.length, total);
      same("∇θ", full.observation.gradients.length, total);
      return [tally.done()];
    },
  },
  {
    id: "E2",
    section: "1",
    latex: String.raw`L(f(X,\theta),Y) = -\frac{1}{B} \sum_{i=1}^{B} \sum_{c=1}^{C} \log\frac{\exp(f(X)_{i,c})}{\sum_{j=1}^{C} \exp(f(X)_{i,j})}\; y_{i,c}`,
    text: "L = −(1/B) Σ_i Σ_c y_ic log S(f(x_i))_c",
    remark: "Computed as a stable log-sum-exp, never as the log of a clipped probability.",
    async check({ implementation, main, seed }) {
      const { problem, targets, full } = main;
      const local = new Tally("ℓ of every example, from the implementation's own logits", LOCAL);
      const whole = new Tally("the same from x and θ", ACCUMULATED);
      const { losses: bounds } = accumulatedBounds(
        main.network,
        problem.parameters,
        full.observation,
        targets,
        implementation.precision,
      );
      main.examples.forEach(({ loss }, i) => {
        against(local, `ℓ[${i}]`, full.observation.losses[i]!, full.bounds.losses[i]!, loss);
        // An error e of the logits moves ℓ by at most 2e·Σt. Softmax over balls would overflow for a large e.
        const z = main.truth[i]!.z.at(-1)!;
        const mass = targets[i]!.reduce((total, t) => total + t.v + t.e, 0);
        const moved = 2 * mass * Math.max(...z.map(({ e }) => e));
        const { v, e } = crossEntropy(
          z.map((logit) => exact(logit.v)),
          targets[i]!,
        ).loss;
        against(whole, `ℓ[${i}]`, full.observation.losses[i]!, bounds[i]!, { v, e: widened(e + moved) });
      });
      const logits = chooseLogits(main, seed);
      const C = main.width(main.depth);
      const labels = Int32Array.from(logits.rows, (_, i) => i % C);
      const { losses } = await observeLogits(implementation, logits, labels);
      const stable = new Tally("ℓ at mild and extreme logits", LOCAL);
      const literal = new Tally("ℓ at mild logits, the formula as it stands, without a shift", FORMULA);
      logits.rows.forEach((row, i) => {
        const z = row.map(exact);
        const t = oneHot(C, labels[i]!);
        const bound = softmaxBounds(z, t, implementation.precision).loss;
        against(stable, `ℓ at logits ${i}`, losses[i]!, bound, crossEntropy(z, t).loss);
        if (i < logits.mild) against(literal, `ℓ at logits ${i}`, losses[i]!, bound, literalLoss(z, labels[i]!));
      });
      return [local.done(), whole.done(), stable.done(), literal.done()];
    },
  },
];

/** −log(exp z_y / Σ_j exp z_j). */
function literalLoss(z: readonly Ball[], y: number): Ball {
  const e = z.map((value) => BALLS.exp(value));
  const total = e.reduce((x, value) => BALLS.add(x, value));
  return BALLS.neg(BALLS.log(BALLS.div(e[y]!, total)));
}
