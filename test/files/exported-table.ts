// A model of a table with every kind of column, with and without missing values, and coded rows for it.
import type { Column } from "../../src/data/columns.ts";
import { fitScaling, inputsOf } from "../../src/data/scaling.ts";
import { defineNetwork } from "../../src/network/network.ts";
import { initialize } from "../../src/network/parameters.ts";
import { Random } from "../../src/numerics/random.ts";
import type { Model } from "../../src/training/model.ts";

export const LEVELS = ["overcast", "rain", "sunny", "</script>", "1", '"\\` ${', "été 猫"];

export const COLUMNS: readonly (Column & { readonly holes: boolean })[] = [
  { name: "outlook", kind: "category", levels: LEVELS, holes: true },
  { name: "temp (°C)", kind: "number", holes: true },
  { name: "label", kind: "category", levels: ["red", "rare", "blue"], holes: false },
  { name: "wind-speed", kind: "number", holes: false },
  { name: "wet", kind: "boolean", holes: false },
  { name: "W1", kind: "boolean", holes: true },
  { name: "size", kind: "ordinal", levels: ["small", "medium", "large"], holes: false },
  { name: "size ", kind: "ordinal", levels: ["low", "high"], holes: true },
  { name: "__proto__", kind: "date", holes: true },
  { name: "7", kind: "date", holes: false },
  { name: "heavy tail", kind: "number", holes: true },
];
type Drawn = typeof COLUMNS;

/** Coded rows, drawn by `random`; with `unseen` also of levels that no training row has. */
function draw(random: Random, drawn: Drawn, rows: number, unseen: boolean): Float64Array {
  return Float64Array.from({ length: rows * drawn.length }, (_, k) => {
    const { name, kind, levels, holes } = drawn[k % drawn.length]!;
    if (holes && random.integer(5) === 0) return Number.NaN;
    if (levels && unseen && random.integer(6) === 0) return -1;
    if (kind === "category") return random.integer(10) ? random.integer(levels!.length) : 0;
    if (kind === "ordinal") return random.integer(levels!.length);
    if (kind === "boolean") return random.integer(2);
    if (kind === "date") return 20000 + random.integer(900) / 8;
    const heavy = name === "heavy tail" ? Math.exp(4 * random.normal()) : 1; // of which the transform clips
    return 1e4 + 30 * heavy * random.normal();
  });
}

/** A model of all columns or of one kind, with levels too rare for an input of their own, and rows to ask it about. */
export function sampleTable(
  classes = 3,
  kind?: Column["kind"],
): { readonly model: Model; readonly features: Float64Array } {
  const drawn = COLUMNS.filter((column) => kind === undefined || column.kind === kind);
  const D = drawn.length;
  const rare = drawn.findIndex(({ name }) => name === "label");
  const random = new Random(5, 99);
  const rows = 400;
  const trained = draw(random, drawn, rows, false);
  if (rare >= 0) for (let i = 0; i < rows; i++) if (trained[i * D + rare] === 1) trained[i * D + rare] = i < 6 ? 1 : 0;
  const columns = drawn.map(({ holes, ...column }) => column);
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  const labels = new Int32Array(rows);
  const data = { name: "made up", features: trained, rows, cols: D, labels, classes: names, columns };
  const scaling = fitScaling(data);
  const network = defineNetwork([inputsOf(scaling, D), 9, classes], "relu");
  const parameters = initialize(network, "glorot", 1).map((w) => (w === 0 ? Math.fround(random.normal() / 4) : w));
  const featureNames = columns.map(({ name }) => name);
  const model: Model = { network, parameters, scaling, classes: names, featureNames };
  const features = draw(random, drawn, 60, true);
  // codes of the fitted columns: those of levels without an input of their own are never seen
  for (let k = 0; k < features.length; k++) {
    const fitted = scaling.kind === "columns" ? scaling.columns[k % D]!.levels : undefined;
    if (fitted && features[k]! >= fitted.length) features[k] = -1;
  }
  return { model, features };
}
