// Options as callers hand them over: undefined means default, and a name that no option has is a mistake.
import { nearest } from "../data/nearest.ts";
import { InvalidInput, must, show } from "../errors.ts";

/** Names that other libraries have for an option of ours. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  lr: "learningRate",
  learning_rate_init: "learningRate",
  max_iter: "epochs",
  iterations: "epochs",
  hiddenLayers: "hidden",
  hidden_layer_sizes: "hidden",
  validation_fraction: "validation",
  validationSplit: "validation",
  sampleWeight: "weights",
  sample_weight: "weights",
  solver: "optimizer",
  random_state: "seed",
  abortSignal: "signal",
};

/**
 * `given` without what is undefined. Raises InvalidInput UNKNOWN_OPTION, with the nearest name, for a name not in
 * `known`.
 */
export function knownOptions<T extends object>(given: T, known: readonly string[], where: string): T {
  must(
    typeof given === "object" && given !== null && !Array.isArray(given),
    `the options of ${where}`,
    "an object",
    given,
  );
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const unknown = entries.find(([name]) => !known.includes(name))?.[0];
  if (unknown === undefined) return Object.fromEntries(entries) as T;
  const near = meantOption(unknown, known);
  const hint = near === undefined ? `Its options: ${known.toSorted().join(", ")}.` : `Did you mean ${near}?`;
  throw new InvalidInput("UNKNOWN_OPTION", `${where} has no option ${show(unknown)}. ${hint}`);
}

/** The option of `known` that a name which is none probably means, by other libraries' names or by its letters. */
export function meantOption(name: string, known: readonly string[]): string | undefined {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name]! : undefined;
  return elsewhere !== undefined && known.includes(elsewhere) ? elsewhere : nearest(name, known);
}
