// Running the rows: the evidence is gathered once, then every row compares. Returns a value; report.ts and html.ts show it.

import { gatherCase } from "./case.ts";
import { type Formulas, NOTE } from "./formulas.ts";
import type { Implementation, Problem } from "./implementation.ts";
import { probabilityRows } from "./logits.ts";
import { ROWS } from "./note.ts";
import type { Evidence, Row } from "./rows.ts";
import { shapeProblem } from "./shape-problems.ts";
import type { Comparison } from "./tally.ts";

/** A row with what its check found. */
export type RowReport = Omit<Row, "check"> & {
  readonly comparisons: readonly Comparison[];
  readonly numbers: number;
  /** absent: the network has no such layer, or the implementation no optimizers. */
  readonly verdict: "pass" | "fail" | "absent";
};

export type CheckReport = {
  readonly subject: string; // name of the implementation
  readonly layers: readonly number[];
  readonly activation: string;
  readonly batchSize: number;
  readonly seed: number;
  readonly roundoff: number;
  readonly parameters: number;
  readonly sampled: number; // parameters looked at
  readonly rows: readonly RowReport[];
  readonly numbers: number;
  readonly pass: boolean;
};

export type CheckOptions = {
  readonly seed: number;
  readonly sample?: number | undefined; //  about how many parameters to look at; all if not given
  readonly formulas?: Formulas; //          the note's; tests swap one for a mistake
  readonly rows?: readonly Row[]; //        every row if not given
  readonly onRow?: (row: RowReport) => void;
};

/** Check every row on this implementation and problem (a network with parameters and one batch). */
export async function checkNote(
  implementation: Implementation,
  problem: Problem,
  options: CheckOptions,
): Promise<CheckReport> {
  const { seed, sample, formulas = NOTE, rows: chosen = ROWS, onRow } = options;
  const main = await gatherCase(implementation, problem, sample, seed);
  const shapes = [];
  for (const other of otherShapes(problem, seed)) shapes.push(await gatherCase(implementation, other, undefined, seed));
  const evidence: Evidence = { implementation, formulas, seed, main, shapes };
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
    ...{ layers: problem.network.layers, activation: problem.network.activation },
    ...{ batchSize: main.rows, seed, roundoff: implementation.precision.roundoff },
    ...{ parameters: problem.parameters.length, sampled, rows },
    numbers: rows.reduce((total, row) => total + row.numbers, 0),
    pass: rows.every(({ verdict }) => verdict !== "fail"),
  };
}

/** Networks of depth 1, 2 and 6 with unequal widths, each with another loss: what "arbitrary" in section 2.1 is held to. */
function otherShapes({ network }: Problem, seed: number): Problem[] {
  const of = (layers: readonly number[], rows: number) => shapeProblem(layers, network.activation, rows, seed);
  return [
    { ...of([7, 5], 5), targets: probabilityRows(5, 5, seed) },
    { ...of([6, 9, 4], 3), labelSmoothing: 0.1 },
    { ...of([5, 7, 3, 6, 4, 8, 3], 4), classWeights: Float64Array.of(0.5, 1, 3) },
  ];
}
