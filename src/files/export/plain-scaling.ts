// The formats whose transform of a table's words and missing values is not written yet.
import type { Scaling } from "../../data/scaling.ts";
import { InvalidInput } from "../../errors.ts";
import type { Model } from "../../training/model.ts";

/** The scaling of a model of numbers alone. Raises InvalidInput NOT_EXPORTED for a table with words or holes. */
export function plainScaling({ scaling }: Model, format: string): Exclude<Scaling, { kind: "columns" }> {
  if (scaling.kind !== "columns") return scaling;
  const words = scaling.columns.find(({ kind, missing }) => kind !== "number" || missing)!;
  const reason = `this model reads words or missing values (column ${words.name}), which a file of ${format} does not do yet. Export it as safetensors or JSON, or use predict.`;
  throw new InvalidInput("NOT_EXPORTED", reason);
}
