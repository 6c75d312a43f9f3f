// Values of a model's metadata as a file holds them, checked: a scaling, numbers, names, what it was trained on.
import type { Scaling } from "../../data/scaling.ts";
import { InvalidInput } from "../../errors.ts";
import type { TrainedOn } from "../../training/model.ts";

export function readScaling(value: unknown, cols: number, file: string | undefined): Scaling {
  const { kind, by, mean, deviation } = (value ?? { kind: "none" }) as Record<string, unknown>;
  if (kind === "none") return { kind };
  if (kind === "divide" && isNumbers([by], 1) && (by as number) > 0) return { kind, by: by as number };
  const standardizes = kind === "standardize" || kind === "standardise"; // version 0.1 wrote it with an s
  if (standardizes && isNumbers(mean, cols) && isNumbers(deviation, cols) && deviation.every((d) => d > 0))
    return { kind: "standardize", mean: Float64Array.from(mean), deviation: Float64Array.from(deviation) };
  throw new InvalidInput(
    "BAD_MODEL",
    `the metadata scaling must be none, divide or standardize for ${cols} features.`,
    { file, at: "metadata" },
  );
}

export function isNumbers(value: unknown, length?: number): value is number[] {
  return Array.isArray(value) && value.length === (length ?? value.length) && value.every(Number.isFinite);
}

export function isNames(value: unknown, length: number): value is string[] {
  return (
    Array.isArray(value) &&
    value.length === length &&
    value.every((name) => typeof name === "string") &&
    new Set(value).size === length
  );
}

export function isTrainedOn(value: unknown): value is TrainedOn {
  const { name, sha256, label, heldOut } = (value ?? {}) as Record<string, unknown>;
  const { fraction, seed } = (heldOut ?? {}) as Record<string, unknown>;
  const heldOutOk = heldOut === null || (isNumbers([fraction, seed], 2) && (fraction as number) < 1);
  return (
    typeof name === "string" && typeof sha256 === "string" && (label === null || typeof label === "string") && heldOutOk
  );
}
