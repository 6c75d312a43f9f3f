// Options of a step that are absent where they are off, so that records without them stay as they are.
import { must } from "../errors.ts";
import type { OptimizerSettings } from "./optimizer.ts";

/** An optimizer, and what bounds its steps. */
export type StepOptions = OptimizerSettings & {
  /** The most of ‖∇θ‖, > 0: a longer gradient of a step is shortened to it. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** The most of the norm of each unit's incoming weights, > 0: longer ones are shortened. Default: no limit. */
  readonly maxNorm?: number | undefined;
};

/** Every option that a record has only where it was given, but for the loss. */
export const STEP_OPTIONS = ["clipNorm", "l1", "maxNorm"] as const;

/** Raises InvalidInput naming the first that is out of range. */
export function checkStepOptions(options: StepOptions): void {
  for (const name of ["clipNorm", "maxNorm"] as const) {
    const value = options[name];
    must(value === undefined || (value > 0 && Number.isFinite(value)), name, "a finite number > 0", value);
  }
}

/** Those given, in words. */
export function stepWords(options: StepOptions): string[] {
  const { clipNorm, l1, maxNorm } = options;
  return [
    ...(l1 === undefined ? [] : [`L1 ${l1}`]),
    ...(clipNorm === undefined ? [] : [`gradient norm ≤ ${clipNorm}`]),
    ...(maxNorm === undefined ? [] : [`unit norm ≤ ${maxNorm}`]),
  ];
}
