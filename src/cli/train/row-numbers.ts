// Which rows of the data the parts of a run are: the numbers that its splits took, from its data and options.
import { partRows, type SplitKeys, type TrainAndTest } from "../../data/split.ts";
import type { TrainingOptions } from "../../training/options.ts";

/** The number from 0 of each row of a part: in its own part of the data, or in the data where they were split. */
export type RowNumbers = {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
  /** Whether the test rows were taken out of the same rows as the training's. */
  readonly together: boolean;
};

/** The numbers that splitting rows with these keys gives, as planning a run does. */
export function rowNumbers(
  all: SplitKeys,
  { train, test, validation, heldOut }: Pick<TrainAndTest, "heldOut"> & Readonly<Record<Part, Rows | undefined>>,
  { seed, validation: share }: Pick<TrainingOptions, "seed" | "validation">,
): RowNumbers {
  const whole = (part: Rows | undefined) => Uint32Array.from({ length: part?.labels.length ?? 0 }, (_, i) => i);
  const together = heldOut !== null;
  const [kept, tested] = together ? partRows(all, [1 - heldOut, heldOut], seed) : [whole(train), whole(test)];
  if (validation || share === 0) return { train: kept!, validation: whole(validation), test: tested!, together };
  const [rest, watched] = partRows(train!, [1 - share, share], seed);
  const outer = (rows: Uint32Array) => rows.map((i) => kept![i]!);
  return { train: outer(rest!), validation: outer(watched!), test: tested!, together };
}

type Part = "train" | "validation" | "test";
type Rows = SplitKeys;
