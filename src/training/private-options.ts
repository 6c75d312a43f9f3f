// Options of private training and their ranges; settle-private.ts has what must hold of the data.
import { InvalidInput, must } from "../errors.ts";
import { checkSeed } from "../network/parameters.ts";
import { STEP_OPTIONS } from "./step-options.ts";

/** What a private run promises, and how it clips. */
export type PrivateOptions = {
  /** ε > 0 of the whole run, for data sets that differ in one training row. */
  readonly epsilon: number;
  /** δ > 0, below 1/(training rows). */
  readonly delta: number;
  /** C > 0: the norm to which each row's gradient is clipped. Default 1. */
  readonly clip?: number | undefined;
  /** σ > 0 as a multiple of C. Default: the least that keeps ε and δ; a smaller one is refused. */
  readonly noise?: number | undefined;
  /** For tests alone, an integer in [0, 2⁵³): draws that it repeats hide nothing. Default: the system's generator. */
  readonly insecureSeed?: number | undefined;
};

/** What a model says of its training. */
export type ModelPrivacy = {
  /** ε that its training spent at δ. */
  readonly epsilon: number;
  /** δ. */
  readonly delta: number;
  /** Whether its draws came from a seed: then nothing is private. */
  readonly insecure?: true | undefined;
};

type Asked = { readonly private?: PrivateOptions | undefined };
type Bounded = Asked & { readonly [name in (typeof STEP_OPTIONS)[number]]?: number | undefined } & {
  readonly augment?: unknown;
};

/** Raises InvalidInput naming the first member that is out of range. */
export function checkPrivate({ private: given, ...options }: Bounded): void {
  if (given === undefined) return;
  // a noisy step has no place for them; a mean of θ is made of what was noised already
  for (const name of [...STEP_OPTIONS, "augment"] as const)
    if (name !== "averageDecay") must(options[name] === undefined, name, "left out of a private run", options[name]);
  must(typeof given === "object" && given !== null, "private", "an object with epsilon and delta", given);
  const { epsilon, delta, clip = 1, noise, insecureSeed } = given;
  must(epsilon > 0 && Number.isFinite(epsilon), "private.epsilon", "a finite number > 0", epsilon);
  must(delta > 0 && delta < 1, "private.delta", "a number in (0, 1)", delta);
  must(clip > 0 && Number.isFinite(clip), "private.clip", "a finite number > 0", clip);
  must(noise === undefined || (noise > 0 && Number.isFinite(noise)), "private.noise", "a finite number > 0", noise);
  if (insecureSeed !== undefined) checkSeed(insecureSeed);
}

/** Raises InvalidInput where what is computed would tell of single rows that a private run hides. */
export function refusePrivate({ private: given }: Asked, what: string): void {
  const reason = `${what} tells of single rows, which private training hides. Leave \`private\` out.`;
  if (given !== undefined) throw new InvalidInput("NOT_PRIVATE", reason);
}
