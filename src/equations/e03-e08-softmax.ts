// E3 … E8: softmax, its Jacobian and the loss, as functions of one row of logits.
import { BALLS, type Ball, exact } from "./ball.ts";
import { log, mul, slope, sum, seed as variable } from "./dual.ts";
import type { Formulas } from "./formulas.ts";
import { chooseLogits, observeLogits, observeSoftmax, oneHot, probabilityRows, softmaxDuals } from "./logits.ts";
import { softmaxBounds } from "./loss-bounds.ts";
import { against, type Evidence, FORMULA, LOCAL, type Row } from "./rows.ts";
import { type Comparison, Tally } from "./tally.ts";

export const SOFTMAX_ROWS: readonly Row[] = [
  {
    id: "E3",
    section: "2",
    latex: String.raw`S_i(z) = \frac{\exp(z_i)}{\sum_{j=1}^{C} \exp(z_j)}`,
    text: "S_i(z) = exp z_i / Σ_j exp z_j",
    remark: "Shifted by max z, so that no exp overflows.",
    async check({ implementation, main, seed }) {
      const logits = chooseLogits(main, seed);
      const S = await observeSoftmax(implementation, logits);
      const values = new Tally("S at mild and extreme logits", LOCAL);
      const sums = new Tally("Σ_i S_i = 1", LOCAL);
      logits.rows.forEach((row, r) => {
        const expected = softmaxDuals(row, oneHot(row.length, 0)).S;
        row.forEach((_, i) => {
          against(values, `S_${i} at logits ${r}`, S[r]![i]!.v, S[r]![i]!.e, expected[i]!);
        });
        const total = S[r]!.reduce((x, y) => BALLS.add(x, y));
        against(sums, `logits ${r}`, total.v, total.e, exact(1));
      });
      return [values.done(), sums.done()];
    },
  },
  {
    id: "E4",
    section: "2",
    latex: String.raw`i \neq k:\quad \frac{\partial S_i}{\partial z_k} = -S_i(z)\,S_k(z)`,
    text: "i ≠ k: ∂S_i/∂z_k = −S_i S_k",
    remark: "",
    check: (evidence) =>
      jacobian(
        evidence,
        "off the diagonal",
        (i, k) => i !== k,
        ({ offDiagonal }, S, i, k) => offDiagonal(S[i]!, S[k]!),
      ),
  },
  {
    id: "E5",
    section: "2",
    latex: String.raw`\frac{\partial S_i}{\partial z_i} = S_i(z)\,(1 - S_i(z))`,
    text: "∂S_i/∂z_i = S_i (1 − S_i)",
    remark: "",
    check: (evidence) =>
      jacobian(
        evidence,
        "on the diagonal",
        (i, k) => i === k,
        ({ diagonal }, S, i) => diagonal(S[i]!),
      ),
  },
  {
    id: "E6",
    section: "2",
    latex: String.raw`\frac{\partial \ell}{\partial S(z)} = -\,\class{bracketed}{\begin{matrix} \dfrac{y_1}{S_1(z)} & \dots & \dfrac{y_C}{S_C(z)} \end{matrix}}`,
    text: "∂ℓ/∂S = −[y_1/S_1 … y_C/S_C]",
    remark: "",
    async check({ implementation, main, seed, formulas }) {
      const logits = chooseLogits(main, seed);
      const C = main.width(main.depth);
      const Y = probabilityRows(logits.mild, C, seed);
      const tally = new Tally("∂ℓ/∂S at mild logits", FORMULA);
      (await observeSoftmax(implementation, logits)).slice(0, logits.mild).forEach((row, r) => {
        const y = row.map((_, c) => exact(Y[r * C + c]!));
        const loss = sum(row.map(({ v }, c) => mul(exact(-y[c]!.v), log(variable(v, c, C)))));
        row.forEach(({ v }, c) => {
          const got = formulas.lossBySoftmax(y[c]!, exact(v));
          against(tally, `∂ℓ/∂S_${c} at logits ${r}`, got.v, got.e, slope(loss, c));
        });
      });
      return [tally.done()];
    },
  },
  {
    id: "E7",
    section: "2",
    latex: String.raw`\frac{\partial S(z)}{\partial z} = \class{bracketed}{\begin{matrix} S_1(1 - S_1) & \dots & -S_1 S_C \\ \vdots & \ddots & \vdots \\ -S_C S_1 & \dots & S_C(1 - S_C) \end{matrix}}`,
    text: "Jacobian ∂S/∂z: E5 on the diagonal, E4 off it",
    remark:
      "The note's prose prints −S_i S_i for the off-diagonal entries; its matrix has −S_i S_j, which is right, and is what is checked.",
    async check(evidence) {
      const { implementation, main, seed, formulas } = evidence;
      const whole = new Tally("∂S/∂z, the whole matrix", FORMULA);
      const zero = new Tally("every row and column sums to 0", FORMULA);
      const logits = chooseLogits(main, seed);
      (await observeSoftmax(implementation, logits)).forEach((S, r) => {
        const J = formulas.softmaxJacobian(S);
        const duals = softmaxDuals(logits.rows[r]!, oneHot(S.length, 0)).S;
        S.forEach((_, k) => {
          S.forEach((_, i) => {
            against(whole, `∂S_${i}/∂z_${k} at logits ${r}`, J[i]![k]!.v, J[i]![k]!.e, slope(duals[i]!, k));
          });
          for (const [name, line] of [
            ["row", J[k]!],
            ["column", J.map((row) => row[k]!)],
          ] as const) {
            const total = line.reduce((x, y) => BALLS.add(x, y));
            against(zero, `${name} ${k} at logits ${r}`, total.v, total.e, exact(0));
          }
        });
      });
      return [whole.done(), zero.done()];
    },
  },
  {
    id: "E8",
    section: "2",
    latex: String.raw`\frac{\partial \ell}{\partial z} = \frac{\partial \ell}{\partial S(z)} \frac{\partial S(z)}{\partial z} = S(z) - y`,
    text: "∂ℓ/∂z = (∂ℓ/∂S)(∂S/∂z) = S(z) − y",
    remark: "Uses Σ y_i = 1. A target row y may be any probability row.",
    async check({ implementation, main, seed, formulas }) {
      const logits = chooseLogits(main, seed);
      const C = main.width(main.depth);
      const K = logits.rows.length;
      const labels = Int32Array.from({ length: K }, (_, i) => i % C);
      const Y = probabilityRows(K, C, seed);
      const hard = await observeLogits(implementation, logits, labels);
      const soft = await observeLogits(implementation, logits, labels, Y);
      const S = await observeSoftmax(implementation, logits);
      const tallies = {
        hard: new Tally("δ = S − y for class labels, mild and extreme logits", LOCAL),
        soft: new Tally("δ = S − y for probability rows, mild and extreme logits", LOCAL),
        product: new Tally("the product (∂ℓ/∂S)(∂S/∂z), multiplied out, mild logits", FORMULA),
      };
      logits.rows.forEach((row, r) => {
        const rowY = row.map((_, c) => exact(Y[r * C + c]!));
        for (const [name, observation, t] of [
          ["hard", hard, oneHot(C, labels[r]!)],
          ["soft", soft, rowY],
        ] as const) {
          const { loss } = softmaxDuals(row, t);
          const { deltas } = softmaxBounds(row.map(exact), t, implementation.precision);
          row.forEach((_, c) => {
            const got = observation.deltas[0]![r * C + c]!;
            against(tallies[name], `δ_${c} at logits ${r}`, got, deltas[c]!.e, slope(loss, c));
          });
          if (name === "hard" || r >= logits.mild) continue;
          const byS = S[r]!.map((Sc, c) => formulas.lossBySoftmax(t[c]!, Sc));
          formulas.product(byS, formulas.softmaxJacobian(S[r]!)).forEach(({ v, e }, c) => {
            against(tallies.product, `∂ℓ/∂z_${c} at logits ${r}`, v, e, slope(loss, c));
          });
        }
      });
      return [tallies.hard.done(), tallies.soft.done(), tallies.product.done()];
    },
  },
];

/** The chosen entries of ∂S/∂z by a formula of the observed S, against dual numbers, at mild and extreme logits. */
async function jacobian(
  { implementation, main, seed, formulas }: Evidence,
  which: string,
  chosen: (i: number, k: number) => boolean,
  formula: (f: Formulas, S: readonly Ball[], i: number, k: number) => Ball,
): Promise<Comparison[]> {
  const tally = new Tally(`∂S/∂z ${which}`, FORMULA);
  const logits = chooseLogits(main, seed);
  (await observeSoftmax(implementation, logits)).forEach((S, r) => {
    const duals = softmaxDuals(logits.rows[r]!, oneHot(S.length, 0)).S;
    for (let i = 0; i < S.length; i++)
      for (let k = 0; k < S.length; k++) {
        if (!chosen(i, k)) continue;
        const got = formula(formulas, S, i, k);
        against(tally, `∂S_${i}/∂z_${k} at logits ${r}`, got.v, got.e, slope(duals[i]!, k));
      }
  });
  return [tally.done()];
}
