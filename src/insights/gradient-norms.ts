// ‖g_i‖ of every row of a data set at a model's parameters: the least are the most typical, the largest the least so.

import type { Dataset } from "../data/dataset.ts";
import { numbersFrom } from "../data/stored/row-store.ts";
import { alignDataset, type Model } from "../training/model.ts";
import { type ExampleOptions, labelledRows, openExamples } from "./example-arrays.ts";

/** [N], ‖g_i‖ of each row's own loss, by X30: of a classifier −log p of its label. Raises InvalidInput. */
export async function gradientNorms(
  model: Model,
  data: Dataset,
  options: Pick<ExampleOptions, "engine"> = {},
): Promise<Float64Array> {
  const known = model?.loss ? alignDataset(model, data) : labelledRows(model, data);
  const session = await openExamples(model, known, options, true);
  try {
    const { norms } = await session.examples(numbersFrom(0, known.rows));
    const L = model.network.layers.length - 1;
    return Float64Array.from({ length: known.rows }, (_, i) =>
      Math.sqrt(norms!.subarray(i * L, (i + 1) * L).reduce((sum, value) => sum + value, 0)),
    );
  } finally {
    await session.close();
  }
}

/** Row numbers by their norms, the least first; of equals the lower number. */
export function byNorm(norms: Float64Array): number[] {
  return Array.from(norms.keys()).sort((a, b) => norms[a]! - norms[b]! || a - b);
}
