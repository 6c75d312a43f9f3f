// What the page and its lab read of a run's epochs.
import type { EpochPoint } from "./protocol.ts";

/** The newest test accuracy of these epochs, null before the first: not every short epoch is tested. */
export const testAccuracyOf = (epochs: readonly EpochPoint[]): number | null =>
  epochs.findLast(({ testAccuracy }) => testAccuracy !== null)?.testAccuracy ?? null;

/** The newest mean R² or F₁ of the test rows; null before the first, and where classes are learned. */
export const newestScore = (epochs: readonly EpochPoint[]): number | null =>
  epochs.findLast(({ testScore = null }) => testScore !== null)?.testScore ?? null;
