// The text of the .d.ts file beside a module.
import type { FittedColumn } from "../../data/transform.ts";
import { must } from "../../errors.ts";
import type { Model } from "../../training/model.ts";
import { literal } from "./js-literal.ts";
import { answerType } from "./js-values.ts";

const CLASS_ANSWER = `{
  class: number;
  label: string;
  probabilities: Float64Array<ArrayBuffer>;
}`;

/** Types of a module whose columns have no names, as the text of a .d.ts file. See `moduleTypes`. */
export const MODULE_TYPES = typesText("pixels: ArrayLike<number>", undefined);

/** Types of the module of `model`, as the text of a .d.ts file to lie beside it: with the names of the columns. */
export function moduleTypes(model: Pick<Model, "scaling" | "featureNames" | "loss">): string {
  must(typeof model?.scaling === "object", "model", "a model", model);
  const { scaling, featureNames, loss } = model;
  if (scaling.kind === "columns") {
    const rows = scaling.columns.map((column) => `  readonly ${literal(column.name)}: ${valueType(column)};`);
    return typesText("row: ArrayLike<NamedRow[keyof NamedRow]> | NamedRow", loss, `${rowType(rows)}${COLUMNS}`);
  }
  if (!featureNames) return typesText("pixels: ArrayLike<number>", loss);
  const rows = featureNames.map((name) => `  readonly ${literal(name)}: number;`);
  return typesText("row: ArrayLike<number> | NamedRow", loss, rowType(rows));
}

const rowType = (fields: readonly string[]) => `/** A row by the names of its columns. */
export type NamedRow = {
${fields.join("\n")}
};
`;

const MOST_NAMED = 64; // levels that an editor completes

/** The values that a column takes. */
function valueType(column: FittedColumn): string {
  const { kind, levels = [], missing } = column;
  const named = levels.length <= MOST_NAMED ? levels.map((level) => `${literal(level)} | `).join("") : "";
  const text = named === "" ? "string | number | boolean" : `${named}(string & {}) | number | boolean`;
  const types = { number: "number | string", boolean: "boolean | string | number", date: "string | Date" };
  const type = kind === "category" || kind === "ordinal" ? text : types[kind];
  return missing ? `${type} | null | undefined` : type;
}

const COLUMNS = `export declare const columns: readonly {
  readonly name: string;
  readonly kind: "number" | "category" | "boolean" | "ordinal" | "date";
  readonly levels?: readonly string[];
  readonly missing: boolean;
}[];
`;

function typesText(parameter: string, loss: Model["loss"], before = ""): string {
  return `${before}export declare const classes: readonly string[];
export declare const features: readonly string[] | null;
export declare const image: { readonly height: number; readonly width: number } | null;
export declare function predict(${parameter}): ${loss ? answerType(loss) : CLASS_ANSWER};
export declare const checked: {
  readonly runner: string;
  readonly data: string;
  readonly examples: number;
  readonly largestDifference: number;
  readonly limit: number;
  readonly labelChanges: number;
} | null;
`;
}
