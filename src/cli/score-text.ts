// Scores of folds and trials as text: shares as percent, R² as it is.
import type { Measure } from "../search/fits.ts";
import { percent } from "./tables.ts";

export const scoreText = (measure: Measure, score: number): string =>
  measure === "R²" ? score.toFixed(4) : percent(score);

/** A difference of scores, or their deviation. */
export const pointsText = (measure: Measure, points: number): string =>
  measure === "R²" ? points.toFixed(4) : (100 * points).toFixed(2);
