// The closed forms of what two arrays a layer tell, as the check takes them. Tests replace one by a mistake.
import { gradientNoise } from "./noise-scale.ts";
import { integrateGradient } from "./path-integral.ts";

export type DeltaAnswers = {
  readonly gradientNoise: typeof gradientNoise;
  readonly integrateGradient: typeof integrateGradient;
};

export const DELTA_ANSWERS: DeltaAnswers = { gradientNoise, integrateGradient };
