// The check: observe the implementation once, then compare row by row. The report is a value; check-report.ts and
// check-page.ts print it.
import { DELTA_ANSWERS, type DeltaAnswers } from "../gradients/delta-answers.ts";
import { outputsPerTarget, SOFTMAX } from "../network/losses.ts";
import { activationText, defineNetwork, layerOptionsOf } from "../network/network.ts";
import { layerOffsets } from "./bounds.ts";
import { chooseVariables, gatherCase } from "./case.ts";
import { type Formulas, NOTE } from "./formulas.ts";
import type { Implementation, Problem } from "./implementation.ts";
import { probabilityRows } from "./logits.ts";
import { OF_SOFTMAX, ROWS } from "./note.ts";
import { Directions } from "./oracle.ts";
import type { Evidence, Proposition, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import type { Comparison } from "./tally.ts";

/** A row and the result of its check. */
export type RowReport = Proposition & {
  /** Those with at least one number compared or skipped. */
  readonly comparisons: readonly Comparison[];
  /** Numbers compared, over all comparisons. */
  readonly numbers: number;
  /** absent: the network has no such layer, or the implementation no optimizers. */
  readonly verdict: "pass" | "fail" | "absent";
};

/** The result of a check. */
export type CheckReport = {
  /** Name of the implementation. */
  readonly subject: string;
  /** D, the hidden sizes and C of the problem's network. */
  readonly layers: readonly number[];
  /** σ of its hidden layers: one name, or one for each with commas between. */
  readonly activation: string;
  /** Whether the network has layer normalization: the note's equations are then about it without, X49 about it all. */
  readonly layerNorm?: boolean | undefined;
  /** The same of residual connections, and X50. */
  readonly residual?: boolean | undefined;
  /** The loss of the problem; absent for the note's own. */
  readonly loss?: string | undefined;
  /** B of the problem's batch. */
  readonly batchSize: number;
  /** Of the options. */
  readonly seed: number;
  /** u of the implementation's precision: 2⁻²⁴ or 2⁻⁵³. */
  readonly roundoff: number;
  /** Weights and biases of the network. */
  readonly parameters: number;
  /** Weights and biases whose gradients were compared. */
  readonly sampled: number;
  /** E1 … E37, then X1 … */
  readonly rows: readonly RowReport[];
  /** Numbers compared, over all rows. */
  readonly numbers: number;
  /** Whether no row failed. */
  readonly pass: boolean;
};

/** How to check. */
export type CheckOptions = {
  /** Of the sample, of the random logits and of the problems of other shapes: an integer in [0, 2⁵³). */
  readonly seed: number;
  /** About how many parameters to compare gradients of, ≥ 1. Default: all. */
  readonly sample?: number | undefined;
  /**
   * Default: the note's. Tests plant mistakes here.
   * @internal
   */
  readonly formulas?: Formulas | undefined;
  /**
   * Default: those of the library. Tests plant mistakes here.
   * @internal
   */
  readonly answers?: DeltaAnswers | undefined;
  /**
   * Default: every row.
   * @internal
   */
  readonly rows?: readonly Row[] | undefined;
  /** Called with each row's report as soon as it is there. Default: none. */
  readonly onRow?: ((row: RowReport) => void) | undefined;
};

/** Check every row for this implementation, on a problem (a network, parameters, one batch) and on small ones. */
export async function checkNote(
  implementation: Implementation,
  problem: Problem,
  options: CheckOptions,
): Promise<CheckReport> {
  const { seed, sample, formulas = NOTE, answers = DELTA_ANSWERS, onRow } = options;
  const noted = (problem.loss ?? SOFTMAX).name === "softmax-cross-entropy";
  const chosen = (options.rows ?? ROWS).filter(({ id }) => noted || !OF_SOFTMAX.includes(id));
  const plain = withoutBetween(problem);
  const main = await gatherCase(implementation, plain, sample, seed);
  const shapes = [];
  for (const other of otherShapes(plain, seed)) shapes.push(await gatherCase(implementation, other, undefined, seed));
  const directions = plain === problem ? main.directions : wholeDirections(problem, sample, seed);
  const whole = plain === problem ? undefined : { problem, directions };
  const evidence: Evidence = { implementation, formulas, answers, seed, main, shapes, whole };
  const rows: RowReport[] = [];
  for (const { check, ...row } of chosen) {
    const comparisons = (await check(evidence)).filter(({ numbers, skipped }) => numbers + skipped > 0);
    const numbers = comparisons.reduce((total, c) => total + c.numbers, 0);
    const verdict = numbers === 0 ? "absent" : comparisons.every(({ pass }) => pass) ? "pass" : "fail";
    const report: RowReport = { ...row, comparisons, numbers, verdict };
    rows.push(report);
    onRow?.(report);
  }
  const sampled = directions.variables.filter(({ kind }) => kind !== "z" && kind !== "a").length;
  return {
    subject: implementation.name,
    layers: problem.network.layers,
    activation: activationText(problem.network),
    ...layerOptionsOf(problem.network),
    ...(noted ? {} : { loss: problem.loss!.name }),
    batchSize: main.rows,
    seed,
    roundoff: implementation.precision.roundoff,
    parameters: problem.parameters.length,
    sampled,
    rows,
    numbers: rows.reduce((total, row) => total + row.numbers, 0),
    pass: rows.every(({ verdict }) => verdict !== "fail"),
  };
}

const wholeDirections = ({ network }: Problem, sample: number | undefined, seed: number) =>
  new Directions(chooseVariables(network, sample, seed));

/** The same W and b in a network of the note; the problem itself where its network is one. */
function withoutBetween(problem: Problem): Problem {
  const { network, parameters } = problem;
  if (!network.layerNorm && !network.residual) return problem;
  const parts = layerOffsets(network.layers, network.layerNorm).map(({ O, W, b }) => parameters.subarray(W, b + O));
  const all = Float64Array.from(parts.flatMap((part) => [...part]));
  return { ...problem, network: defineNetwork(network.layers, network.activation), parameters: all };
}

/**
 * Networks of depth 1, 2 and 6 with unequal widths, for "arbitrary" in section 2.1: under softmax cross-entropy each
 * with another objective. A list of activations is repeated over the hidden layers.
 */
function otherShapes({ network, loss = SOFTMAX }: Problem, seed: number): Problem[] {
  const list = typeof network.activation === "string" ? [network.activation] : network.activation;
  const of = (layers: readonly number[], rows: number) => {
    const hidden = Array.from({ length: layers.length - 2 }, (_, h) => list[h % list.length]!);
    return shapeProblem(layers, hidden, rows, seed, loss);
  };
  if (loss.name !== "softmax-cross-entropy") {
    const outputs = 2 * outputsPerTarget(loss);
    return [of([7, outputs], 5), of([6, 9, outputs], 3), of([5, 7, 3, 6, 4, 8, outputs], 4)];
  }
  return [
    { ...of([7, 5], 5), targets: probabilityRows(5, 5, seed) },
    { ...of([6, 9, 4], 3), labelSmoothing: 0.1 },
    { ...of([5, 7, 3, 6, 4, 8, 3], 4), classWeights: Float64Array.of(0.5, 1, 3) },
  ];
}
