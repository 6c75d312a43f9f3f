// The losses beside softmax cross-entropy as the note's page shows them: their row of the check, δ^L in a step, and the
// numbers of one example by the formulas of gradients/elementwise-losses.ts.
import { MORE_LOSS_ROWS } from "../../equations/x22-x29-more-losses.ts";
import { gaussianTerm, TERM } from "../../gradients/elementwise-losses.ts";
import { type Loss, type LossName, lossParameters, outputsPerTarget } from "../../network/losses.ts";

type OtherLoss = Exclude<LossName, "softmax-cross-entropy">;

const ROW_OF: Readonly<Record<OtherLoss, string>> = {
  "sigmoid-cross-entropy": "X22",
  focal: "X23",
  "squared-error": "X24",
  "absolute-error": "X25",
  huber: "X26",
  quantile: "X27",
  poisson: "X28",
  gaussian: "X29",
};

/** The check's row of a loss: id, LaTeX, plain text and remark. */
export const rowOfLoss = (name: OtherLoss) => MORE_LOSS_ROWS.find(({ id }) => id === ROW_OF[name])!;

/** δ^L of a mini-batch, with Z for its outputs and T for its targets. */
export const DELTA_TEX: Readonly<Record<OtherLoss, string>> = {
  "sigmoid-cross-entropy": String.raw`\frac{1}{1 + e^{-Z}} - T`,
  focal: String.raw`(1 - T)\, p^\gamma (p - \gamma (1 - p) \log(1 - p)) - T (1 - p)^\gamma (1 - p - \gamma\, p \log p)`,
  "squared-error": "Z - T",
  "absolute-error": String.raw`\operatorname{sign}(Z - T)`,
  huber: String.raw`\max(-d, \min(d, Z - T))`,
  quantile: String.raw`[Z > T] - \tau`,
  poisson: "e^Z - T",
  gaussian: String.raw`\left((m - T) e^{-s},\ \tfrac{1}{2} - \tfrac{1}{2} (m - T)^2 e^{-s}\right)`,
};

/** ℓ of one output and ∂ℓ/∂z, by the loss's own formulas. */
export type OutputTerm = { readonly z: number; readonly t: number; readonly value: number; readonly slope: number };

/** Of each output z [C] for the targets t [T]; of a mean and its variance the loss is counted once. */
export function lossTerms(loss: Loss, z: ArrayLike<number>, t: ArrayLike<number>): readonly OutputTerm[] {
  const { name } = loss;
  if (name === "softmax-cross-entropy") return [];
  const per = outputsPerTarget(loss);
  const constants = lossParameters(loss, z.length);
  return Array.from(z, (output, c) => {
    const target = t[Math.floor(c / per)]!;
    if (name === "gaussian") {
      const first = c - (c % 2);
      const { value, slope, slope2 } = gaussianTerm(z[first]!, z[first + 1]!, target);
      return { z: output, t: target, value: c === first ? value : 0, slope: c === first ? slope : slope2 };
    }
    const w = constants[c]!;
    const { value, slope } = TERM[name](output, target, constants[z.length + c]!);
    return { z: output, t: target, value: w * value, slope: w * slope };
  });
}
