// Options of a step that are absent where they are off, so that records without them stay as they are.
import { must } from "../errors.ts";
import type { Draws } from "../network/plan.ts";
import type { OptimizerSettings } from "./optimizer.ts";

/** An optimizer, and what bounds its steps. */
export type StepOptions = OptimizerSettings & {
  /** The most of ‖∇θ‖, > 0: a longer gradient of a step is shortened to it. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** The most of the norm of each unit's incoming weights, > 0: longer ones are shortened. Default: no limit. */
  readonly maxNorm?: number | undefined;
  /**
   * > 0: a learned scale of each input before the first layer, from 1 on, with so many times the step of other
   * parameters; 6 is usual. The model's W₁ holds it. Default: none.
   */
  readonly frontScale?: number | undefined;
  /** p in (0, 1): the share of hidden units that a training step leaves out of each example. Default: none. */
  readonly dropout?: number | undefined;
  /** p in (0, 1): the share of inputs that a training step leaves out of each example. Default: none. */
  readonly inputDropout?: number | undefined;
  /** σ > 0 of normal noise on the scaled inputs of training steps. Default: none. */
  readonly inputNoise?: number | undefined;
  /**
   * α > 0: mixup. A training step mixes each row and its target with another row of the step, in shares λ and 1 − λ, λ
   * from Beta(α, α); 0.2 is usual. Default: none.
   */
  readonly mixup?: number | undefined;
  /**
   * Which member of an ensemble this is, an integer ≥ 1: its weights and steps are drawn as with the seed that is so
   * much larger, the parts of the data as with `seed`. Default: the first, which is drawn with `seed`.
   */
  readonly member?: number | undefined;
};

/** Every option that a record has only where it was given, but for the loss. */
export const STEP_OPTIONS = [
  "clipNorm",
  "l1",
  "maxNorm",
  "dropout",
  "inputDropout",
  "inputNoise",
  "mixup",
  "averageDecay",
  "frontScale",
  "member",
] as const;

/** Raises InvalidInput naming the first that is out of range. */
export function checkStepOptions(options: StepOptions): void {
  const { member } = options;
  must(member === undefined || (Number.isInteger(member) && member >= 1), "member", "an integer ≥ 1", member);
  for (const name of ["dropout", "inputDropout"] as const) {
    const share = options[name];
    must(share === undefined || (share > 0 && share < 1), name, "a number in (0, 1)", share);
  }
  for (const name of ["clipNorm", "maxNorm", "inputNoise", "mixup", "frontScale"] as const) {
    const value = options[name];
    must(value === undefined || (value > 0 && Number.isFinite(value)), name, "a finite number > 0", value);
  }
}

type Seeded = StepOptions & { readonly seed: number };

/** Of the draws of weights, orders and steps, an integer in [0, 2⁵³). */
export const drawSeed = ({ seed, member = 0 }: Seeded): number =>
  seed > Number.MAX_SAFE_INTEGER - member ? seed - Number.MAX_SAFE_INTEGER + member - 1 : seed + member;

/** What a training step draws, if anything. */
export function drawsOf(options: Seeded): Draws | undefined {
  const { dropout, inputDropout, inputNoise } = options;
  return [dropout, inputDropout, inputNoise].every((one) => one === undefined)
    ? undefined
    : { seed: drawSeed(options), dropout, inputDropout, inputNoise };
}

/** Those given, in words. */
export function stepWords(options: StepOptions): string[] {
  const { clipNorm, l1, maxNorm, dropout, inputDropout, inputNoise, mixup, averageDecay, frontScale, member } = options;
  return [
    ...(l1 === undefined ? [] : [`L1 ${l1}`]),
    ...(clipNorm === undefined ? [] : [`gradient norm ≤ ${clipNorm}`]),
    ...(maxNorm === undefined ? [] : [`unit norm ≤ ${maxNorm}`]),
    ...(dropout === undefined ? [] : [`dropout ${dropout}`]),
    ...(inputDropout === undefined ? [] : [`input dropout ${inputDropout}`]),
    ...(inputNoise === undefined ? [] : [`input noise ${inputNoise}`]),
    ...(mixup === undefined ? [] : [`mixup ${mixup}`]),
    ...(frontScale === undefined ? [] : [`inputs scaled (rate × ${frontScale})`]),
    ...(averageDecay === undefined ? [] : [`weights averaged (${averageDecay})`]),
    ...(member === undefined ? [] : [`member ${member + 1} of an ensemble`]),
  ];
}
