// The loss and the scaling of targets in a model's file, checked.
import { InvalidInput } from "../../errors.ts";
import { checkLoss, type Loss, outputsPerTarget } from "../../network/losses.ts";
import type { Model } from "../../training/model.ts";
import { isNumbers } from "./metadata-values.ts";

/** T of a calibrated model. Raises InvalidInput BAD_MODEL. */
export function readTemperature(value: unknown, file: string | undefined): Pick<Model, "temperature"> {
  if (value === undefined) return {};
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return { temperature: value };
  throw new InvalidInput("BAD_MODEL", "the metadata temperature must be a number > 0.", { file, at: "metadata" });
}

/**
 * `loss` and `targetScaling` of a model with C outputs, and T, the number of its names. Raises InvalidInput
 * BAD_MODEL.
 */
export function readLoss(
  loss: unknown,
  scaling: unknown,
  C: number,
  file: string | undefined,
): Pick<Model, "loss" | "targetScaling"> & { readonly names: number } {
  if (loss === undefined) return { names: C };
  const refuse = (reason: string): never => {
    throw new InvalidInput("BAD_MODEL", reason, { file, at: "metadata" });
  };
  let known: Loss;
  try {
    known = checkLoss(loss as Loss);
  } catch (error) {
    return refuse(`the metadata loss: ${(error as InvalidInput).reason ?? String(error)}`);
  }
  const T = C / outputsPerTarget(known);
  if (!Number.isInteger(T)) refuse(`the metadata loss ${known.name} does not fit ${C} outputs.`);
  const { mean, deviation } = (scaling ?? {}) as Record<string, unknown>;
  const sound = isNumbers(mean, T) && isNumbers(deviation, T) && deviation.every((d) => d > 0);
  if (scaling !== undefined && !sound)
    refuse(`the metadata target_scaling must be mean and deviation of ${T} targets.`);
  const targetScaling = sound ? { mean: mean as number[], deviation: deviation as number[] } : undefined;
  return { names: T, loss: known, ...(targetScaling && { targetScaling }) };
}
