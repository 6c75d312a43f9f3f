// E19 … E22: the recursion for any depth, checked on the problem's network and on small networks of other depths.
import type { Case } from "./case.ts";
import { slope } from "./dual.ts";
import { deltaAgainstDuals, type Evidence, EXACT, type Row, singleAgainstDuals } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

export const RECURSION_ROWS: readonly Row[] = [
  {
    id: "E19",
    section: "2.1",
    latex: String.raw`\delta^L = \frac{\partial \mathcal{L}}{\partial f(x)} \frac{\partial f(x)}{\partial z_L}`,
    text: "δ^L = ∂L/∂f(x) · ∂f(x)/∂z_L",
    remark: "Any loss, any L: the other networks have soft targets, smoothing and class weights. Here f(x) = z_L.",
    check: (evidence) =>
      atEveryShape(evidence, (c) => {
        const identity = new Tally("∂f(x)/∂z_L, the whole matrix, is I", EXACT);
        for (const { column, k } of c.directions.in("z", c.depth))
          c.examples[0]!.a[c.depth - 1]!.forEach((f, o) => {
            identity.add(`∂f_${o}/∂z_${column}`, o === column ? 1 : 0, slope(f, k).v, slope(f, k).e);
          });
        return [identity.done(), deltaAgainstDuals(c, c.depth)];
      }),
  },
  {
    id: "E20",
    section: "2.1",
    latex: String.raw`\delta^l = (\delta^{l+1} W_{l+1}^T) \odot \sigma'(z_l)`,
    text: "δ^l = (δ^{l+1} W_{l+1}ᵀ) ⊙ σ′(z_l), for every l < L",
    remark: "From the top down to layer 1, against the derivative of the loss itself.",
    check: (evidence) => atEveryShape(evidence, (c) => layersUpTo(c.depth - 1).map((l) => deltaAgainstDuals(c, l))),
  },
  {
    id: "E21",
    section: "2.1",
    latex: String.raw`\nabla_{b_l} \mathcal{L} = \delta^l`,
    text: "∇b_l = δ^l",
    remark: "",
    check: (evidence) =>
      atEveryShape(evidence, (c) =>
        layersUpTo(c.depth).flatMap((l) => [singleAgainstDuals(c, "b", l), biasIsDelta(c, l)]),
      ),
  },
  {
    id: "E22",
    section: "2.1",
    latex: String.raw`\nabla_{W_l} \mathcal{L} = \sigma(z_{l-1})^T \delta^l`,
    text: "∇W_l = σ(z_{l−1})ᵀ δ^l, with σ(z_0) = x",
    remark: "",
    check: (evidence) => atEveryShape(evidence, (c) => layersUpTo(c.depth).map((l) => singleAgainstDuals(c, "W", l))),
  },
];

const layersUpTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** The comparisons for the main network and for each other shape, labeled with its sizes. */
function atEveryShape({ main, shapes }: Evidence, compare: (c: Case) => Comparison[]): Comparison[] {
  return [main, ...shapes].flatMap((c) =>
    compare(c).map((comparison) => ({ ...comparison, what: `${c.network.layers.join("-")}: ${comparison.what}` })),
  );
}

/** For B = 1, ∇b_l and δ^l are the same numbers. */
function biasIsDelta(c: Case, l: number): Comparison {
  const tally = new Tally(`∇b_${l} and δ^${l} of the same run`, EXACT);
  c.singles.forEach(({ observation }, i) => {
    for (let o = 0; o < c.width(l); o++)
      tally.add(
        `∇b_${l}[${o}] of example ${i}`,
        observation.gradients[c.packed(l, -1, o)]!,
        observation.deltas[l - 1]![o]!,
        0,
      );
  });
  return tally.done();
}
