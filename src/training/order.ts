// The shuffled order of the training rows in an epoch: a pure function of (rows, seed, epoch).
import { PURPOSE, Random } from "../numerics/random.ts";

/** Rows 0 … rows − 1 in the shuffled order of `epoch`, counted from 1. */
export function epochOrder(rows: number, seed: number, epoch: number): Uint32Array {
  return new Random(seed, PURPOSE.shuffle, epoch).shuffle(consecutive(0, rows));
}

/** from, from + 1, …, from + count − 1. */
export function consecutive(from: number, count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = from + i;
  return order;
}
