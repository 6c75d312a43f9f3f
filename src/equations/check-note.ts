// The check: observe the implementation once, then compare row by row. The report is a value; check-report.ts and
// check-page.ts print it.
import { DELTA_ANSWERS, type DeltaAnswers } from "../gradients/delta-answers.ts";
import { gatherCase } from "./case.ts";
import { type Formulas, NOTE } from "./formulas.ts";
import type { Implementation, Problem } from "./implementation.ts";
import { probabilityRows } from "./logits.ts";
import { ROWS } from "./note.ts";
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
  /** σ of its hidden layers. */
  readonly activation: string;
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
  const { seed, sample, formulas = NOTE, answers = DELTA_ANSWERS, rows: chosen = ROWS, onRow } = options;
  const main = await gatherCase(implementation, problem, sample, seed);
  const shapes = [];
  for (const other of otherShapes(problem, seed)) shapes.push(await gatherCase(implementation, other, undefined, seed));
  const evidence: Evidence = { implementation, formulas, answers, seed, main, shapes };
  const rows: RowReport[] = [];
  for (const { check, ...row } of chosen) {
    const comparisons = (await check(evidence)).filter(({ numbers, skipped }) => numbers + skipped > 0);
    const numbers = comparisons.reduce((total, c) => total + c.numbers, 0);
    const verdict = numbers === 0 ? "absent" : comparisons.every(({ pass }) => pass) ? "pass" : "fail";
    const report: RowReport = { ...row, comparisons, numbers, verdict };
    rows.push(report);
    onRow?.(report);
  }
  const sampled = main.directions.variables.filter(({ kind }) => kind === "W" || kind === "b").length;
  return {
    subject: implementation.name,
    layers: problem.network.layers,
    activation: problem.network.activation,
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

/** Networks of depth 1, 2 and 6 with unequal widths, each with another objective, for "arbitrary" in section 2.1. */
function otherShapes({ network }: Problem, seed: number): Problem[] {
  const of = (layers: readonly number[], rows: number) => shapeProblem(layers, network.activation, rows, seed);
  return [
    { ...of([7, 5], 5), targets: probabilityRows(5, 5, seed) },
    { ...of([6, 9, 4], 3), labelSmoothing: 0.1 },
    { ...of([5, 7, 3, 6, 4, 8, 3], 4), classWeights: Float64Array.of(0.5, 1, 3) },
  ];
}
