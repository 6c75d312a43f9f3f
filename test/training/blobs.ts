// A small labelled set for tests: points around one centre a class, from a seed.
import type { Dataset } from "../../src/data/dataset.ts";
import { Random } from "../../src/numerics/random.ts";

/**
 * `rows` points of `cols` features in `classes` classes; `spread` 0.5 is easy, 3 is hard. Column 0 is far from unit
 * scale.
 */
export function blobs(rows: number, { cols = 4, classes = 3, spread = 0.7, seed = 1, stream = 0 } = {}): Dataset {
  const centres = new Random(seed, 90);
  const centre = Float64Array.from({ length: classes * cols }, () => 2 * centres.normal());
  const random = new Random(seed, 91, stream);
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const features = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const x = centre[labels[i]! * cols + j]! + spread * random.normal();
      features[i * cols + j] = j === 0 ? 1000 * x + 5e4 : x;
    }
  return {
    name: "blobs",
    rows,
    cols,
    features,
    labels,
    classes: Array.from({ length: classes }, (_, c) => `kind ${c}`),
  };
}
