// E9 … E18: the last two layers of the note's network, with every Jacobian and tensor of the derivation built in full.
import { activationOf } from "../network/network.ts";
import { accumulatedBounds } from "./bounds.ts";
import { deltaBalls, inputBalls, slopesOf, weightBalls } from "./case-balls.ts";
import { slope } from "./dual.ts";
import { hadamard } from "./formulas.ts";
import {
  ACCUMULATED,
  against,
  deltaAgainstDuals,
  EXACT,
  FORMULA,
  LOCAL,
  type Row,
  recursionGivenAbove,
  singleAgainstDifferences,
  singleAgainstDuals,
} from "./rows.ts";
import { Tally } from "./tally.ts";

export const LAYER_ROWS: readonly Row[] = [
  {
    id: "E9",
    section: "2",
    latex: String.raw`f(x) = \sigma(\sigma(\sigma(xW_1 + b_1)W_2 + b_2)W_3 + b_3)W_4 + b_4`,
    text: "f(x) = σ(σ(σ(xW_1 + b_1)W_2 + b_2)W_3 + b_3)W_4 + b_4",
    remark: "The logits are z_4.",
    check({ main }) {
      const inputs = new Tally("X as it was given", EXACT);
      main.problem.features.forEach((x, at) => {
        inputs.add(`X[${at}]`, main.full.observation.input[at]!, x, 0);
      });
      const values = new Tally("σ(z_1) … and the logits, each layer from the implementation's own input to it", LOCAL);
      const whole = new Tally("the same from x and θ", ACCUMULATED);
      const alone = new Tally("every example alone, the same bits", EXACT);
      const sides = new Tally("which side of the kink, where rounding leaves no doubt", LOCAL);
      const kinked = (l: number) => ["relu", "leaky-relu"].includes(activationOf(main.network, l));
      const { bounds } = main.full;
      const { problem, targets, implementation } = main;
      const accumulated = accumulatedBounds(
        main.network,
        problem.parameters,
        main.full.observation,
        targets,
        implementation.precision,
        main.loss,
      );
      for (let l = 1; l <= main.depth; l++)
        for (let i = 0; i < main.rows; i++)
          for (let o = 0; o < main.width(l); o++) {
            const at = i * main.width(l) + o;
            const place = `a_${l}[${i},${o}]`;
            const got = main.activation(l, i, o);
            against(values, place, got, bounds.a[l - 1]![at]!, main.examples[i]!.own[l - 1]![o]!);
            against(whole, place, got, accumulated.a[l - 1]![at]!, main.truth[i]!.a[l - 1]![o]!);
            alone.add(place, main.singles[i]!.observation.outputs[l - 1]![o]!, got, 0);
            if (!kinked(l)) continue;
            const z = main.examples[i]!.z[l - 1]![o]!;
            if (Math.abs(z.v) > z.e + bounds.z[l - 1]![at]!) sides.add(place, got > 0 ? 1 : 0, z.v > 0 ? 1 : 0, 0);
          }
      const any = main.network.layers.some((_, l) => l > 0 && kinked(l));
      return [inputs, values, whole, alone, ...(any ? [sides] : [])].map((tally) => tally.done());
    },
  },
  {
    id: "E10",
    section: "2",
    latex: String.raw`\delta^4 = \frac{\partial \ell}{\partial z_4} = \frac{\partial \ell}{\partial f(x)} = S(z_4) - y`,
    text: "δ^4 = ∂ℓ/∂f(x) = S(z_4) − y",
    remark: "",
    check: ({ main }) => [deltaAgainstDuals(main, main.depth)],
  },
  {
    id: "E11",
    section: "2",
    latex: String.raw`\frac{\partial z_4}{\partial b_4} = I,\qquad \nabla_{b_4} = \delta^4 I = \delta^4`,
    text: "∂z_4/∂b_4 = I, so ∇b_4 = δ^4",
    remark: "",
    check({ main }) {
      const L = main.depth;
      const identity = new Tally("∂z_4/∂b_4, the whole matrix, is I", EXACT);
      for (const { column, k } of main.directions.in("b", L))
        main.examples[0]!.z[L - 1]!.forEach((z, c) => {
          identity.add(`∂z_${c}/∂b_${column}`, c === column ? 1 : 0, slope(z, k).v, slope(z, k).e);
        });
      return [identity.done(), singleAgainstDuals(main, "b", L)];
    },
  },
  {
    id: "E12",
    section: "2",
    latex: String.raw`\frac{\partial f(x)}{\partial W_4} \in C \times H \times C,\qquad \frac{\partial \ell}{\partial w_{p,q}} = \sigma(z_3)_p\, \delta^4_q`,
    text: "∂f/∂W_4 is a C×H×C tensor; ∂ℓ/∂w_pq = σ(z_3)_p δ^4_q",
    remark: "The note writes C×C×H for the tensor.",
    check({ main, formulas }) {
      const L = main.depth;
      const tensor = new Tally("∂f_c/∂w_pq, the whole tensor", FORMULA);
      const contracted = new Tally("Σ_c δ^4_c ∂f_c/∂w_pq", FORMULA);
      main.examples.forEach((example, i) => {
        const a = inputBalls(main, L, i);
        const delta = deltaBalls(main, L, i);
        for (const { row: p, column: q, k } of main.directions.in("W", L)) {
          const entries = delta.map((_, c) => formulas.weightTensor(a, c, p, q));
          entries.forEach(({ v, e }, c) => {
            against(tensor, `∂f_${c}/∂w_${p},${q} of example ${i}`, v, e, slope(example.z[L - 1]![c]!, k));
          });
          const [total] = formulas.product(
            delta,
            entries.map((entry) => [entry]),
          );
          against(contracted, `∂ℓ/∂w_${p},${q} of example ${i}`, total!.v, total!.e, main.slope(i, k));
        }
      });
      return [tensor.done(), contracted.done()];
    },
  },
  {
    id: "E13",
    section: "2",
    latex: String.raw`\nabla_{W_4} \ell = \sigma(z_3)^T \delta^4`,
    text: "∇W_4 = σ(z_3)ᵀ δ^4, an outer product",
    remark: "",
    check: ({ main }) => [singleAgainstDuals(main, "W", main.depth), singleAgainstDifferences(main, "W", main.depth)],
  },
  {
    id: "E14",
    section: "2",
    latex: String.raw`\frac{\partial f(x)}{\partial \sigma(z_3)} = W_4^T`,
    text: "∂f/∂σ(z_3) = W_4ᵀ",
    remark: "As it multiplies a row from the right.",
    check({ main, formulas }) {
      const L = main.depth;
      if (L < 2) return [];
      const tally = new Tally("∂f_c/∂σ(z_3)_p, the whole matrix", EXACT);
      const transposed = formulas.transpose(weightBalls(main, L));
      for (const { column: p, k } of main.directions.in("a", L - 1))
        main.examples[0]!.z[L - 1]!.forEach((z, c) => {
          const got = transposed[c]?.[p]?.v ?? Number.NaN;
          tally.add(`∂f_${c}/∂σ_${p}`, got, slope(z, k).v, slope(z, k).e);
        });
      return [tally.done()];
    },
  },
  {
    id: "E15",
    section: "2",
    latex: String.raw`\frac{\partial \sigma(z_3)}{\partial z_3} = \mathrm{diag}(\sigma'(z_3))`,
    text: "∂σ(z_3)/∂z_3 = diag(σ′(z_3))",
    remark: "σ′ is read from the activation, and σ′(0) = 0 for ReLU.",
    check({ main, formulas }) {
      const l = main.depth - 1;
      if (l < 1) return [];
      const tally = new Tally("∂σ(z_3)_i/∂z_3,k, the whole matrix", FORMULA);
      main.examples.forEach(({ a }, i) => {
        const D = formulas.diagonalMatrix(slopesOf(main, l, i, formulas));
        for (const { column, k } of main.directions.in("z", l))
          D.forEach((row, o) => {
            const { v, e } = row[column]!;
            against(tally, `∂σ_${o}/∂z_${column} of example ${i}`, v, e, slope(a[l - 1]![o]!, k));
          });
      });
      return [tally.done()];
    },
  },
  {
    id: "E16",
    section: "2",
    latex: String.raw`\nabla_{b_3} \ell = \delta^4 W_4^T\, \mathrm{diag}(\sigma'(z_3)) = (\delta^4 W_4^T) \odot \sigma'(z_3)`,
    text: "∇b_3 = δ^4 W_4ᵀ diag(σ′(z_3)) = (δ^4 W_4ᵀ) ⊙ σ′(z_3)",
    remark: "In the kernels the diagonal matrix is never built; here it is.",
    check({ main, formulas }) {
      const l = main.depth - 1;
      if (l < 1) return [];
      const built = new Tally("with the diagonal matrix", FORMULA);
      const masked = new Tally("with ⊙", FORMULA);
      const transposed = formulas.transpose(weightBalls(main, l + 1));
      main.examples.forEach((_, i) => {
        const slopes = slopesOf(main, l, i, formulas);
        const pulled = formulas.product(deltaBalls(main, l + 1, i), transposed);
        const byMatrix = formulas.product(pulled, formulas.diagonalMatrix(slopes));
        const byMask = hadamard(pulled, slopes);
        for (const { column, k } of main.directions.in("b", l)) {
          const place = `∇b_${l}[${column}] of example ${i}`;
          against(built, place, byMatrix[column]!.v, byMatrix[column]!.e, main.slope(i, k));
          against(masked, place, byMask[column]!.v, byMask[column]!.e, main.slope(i, k));
        }
      });
      return [built.done(), masked.done(), singleAgainstDuals(main, "b", l)];
    },
  },
  {
    id: "E17",
    section: "2",
    latex: String.raw`\delta^l = (\delta^{l+1} W_{l+1}^T) \odot \sigma'(z_l)`,
    text: "δ^l = (δ^{l+1} W_{l+1}ᵀ) ⊙ σ′(z_l)",
    remark: "Line by line: the implementation's own δ^{l+1} is taken as given. E20 follows the recursion from the top.",
    check: ({ main }) => Array.from({ length: main.depth - 1 }, (_, i) => recursionGivenAbove(main, i + 1, LOCAL)),
  },
  {
    id: "E18",
    section: "2",
    latex: String.raw`\nabla_{W_3} \ell = \sigma(z_2)^T \delta^3`,
    text: "∇W_3 = σ(z_2)ᵀ δ^3",
    remark: "",
    check: ({ main }) => (main.depth < 2 ? [] : [singleAgainstDuals(main, "W", main.depth - 1)]),
  },
];
