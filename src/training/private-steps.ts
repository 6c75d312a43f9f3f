// The steps of a private run: rows drawn by coins, gradients clipped by row, noise once a parameter (Abadi et al.,
// "Deep Learning with Differential Privacy", arXiv 1607.00133), and what they have spent.
import type { Session } from "../engines/engine.ts";
import { noiseDeviation } from "../gradients/clipping.ts";
import { PrivacyAccountant } from "../privacy/accountant.ts";
import { drawKey, drawRows, insecureWords, systemWords, type Words } from "../privacy/private-draws.ts";
import type { SampledGaussian } from "../privacy/renyi.ts";
import type { TrainingOptions } from "./options.ts";
import type { ModelPrivacy } from "./private-options.ts";
import { mechanismOf } from "./settle-private.ts";

/** Rows that a batch of `expected` drawn ones stays within but for a chance of 10⁻¹⁸ (Bernstein's inequality). */
export function mostDrawn(expected: number, rows: number): number {
  const L = 41.5; // ln 10¹⁸
  return Math.min(rows, Math.ceil(expected + L / 3 + Math.sqrt((L * L) / 9 + 2 * expected * L)));
}

export class PrivateSteps {
  readonly #session: Session;
  readonly #options: NonNullable<TrainingOptions["private"]>;
  readonly #mechanism: SampledGaussian;
  readonly #rows: number;
  readonly #system = systemWords();
  readonly #accountant: PrivacyAccountant;

  /** Over a session with clipping, of which the first `rows` rows are trained on. */
  constructor(session: Session, options: TrainingOptions, rows: number) {
    this.#session = session;
    this.#options = options.private!;
    this.#mechanism = mechanismOf(options, rows);
    this.#rows = rows;
    this.#accountant = new PrivacyAccountant(this.#mechanism, this.#options.delta);
  }

  /** Step `step` of the run, from 0. Returns whether its losses were finite; if not it was not applied. */
  async step(step: number, coefficients: Float64Array): Promise<boolean> {
    const { clip, noise: sigma } = this.#options;
    const { rate } = this.#mechanism;
    const coins = this.#words("privateRows", step);
    let drawn = drawRows(coins, this.#rows, rate);
    while (drawn.length > this.#session.batchSize) drawn = drawRows(coins, this.#rows, rate); // chance 10⁻¹⁸
    const key = drawKey(this.#words("privateNoise", step)); // of this step alone
    try {
      const deviation = noiseDeviation(sigma!, clip!, rate * this.#rows);
      const { stoppedAt } = await this.#session.noisyStep(drawn, coefficients, key, deviation);
      return stoppedAt < 0;
    } finally {
      key.fill(0);
    }
  }

  #words(purpose: "privateRows" | "privateNoise", step: number): Words {
    const { insecureSeed: seed } = this.#options;
    return seed === undefined ? this.#system : insecureWords(seed, purpose, step);
  }

  /** What `steps` steps have spent, as a model says it. */
  spent(steps: number): ModelPrivacy {
    const { delta, insecureSeed } = this.#options;
    const insecure = insecureSeed === undefined ? {} : ({ insecure: true } as const);
    return { epsilon: this.#accountant.epsilon(steps), delta, ...insecure };
  }
}
