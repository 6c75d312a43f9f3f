// The closed forms of what two arrays a layer tell, as the check takes them. Tests replace one by a mistake.
import { gradientNoise } from "./noise-scale.ts";

export type DeltaAnswers = {
  readonly gradientNoise: typeof gradientNoise;
};

export const DELTA_ANSWERS: DeltaAnswers = { gradientNoise };
