// E23 … E34: the gradients of the four-layer network. At another depth the note's layer 4 is the last one, its layer 1
// the first.
import { BALLS, type Ball } from "./ball.ts";
import type { Case } from "./case.ts";
import { slopesOf, weightBalls } from "./case-balls.ts";
import { seed, slope } from "./dual.ts";
import { type Formulas, hadamard } from "./formulas.ts";
import { lossOf } from "./oracle-losses.ts";
import {
  against,
  deltaAgainstDuals,
  type Evidence,
  FORMULA,
  noteLayer,
  type Row,
  singleAgainstDifferences,
  singleAgainstDuals,
} from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

type NoteLayer = 1 | 2 | 3 | 4;

/** δ at a layer of the note: as observed, and by the note's nested formula, both against dual numbers. */
const deltaRow = (id: string, layer: NoteLayer, latex: string, text: string): Row => ({
  id,
  section: "2.2",
  latex,
  text,
  remark: "",
  check: (evidence) =>
    atLayer(evidence, layer, (c, l) => [
      deltaAgainstDuals(c, l),
      ...(l < c.depth ? [inFull(c, l, evidence.formulas)] : []),
    ]),
});

/** ∇b or ∇W at a layer of the note: of single examples, against dual numbers and central differences. */
const gradientRow = (id: string, kind: "W" | "b", layer: NoteLayer, latex: string, text: string, remark = ""): Row => ({
  id,
  section: "2.2",
  latex,
  text,
  remark,
  check: (evidence) =>
    atLayer(evidence, layer, (c, l) => [singleAgainstDuals(c, kind, l), singleAgainstDifferences(c, kind, l)]),
});

export const FOUR_LAYER_ROWS: readonly Row[] = [
  deltaRow("E23", 4, String.raw`\delta^4 = S(z_4) - y`, "δ^4 = S(z_4) − y"),
  gradientRow("E24", "b", 4, String.raw`\nabla_{b_4} \mathcal{L} = \delta^4`, "∇b_4 = δ^4"),
  gradientRow("E25", "W", 4, String.raw`\nabla_{W_4} \mathcal{L} = \sigma(z_3)^T \delta^4`, "∇W_4 = σ(z_3)ᵀ δ^4"),
  deltaRow(
    "E26",
    3,
    String.raw`\delta^3 = ((S(z_4) - y) W_4^T) \odot \sigma'(z_3)`,
    "δ^3 = ((S(z_4) − y) W_4ᵀ) ⊙ σ′(z_3)",
  ),
  gradientRow("E27", "b", 3, String.raw`\nabla_{b_3} \mathcal{L} = \delta^3`, "∇b_3 = δ^3"),
  gradientRow("E28", "W", 3, String.raw`\nabla_{W_3} \mathcal{L} = \sigma(z_2)^T \delta^3`, "∇W_3 = σ(z_2)ᵀ δ^3"),
  deltaRow(
    "E29",
    2,
    String.raw`\delta^2 = ((((S(z_4) - y) W_4^T) \odot \sigma'(z_3)) W_3^T) \odot \sigma'(z_2)`,
    "δ^2 = (δ^3 W_3ᵀ) ⊙ σ′(z_2), written out in full",
  ),
  gradientRow("E30", "b", 2, String.raw`\nabla_{b_2} \mathcal{L} = \delta^2`, "∇b_2 = δ^2"),
  gradientRow("E31", "W", 2, String.raw`\nabla_{W_2} \mathcal{L} = \sigma(z_1)^T \delta^2`, "∇W_2 = σ(z_1)ᵀ δ^2"),
  deltaRow(
    "E32",
    1,
    String.raw`\delta^1 = ((((((S(z_4) - y) W_4^T) \odot \sigma'(z_3)) W_3^T) \odot \sigma'(z_2)) W_2^T) \odot \sigma'(z_1)`,
    "δ^1 = (δ^2 W_2ᵀ) ⊙ σ′(z_1), written out in full",
  ),
  gradientRow("E33", "b", 1, String.raw`\nabla_{b_1} \mathcal{L} = \delta^1`, "∇b_1 = δ^1"),
  gradientRow(
    "E34",
    "W",
    1,
    String.raw`\nabla_{W_1} \mathcal{L} = x^T \delta^1`,
    "∇W_1 = xᵀ δ^1",
    "The note prints ∇W_2 a second time here; W_1 is meant.",
  ),
];

/** The comparisons at the network's layer for a layer of the note; none if there is no such layer. */
function atLayer({ main }: Evidence, layer: NoteLayer, compare: (c: Case, l: number) => Comparison[]): Comparison[] {
  const l = noteLayer(layer, main.depth);
  return l === undefined ? [] : compare(main, l);
}

/** S(z_L) − y; of another loss ∂ℓ/∂z_L from its definition. */
function lastDelta({ loss, examples, targets }: Case, i: number): Ball[] {
  const { S, a } = examples[i]!;
  const t = targets[i]!;
  const mass = t.reduce((x, y) => BALLS.add(x, y));
  if (loss.name === "softmax-cross-entropy") return S.map((s, o) => BALLS.sub(BALLS.mul(mass, s), t[o]!));
  const z = a.at(-1)!.map(({ v, e }, o, all) => seed(v, o, all.length, e));
  const value = lossOf(loss, z, t);
  return z.map((_, o) => slope(value, o));
}

/** ((S(z_L) − y) W_Lᵀ) ⊙ σ′(z_{L−1}) … down to layer l, by the note's formulas, against ∂ℓ/∂z_l. */
function inFull(c: Case, l: number, formulas: Formulas): Comparison {
  const tally = new Tally(`δ^${l} written out from S(z_${c.depth}) − y`, FORMULA);
  const transposed = Array.from({ length: c.depth - l }, (_, m) => formulas.transpose(weightBalls(c, c.depth - m)));
  c.examples.forEach((_, i) => {
    let delta = lastDelta(c, i);
    transposed.forEach((Wt, m) => {
      delta = hadamard(formulas.product(delta, Wt), slopesOf(c, c.depth - m - 1, i, formulas));
    });
    for (const { column, k } of c.directions.in("z", l))
      against(tally, `δ^${l}[${i},${column}]`, delta[column]!.v, delta[column]!.e, c.slope(i, k));
  });
  return tally.done();
}
