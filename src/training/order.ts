// The shuffled order of the training rows in an epoch: a pure function of (rows, seed, epoch).
import { numbersFrom } from "../data/stored/row-store.ts";
import { PURPOSE, Random } from "../numerics/random.ts";

/** Rows 0 … rows − 1 in the shuffled order of `epoch`, counted from 1. */
export function epochOrder(rows: number, seed: number, epoch: number): Uint32Array {
  return new Random(seed, PURPOSE.shuffle, epoch).shuffle(numbersFrom(0, rows));
}
