// What a team is told to do, what comes of it, and what its thread 0 exchanges with other ranks meanwhile.
import type { Optimizer } from "../gradients/kernels.ts";
import type { Control, Waiting } from "./control.ts";

/** What a session has its team do. `length` is the number of rows in the order. */
export type TeamJob = (
  | ({ readonly kind: "train"; readonly optimizer: Optimizer; readonly from: number } & Drawing)
  | { readonly kind: "evaluate"; readonly length: number }
  | { readonly kind: "examples"; readonly length: number }
  | { readonly kind: "score"; readonly from: number; readonly length: number }
  | ({ readonly kind: "gradients" } & Drawing)
  | Noisy
) & { readonly fresh?: readonly Fresh[] | undefined };

/** `keyed`: the noise is that of the key in memory, not the one that lies there. */
type Noisy = {
  readonly kind: "noisy";
  readonly length: number;
  readonly optimizer: Optimizer;
  readonly empty: boolean;
  readonly keyed: boolean;
};

/** A job whose rows are given the draws of `epoch`, from 1; 0: none. */
type Drawing = { readonly length: number; readonly epoch: number };

/** What rank 0 of a job of several ranks was given since its last job, and the others have not. */
export type Fresh = "parameters" | "states" | "examples" | "fields";

/**
 * How far a job came: training steps whose row pass ran, those before `from` counted in; positions of an evaluation;
 * otherwise `length`. And the training step that was not applied (−1 if none).
 */
export type TeamResult = { readonly done: number; readonly stoppedAt: number };

/** What thread 0 does with the other ranks of a job, while its team waits. */
export type Exchange = {
  /** Before a job: what rank 0 was given and the others need. */
  begin(job: TeamJob): void;
  /** Within the row pass of `count` rows: `stages` of it are done here, and can be on their way. */
  rowsSoFar(count: number, stages: number): void;
  /** After it: every rank's rows of a and δ; and rank 0's wish to stop. */
  rows(count: number): void;
  /** The same where sums go from rank to rank: losses and predictions alone. */
  losses(count: number): void;
  /** Within the weight pass: a part of ∇θ is here, with the rows of the ranks before in its sums. */
  takeSums(part: number): void;
  /** This rank's rows are in them, too. */
  passSums(part: number): void;
  /** After the last part: ∇θ is here, with the rows of all ranks. */
  sums(): void;
  /** Within the weight pass: every rank's sums of squares of rows of ∇W. */
  squares(): void;
  /** Within the weight pass: the first `parts` of all W are done here, and can be on their way. */
  weightsSoFar(parts: number): void;
  /** After it: every rank's rows of each W. */
  weights(): void;
  /** After a job: its results, on every rank. */
  end(job: TeamJob): void;
};

/** How a thread waits for its team, and when the leader ends a job early. */
export type Pacing = Waiting & {
  /** Called by thread 0 at the start of every training step and of every forward pass; true ends the job after it. */
  readonly pause: (control: Control) => boolean;
};
