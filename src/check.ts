// Sub-path deltaprop/check: the equations, tested row by row on an implementation.

export { type CheckOptions, type CheckReport, checkNote } from "./equations/check-note.ts";
export { htmlReport } from "./equations/check-page.ts";
export {
  engineImplementation,
  type Implementation,
  type Observation,
  type Problem,
  referenceImplementation,
} from "./equations/implementation.ts";
export { shapeProblem } from "./equations/shape-problems.ts";
