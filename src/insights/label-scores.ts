// Labels that look wrong: scores of every row by networks that never saw it, and the rows where another class is more
// likely. Formulas and papers: docs/beyond-the-note.md.
import type { Dataset } from "../data/dataset.ts";
import type { Network } from "../network/network.ts";
import type { ClassIndices } from "../network/targets.ts";
import type { NetworkOf } from "../training/plan-training.ts";
import { argmax, type CrossValidation, type CrossValidationOptions } from "./cross-validation.ts";
import { joinViews, judgedViews } from "./two-views.ts";

/** Scores of each row [N]. A label is the more doubtful the lower the first two and the higher the others. */
export type LabelScores = {
  /** p of the given label, in [0, 1]. */
  readonly selfConfidence: Float64Array;
  /** p of the given label less the largest other, in [−1, 1]. */
  readonly margin: Float64Array;
  /** EL2N = ‖p − y‖, the norm of δ^L, in [0, √2]. */
  readonly el2n: Float64Array;
  /** GraNd = ‖g_i‖ after training, ≥ 0. */
  readonly grand: Float64Array;
  /** Σ η‖g_i‖² over the steps that trained on the row, ≥ 0. */
  readonly selfInfluence: Float64Array;
  /** The share of networks that predict another class, in [0, 1]. */
  readonly disagreement: Float64Array;
};

/** Names of the scores. */
export const LABEL_SCORES = [
  "margin",
  "selfConfidence",
  "el2n",
  "grand",
  "selfInfluence",
  "disagreement",
] as const satisfies readonly (keyof LabelScores)[];

/** A score's name. */
export type LabelScore = (typeof LABEL_SCORES)[number];

const LOW: readonly LabelScore[] = ["margin", "selfConfidence"]; // doubtful where they are low

/** The labels of a data set, judged. */
export type LabelReport = {
  /** Of each row. */
  readonly scores: LabelScores;
  /** [N], row numbers from 0, the most doubtful first by the score that was asked for; of equals the lower number. */
  readonly ranking: Uint32Array;
  /** [N], the likeliest class other than the given one. */
  readonly suggested: Int32Array;
  /**
   * [N], 1 where a class other than the given one is likelier than is usual for that class's own rows (confident
   * learning), else 0.
   */
  readonly suspected: Uint8Array;
  /** Where the scores come from; of pictures the two of `views` joined, with `network` and `options` of the first. */
  readonly judged: CrossValidation;
  /** The cross-validations: of the rows as they are, and of pictures of bytes also by their oriented gradients. */
  readonly views: readonly CrossValidation[];
};

/** Options of `mislabelled`. */
export type MislabelledOptions = CrossValidationOptions & {
  /** The score to rank by. Default "margin". */
  readonly by?: LabelScore | undefined;
  /** Epochs of the networks of oriented gradients, ≥ 1. Default: as the others. */
  readonly gradientEpochs?: number | undefined;
};

/**
 * Judge every label of `data` by networks that never saw its row, trained here; of pictures by networks of the pixels
 * and as many of oriented gradients, with the same hidden layers. Nothing is changed or left out. Raises as
 * crossValidate does.
 */
export async function mislabelled(
  network: Network | NetworkOf,
  data: Dataset,
  { by = "margin", gradientEpochs, ...options }: MislabelledOptions = {},
): Promise<LabelReport> {
  const views = await judgedViews(network, data, options, gradientEpochs);
  const { labels } = data;
  const judged = joinViews(views, labels);
  const C = data.classes.length;
  const { probabilities: p, gradientNorms: grand, selfInfluence, disagreement } = judged;
  const { suggested, selfConfidence, suspected } = doubtedLabels(p, labels, C);
  const margin = selfConfidence.map((own, i) => own - p[i * C + suggested[i]!]!);
  const el2n = Float64Array.from(labels, (label, i) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += (p[i * C + c]! - Number(c === label)) ** 2;
    return Math.sqrt(sum);
  });
  const scores = { selfConfidence, margin, el2n, grand, selfInfluence, disagreement };
  return {
    scores,
    ranking: rankedBy(scores[by], LOW.includes(by)),
    suggested,
    suspected,
    judged,
    views,
  };
}

/** Row numbers by a score; of equals the lower number first. */
function rankedBy(score: Float64Array, ascending: boolean): Uint32Array {
  const sign = ascending ? 1 : -1;
  return Uint32Array.from(score.keys()).sort((a, b) => sign * (score[a]! - score[b]!) || a - b);
}

function likeliestOther(p: Float64Array, at: number, C: number, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let c = 0; c < C; c++) if (c !== label && p[at + c]! > p[at + best]!) best = c;
  return best;
}

/** Where a class is easy its mean p is near 1, and hardly a row of another label would reach it. */
const MOST_ASKED = 0.9;

/** Probabilities of rows that a model did not train on, and their labels, judged. */
export type DoubtedLabels = {
  /** [N], p of the given label, in [0, 1]. */
  readonly selfConfidence: Float64Array;
  /** [N], the likeliest class other than the given one. */
  readonly suggested: Int32Array;
  /** [N], 1 where confident learning counts the label as wrong, else 0. */
  readonly suspected: Uint8Array;
};

/** What probabilities [N×C] of rows that a model never saw say of their labels [N]. */
export function doubtedLabels(p: Float64Array, labels: ClassIndices, C: number): DoubtedLabels {
  const suggested = Int32Array.from(labels, (label, i) => likeliestOther(p, i * C, C, label));
  const selfConfidence = Float64Array.from(labels, (label, i) => p[i * C + label]!);
  return { selfConfidence, suggested, suspected: confidentErrors(p, labels, selfConfidence, C) };
}

/**
 * Northcutt, Jiang and Chuang (JAIR 70, 2021): t_c is the mean p_c of the rows labelled c, at most MOST_ASKED; of the
 * classes with p_c ≥ t_c the likeliest is counted as true, and a row is suspected where that is not its label.
 */
function confidentErrors(p: Float64Array, labels: ClassIndices, own: Float64Array, C: number): Uint8Array {
  const sums = new Float64Array(C);
  const counts = new Float64Array(C);
  labels.forEach((label, i) => {
    sums[label]! += own[i]!;
    counts[label]!++;
  });
  const threshold = sums.map((sum, c) =>
    counts[c]! > 0 ? Math.min(MOST_ASKED, sum / counts[c]!) : Number.POSITIVE_INFINITY,
  );
  return Uint8Array.from(labels, (label, i) => {
    const row = Float64Array.from(threshold, (t, c) => (p[i * C + c]! >= t ? p[i * C + c]! : -1));
    const best = argmax(row, 0, C);
    return Number(row[best]! >= 0 && best !== label);
  });
}
