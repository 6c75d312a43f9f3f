// Training images as the next epochs will see them.
import { InvalidInput } from "../../errors.ts";
import { readAugmentationWord } from "../../training/augmentation-text.ts";
import { distortRows } from "../../training/distort-rows.ts";
import type { OpenRun } from "./open-run.ts";

/** The pixels of training rows as the run has them in `epoch`, from 1. Raises InvalidInput. */
export function distortedRows(open: OpenRun, rows: readonly number[], epoch: number): readonly Float32Array[] {
  const { augment, seed } = open.setup;
  const word = readAugmentationWord(augment);
  if (word === undefined) throw new InvalidInput("INVALID_ARGUMENT", `there are no such distortions: ${augment}.`);
  const { train } = open.rows;
  const pixels = distortRows(train, word, Uint32Array.from(rows), seed, epoch);
  return rows.map((_, k) => pixels.slice(k * train.cols, (k + 1) * train.cols));
}
