// Weights of rows with mean 1, so that they keep the meaning of a learning rate.
import type { Dataset } from "./dataset.ts";
import { withFacts } from "./stored/row-store.ts";

/** The mean of the weights; 1 without them. */
export function meanWeight({ weights, rows }: Dataset): number {
  let mean = 0;
  for (const w of weights ?? []) mean += w / rows;
  return weights ? mean : 1;
}

/** Rows with their weights divided by `mean`, > 0. */
export const dividedWeights = (data: Dataset, mean: number): Dataset =>
  data.weights ? withFacts(data, { weights: data.weights.map((w) => w / mean) }) : data;
