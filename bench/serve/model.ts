// The network of the measurements, with parameters from a seed, and rows for it.
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { Model } from "../../src/training/model.ts";

export const COLUMNS = 784;

/** `hidden`: sizes such as "128,128", or "" for none. */
export function benchModel(hidden: string): Model {
  const sizes = hidden === "" ? [] : hidden.split(",").map(Number);
  const network = defineNetwork([COLUMNS, ...sizes, 10]);
  const classes = Array.from({ length: 10 }, (_, c) => String(c));
  return { network, parameters: initialize(network, "he", 1), scaling: { kind: "divide", by: 255 }, classes };
}

/** Bytes of pictures that are dark to four fifths, as digits are. */
export function benchRows(rows: number): number[] {
  const random = new Random(2, 96);
  return Array.from({ length: rows * COLUMNS }, () => (random.integer(5) === 0 ? 1 + random.integer(255) : 0));
}
