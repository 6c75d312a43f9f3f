// Coded rows in the codes of other columns: those of a model, of another part of the data.
import { InvalidInput, show } from "../errors.ts";
import { type Column, coderOf, UNSEEN } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import type { Cell } from "./table/cell-text.ts";

/**
 * The columns `from` of `data`, in this order, in the codes of `columns`; without `columns` all must be numbers.
 * Raises InvalidInput WRONG_COLUMNS for a value that its column has no code for.
 */
export function alignColumns(
  data: Dataset,
  from: readonly number[],
  columns: readonly Column[] | undefined,
): Pick<Dataset, "features" | "cols" | "columns"> {
  const { rows, cols, features } = data;
  const D = from.length;
  const out = new Float64Array(rows * D);
  from.forEach((source, j) => {
    const own: Column = data.columns?.[source] ?? { name: nameOf(data, source), kind: "number" };
    const column: Column = columns?.[j] ?? { name: own.name, kind: "number" };
    const code = coderBetween(own, column);
    for (let i = 0; i < rows; i++) {
      const given = features[i * cols + source]!;
      const x = code(given);
      if (x === undefined || (columns === undefined && Number.isNaN(x))) throw refuse(data, i, own, column, given);
      out[i * D + j] = x;
    }
  });
  return { features: out, cols: D, columns };
}

const nameOf = ({ featureNames }: Dataset, j: number) => featureNames?.[j] ?? `column ${j + 1}`;

/** From codes of one column to codes of another. */
function coderBetween(own: Column, column: Column): (code: number) => number | undefined {
  if (own.kind === column.kind && column.levels === undefined) return (code) => code;
  if (own.kind === "date" || column.kind === "date") return (code) => (Number.isNaN(code) ? code : undefined);
  const code = coderOf(column);
  const { levels } = own;
  if (levels === undefined) return (given) => code(cellOf(own, given));
  const codes = levels.map((level) => code(level));
  return (given) => (Number.isNaN(given) ? given : given < 0 ? UNSEEN : codes[given]);
}

const cellOf = ({ kind }: Column, code: number): Cell =>
  Number.isNaN(code) ? null : kind === "boolean" ? code === 1 : code;

function refuse({ name }: Dataset, row: number, own: Column, column: Column, code: number): InvalidInput {
  const got = Number.isNaN(code) ? "a missing value" : show(own.levels?.[code] ?? code);
  const kinds = { number: "numbers", category: "categories", boolean: "yes or no", ordinal: "ranks", date: "dates" };
  const reason = `${name}: row ${row + 1} has ${got} in column ${show(own.name)}, where this model takes ${kinds[column.kind]}.`;
  return new InvalidInput("WRONG_COLUMNS", reason);
}
