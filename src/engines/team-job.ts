// What a team of threads is told to do, and how far it came.
import type { Optimizer } from "../gradients/kernels.ts";

/** What a session has its team do. `length` is the number of rows in the order. */
export type TeamJob = (
  | { readonly kind: "train"; readonly length: number; readonly optimizer: Optimizer; readonly from: number }
  | { readonly kind: "evaluate"; readonly length: number }
  | { readonly kind: "examples"; readonly length: number }
  | { readonly kind: "score"; readonly from: number; readonly length: number }
  | { readonly kind: "gradients"; readonly length: number }
  | { readonly kind: "noisy"; readonly length: number; readonly optimizer: Optimizer; readonly empty: boolean }
) & { readonly fresh?: readonly Fresh[] | undefined };

/** What rank 0 of a job of several ranks was given since its last job, and the others have not. */
export type Fresh = "parameters" | "states" | "examples";

/**
 * How far a job came: training steps whose row pass ran, those before `from` counted in; positions of an evaluation;
 * otherwise `length`. And the training step that was not applied (−1 if none).
 */
export type TeamResult = { readonly done: number; readonly stoppedAt: number };
