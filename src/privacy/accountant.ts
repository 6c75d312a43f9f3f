// How much privacy a run's steps have spent, and how much noise a budget asks for. The smaller of two bounds from
// above: the privacy loss distribution and Rényi's, alone for a δ that is too small for the first.

import { InvalidInput, must } from "../errors.ts";
import { exp, log } from "../numerics/exp-log.ts";
import { PrivacyCurve } from "./privacy-loss.ts";
import { renyiEpsilon, type SampledGaussian, WHOLE_ORDERS } from "./renyi.ts";

const LEAST_DELTA = 1e-9; // below, the rounding of the transform is no longer small beside δ
const LEAST_NOISE = 0.3; //  of a step, as a multiple of the clipping norm
const MOST_NOISE = 1e4;

/** ε at δ of a run's steps, ≥ 0, for data sets that differ in one row, added or taken away. */
export class PrivacyAccountant {
  readonly #run: SampledGaussian;
  readonly #delta: number;
  readonly #curve: PrivacyCurve | undefined;

  /** For a run of at most `run.steps` steps. Raises InvalidInput for a noise, chance or δ out of range. */
  constructor(run: SampledGaussian, delta: number) {
    const { noise, rate, steps } = run;
    must(noise >= LEAST_NOISE && noise <= MOST_NOISE, "noise", `a number in [${LEAST_NOISE}, ${MOST_NOISE}]`, noise);
    must(rate > 0 && rate <= 1, "rate", "a number in (0, 1]", rate);
    must(Number.isInteger(steps) && steps >= 1, "steps", "an integer ≥ 1", steps);
    must(delta > 0 && delta < 1, "delta", "a number in (0, 1)", delta);
    this.#run = run;
    this.#delta = delta;
    this.#curve = delta < LEAST_DELTA ? undefined : new PrivacyCurve(run);
  }

  /** What the first `steps` steps have spent; default: all. */
  epsilon(steps = this.#run.steps): number {
    if (steps === 0) return 0;
    const run = { ...this.#run, steps };
    if (!this.#curve) return renyiEpsilon(run, this.#delta);
    return Math.min(this.#curve.epsilon(this.#delta, steps), renyiEpsilon(run, this.#delta, WHOLE_ORDERS));
  }
}

/**
 * The least noise σ, rounded up to a thousandth, at which `steps` steps with chance `rate` spend at most ε at δ.
 * Raises InvalidInput PRIVACY_OUT_OF_REACH where σ would be below 0.3 or above 10,000.
 */
export function noiseFor(
  { rate, steps }: Pick<SampledGaussian, "rate" | "steps">,
  epsilon: number,
  delta: number,
): number {
  const spent = (n: number) => new PrivacyAccountant({ noise: n / GRAINS, rate, steps }, delta).epsilon();
  const [least, most] = [LEAST_NOISE, MOST_NOISE].map((noise) => Math.round(noise * GRAINS)) as [number, number];
  const renyi = (n: number) => renyiEpsilon({ noise: n / GRAINS, rate, steps }, delta, WHOLE_ORDERS);
  let yes = { n: most, epsilon: renyi(most) };
  if (!(yes.epsilon <= epsilon)) yes = { n: most, epsilon: spent(most) };
  if (!(yes.epsilon <= epsilon)) {
    const reason = `ε = ${epsilon} at δ = ${delta} cannot be reached in ${steps} steps that draw each row with chance ${rate}. Ask for fewer epochs, a smaller batch size or a larger ε.`;
    throw new InvalidInput("PRIVACY_OUT_OF_REACH", reason);
  }
  let no = { n: least, epsilon: renyi(least) };
  if (no.epsilon <= epsilon) {
    const reason = `ε = ${epsilon} at δ = ${delta} asks for noise below ${LEAST_NOISE} times the clipping norm, which hides no row. Ask for a smaller ε, or train without privacy.`;
    throw new InvalidInput("PRIVACY_OUT_OF_REACH", reason);
  }
  // Rényi's bound is above the tighter one and quick: the σ it asks for is enough, and not far from the least
  for (let [low, high] = [least, most]; high - low > 1; ) {
    const n = Math.floor((low + high) / 2);
    if (renyi(n) <= epsilon) high = n;
    else low = n;
    if (high - low <= 1 && high < yes.n) yes = { n: high, epsilon: spent(high) };
  }
  for (let [slope, tries] = [-1.5, 0]; yes.n - no.n > 1; tries++) {
    const power = yes.epsilon > 0 ? yes.n * exp(log(epsilon / yes.epsilon) / slope) : 0; // ε ~ σ^slope, learned
    const guess = tries < SECANTS && power > 0 ? Math.round(power) : Math.floor((yes.n + no.n) / 2);
    const n = Math.min(yes.n - 1, Math.max(no.n + 1, guess));
    const tried = { n, epsilon: spent(n) };
    if (tried.epsilon < Number.POSITIVE_INFINITY && tried.epsilon !== yes.epsilon)
      slope = Math.min(-0.2, log(tried.epsilon / yes.epsilon) / log(n / yes.n));
    if (tried.epsilon <= epsilon) yes = tried;
    else no = tried;
  }
  return yes.n / GRAINS;
}

const GRAINS = 1000; // of a unit of σ
const SECANTS = 12; // then halves
