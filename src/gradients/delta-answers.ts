// The closed forms of what two arrays a layer tell, and what a private step draws and spends, as the check takes them.
// Tests replace one by a mistake.
import { descent } from "../numerics/minimize.ts";
import { drawRows } from "../privacy/private-draws.ts";
import { renyiDivergence } from "../privacy/renyi.ts";
import { gradientProduct } from "./gradient-products.ts";
import { curvatureProduct, kroneckerCurvature } from "./kronecker-curvature.ts";
import { gradientNoise } from "./noise-scale.ts";
import { integrateGradient } from "./path-integral.ts";
import { representerValue } from "./representer.ts";

export type DeltaAnswers = {
  readonly gradientNoise: typeof gradientNoise;
  readonly integrateGradient: typeof integrateGradient;
  readonly gradientProduct: typeof gradientProduct;
  readonly kroneckerCurvature: typeof kroneckerCurvature;
  readonly curvatureProduct: typeof curvatureProduct;
  readonly representerValue: typeof representerValue;
  readonly drawRows: typeof drawRows;
  readonly renyiDivergence: typeof renyiDivergence;
  readonly descent: typeof descent;
};

export const DELTA_ANSWERS: DeltaAnswers = {
  gradientNoise,
  integrateGradient,
  gradientProduct,
  kroneckerCurvature,
  curvatureProduct,
  representerValue,
  drawRows,
  renyiDivergence,
  descent,
};
