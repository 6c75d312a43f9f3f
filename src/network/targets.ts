// Target rows t of the loss, from class labels or probability rows, label smoothing and class weights (X6 … X8).
import { must } from "../errors.ts";
import type { LossName } from "./losses.ts";

/** Class indices of rows: of rows that are stored, the narrowest that holds them. */
export type ClassIndices = Int32Array | Uint16Array | Uint8Array;

/**
 * scale and shift of t_c = w_c·((1 − ε)·y_c + ε/C) = scale_c·y_c + shift_c, for smoothing ε (Szegedy et al., CVPR 2016;
 * X7) and class weights w (X8). The loss is ℓ = −Σ_c t_c log S_c, so δ^L = (Σt)·S − t, which is E8 for ε = 0 and w = 1.
 */
export function targetCoefficients(
  classes: number,
  smoothing = 0,
  weights?: ArrayLike<number>,
  share = classes, //    ε is spread over so many: 2 for a label that is there or not
  targets = classes, // columns beyond are weights of rows, left as they are
): { readonly scale: Float64Array; readonly shift: Float64Array } {
  must(smoothing >= 0 && smoothing < 1, "labelSmoothing", "a number in [0, 1)", smoothing);
  must(weights === undefined || weights.length === classes, "classWeights", `${classes} weights`, weights?.length);
  const weight = Float64Array.from({ length: classes }, (_, c) => weights?.[c] ?? 1);
  weight.forEach((w, c) => {
    must(w >= 0 && Number.isFinite(Math.fround(w)), `classWeights[${c}]`, "a finite number ≥ 0", w);
  });
  return {
    scale: weight.map((w, c) => (c < targets ? w * (1 - smoothing) : 1)),
    shift: weight.map((w, c) => (c < targets ? (w * smoothing) / share : 0)),
  };
}

/**
 * Each row of `targets` [N×C] must be ≥ 0 and sum to 1 within 1e-5, which float32 rows of 1,000 classes meet. Rows that
 * carry weights (`weighted`) need only be finite and ≥ 0.
 */
export function checkTargets(
  targets: Float32Array | Float64Array,
  rows: number,
  classes: number,
  weighted = false,
): void {
  must(targets.length === rows * classes, "targets", `${rows} × ${classes} probabilities`, targets.length);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const y = targets[i * classes + c]!;
      const ok = y >= 0 && (weighted ? Number.isFinite(Math.fround(y)) : y <= 1);
      must(ok, `targets[${i}, ${c}]`, weighted ? "a finite number ≥ 0" : "a probability in [0, 1]", y);
      sum += y;
    }
    must(weighted || Math.abs(sum - 1) <= 1e-5, `targets[${i}]`, "a row that sums to 1", sum);
  }
}

/**
 * Rows of `targets` [N×T] for a loss of numbers or of labels: finite, in [0, 1] for labels, ≥ 0 for counts. `weighted`:
 * each row has a column more, its weight ≥ 0.
 */
export function checkNumberTargets(
  targets: Float32Array | Float64Array,
  rows: number,
  columns: number,
  loss: LossName,
  weighted = false,
): void {
  const width = columns + Number(weighted);
  must(targets.length === rows * width, "targets", `${rows} × ${width} numbers`, targets.length);
  const labels = loss === "sigmoid-cross-entropy" || loss === "focal";
  const least = labels || loss === "poisson" ? 0 : Number.NEGATIVE_INFINITY;
  const most = labels ? 1 : Number.POSITIVE_INFINITY;
  const expected = labels ? "a number in [0, 1]" : loss === "poisson" ? "a finite number ≥ 0" : "a finite number";
  for (let i = 0; i < targets.length; i++) {
    const t = targets[i]!;
    const at = i % width;
    const ok = at < columns ? t >= least && t <= most : t >= 0;
    const what = `targets[${Math.floor(i / width)}, ${at}]`;
    if (!ok || !Number.isFinite(Math.fround(t))) must(false, what, at < columns ? expected : "a weight ≥ 0", t);
  }
}
