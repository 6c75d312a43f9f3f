// Sub-path deltaprop/check: the equations, tested row by row on an implementation.

export type { DrawnRows } from "./engines/engine.ts";
export { type CheckOptions, type CheckReport, checkNote, type RowReport } from "./equations/check-note.ts";
export { htmlReport } from "./equations/check-page.ts";
export {
  type Coefficients,
  engineImplementation,
  type Implementation,
  type ImplementationOptions,
  type Observation,
  type OpenProblem,
  type OptimizerConstants,
  type Problem,
  referenceImplementation,
} from "./equations/implementation.ts";
export type { Proposition } from "./equations/rows.ts";
export { shapeProblem } from "./equations/shape-problems.ts";
export type { Comparison, Worst } from "./equations/tally.ts";
export type { Draws } from "./network/plan.ts";
export type { Precision } from "./numerics/rounding.ts";
