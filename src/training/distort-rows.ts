// Training images as an epoch sees them, outside a session: for eyes, and for a program that wants more of them.
import { type Dataset, mustBeData } from "../data/dataset.ts";
import { rowsOf } from "../data/stored/row-store.ts";
import { warpPixels } from "../gradients/warp-pixels.ts";
import { viewMemory } from "../network/memory.ts";
import type { Examples } from "../network/plan.ts";
import { type Augmentation, type AugmentationName, pixelForm, resolveAugmentation } from "./augmentation.ts";
import { epochWarps, warpForm } from "./distortions.ts";

/**
 * [n×D], float32: rows of `train` as a run with this seed has them in `epoch` (from 1), in the data's own numbers, not
 * scaled. Raises InvalidInput, e.g. NOT_IMAGES.
 */
export function distortRows(
  train: Dataset,
  augment: AugmentationName | Partial<Augmentation>,
  rows: Uint32Array,
  seed = 1,
  epoch = 1,
): Float32Array {
  mustBeData(train, "train");
  const values = rowsOf(train, rows);
  const augmentation = resolveAugmentation(augment, train);
  if (augmentation === undefined) return Float32Array.from(values);
  const form = warpForm(augmentation, pixelForm(train), { kind: "none" }, train.rows);
  const { labels, classes, cols } = train;
  const { numbers, fields } = epochWarps({ augmentation, form, labels, classes }, seed, epoch, rows);
  const at = { numbers: values.length, fields: values.length + numbers.length };
  const out = at.fields + fields.length;
  const memory = viewMemory(new ArrayBuffer(4 * Math.ceil((out + values.length) / 2) * 2), 4);
  memory.floats.set(values);
  memory.floats.set(numbers, at.numbers);
  memory.floats.set(fields, at.fields);
  const examples = { form: "floats", features: 0, cols, divisor: 1 } as Examples;
  for (let i = 0; i < rows.length; i++)
    warpPixels(memory, examples, { ...form, ...at }, Math.fround, out + i * cols, i, i);
  return memory.floats.slice(out, out + values.length) as Float32Array;
}
