// Values of a model's metadata as a file holds them, checked: a scaling, numbers, names, what it was trained on.
import { COLUMN_KINDS, type ColumnKind } from "../../data/columns.ts";
import { inputsOf, type Scaling } from "../../data/scaling.ts";
import { MISSING_CHOICES } from "../../data/table/table-options.ts";
import { type FittedColumn, PERIODS } from "../../data/transform.ts";
import { InvalidInput } from "../../errors.ts";
import type { DataPart, RowChoices, TrainedOn } from "../../training/model.ts";

/** The scaling in a file, for a network of `cols` inputs. Raises InvalidInput BAD_MODEL. */
export function readScaling(value: unknown, cols: number, file: string | undefined): Scaling {
  const { kind, by, mean, deviation, columns } = (value ?? { kind: "none" }) as Record<string, unknown>;
  if (kind === "none") return { kind };
  if (kind === "divide" && isNumbers([by], 1) && (by as number) > 0) return { kind, by: by as number };
  const standardizes = kind === "standardize" || kind === "standardise"; // version 0.1 wrote it with an s
  if (standardizes && isNumbers(mean, cols) && isNumbers(deviation, cols) && deviation.every((d) => d > 0))
    return { kind: "standardize", mean: Float64Array.from(mean), deviation: Float64Array.from(deviation) };
  if (kind === "columns" && Array.isArray(columns) && columns.length >= 1 && columns.every(isFitted)) {
    const scaling: Scaling = { kind, columns: columns.map(pickFitted) };
    const names = new Set(columns.map(({ name }) => name));
    if (inputsOf(scaling, 0) === cols && names.size === columns.length) return scaling;
  }
  const kinds = kind === "columns" ? "columns, each with a name and its own numbers," : "none, divide or standardize";
  throw new InvalidInput("BAD_MODEL", `the metadata scaling must be ${kinds} for ${cols} features.`, {
    file,
    at: "metadata",
  });
}

/** Whether a value read from a file is a column of a fitted transform. */
function isFitted(value: unknown): value is FittedColumn {
  const { name, kind, levels, missing, other, mean, deviation, fill, decimal, order, clip, cycles } = (value ??
    {}) as Record<string, unknown>;
  const leveled = kind === "category" || kind === "ordinal";
  if (typeof name !== "string" || !COLUMN_KINDS.includes(kind as ColumnKind) || typeof missing !== "boolean")
    return false;
  if (leveled !== (levels !== undefined) || (leveled && !isNames(levels, (levels as string[]).length))) return false;
  if (decimal !== undefined && (decimal !== "," || kind !== "number")) return false;
  if (order !== undefined && (!["dmy", "mdy", "ymd"].includes(order as string) || kind !== "date")) return false;
  if (clip !== undefined && (clip !== true || kind !== "number")) return false;
  if (cycles !== undefined && (kind !== "date" || !isCycles(cycles))) return false;
  if (kind === "category") return typeof other === "boolean";
  return isNumbers([mean, deviation, fill], 3) && (deviation as number) > 0;
}

const isCycles = (value: unknown): boolean =>
  Array.isArray(value) && new Set(value).size === value.length && value.every((one) => Object.hasOwn(PERIODS, one));

/** Without members that it does not have. */
function pickFitted(column: FittedColumn): FittedColumn {
  const { name, missing } = column;
  if (column.kind === "category")
    return { name, kind: column.kind, levels: column.levels, other: column.other, missing };
  const { kind, mean, deviation, fill, levels, decimal, order, clip, cycles } = column;
  const all = { name, kind, levels, decimal, order, mean, deviation, fill, missing, clip, cycles };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as FittedColumn;
}

/** Whether a value is the names of the columns, in their order. */
export const isSame = (value: unknown, columns: readonly { readonly name: string }[]): boolean =>
  Array.isArray(value) && value.length === columns.length && columns.every(({ name }, j) => name === value[j]);

export function isNumbers(value: unknown, length?: number): value is number[] {
  return Array.isArray(value) && value.length === (length ?? value.length) && value.every(Number.isFinite);
}

export function isNames(value: unknown, length: number): value is string[] {
  return (
    Array.isArray(value) &&
    value.length === length &&
    value.every((name) => typeof name === "string") &&
    new Set(value).size === length
  );
}

export function isTrainedOn(value: unknown): value is TrainedOn {
  const { name, sha256, label, heldOut, table, parts } = (value ?? {}) as Record<string, unknown>;
  const { fraction, seed } = (heldOut ?? {}) as Record<string, unknown>;
  const heldOutOk = heldOut === null || (isNumbers([fraction, seed], 2) && (fraction as number) < 1);
  const labelOk = label === null || typeof label === "string";
  const { validation, test, ...none } = (parts ?? {}) as Record<string, unknown>;
  const partsOk = [validation, test].every((part) => part === undefined || isPart(part)) && isEmpty(none);
  return isPart({ name, sha256 }) && labelOk && heldOutOk && isRowChoices(table ?? {}) && partsOk;
}

/** Whether a value is what a model says of its private training. */
export function isPrivacy(value: unknown): boolean {
  const { epsilon, delta, insecure, ...none } = (value ?? {}) as Record<string, unknown>;
  return isNumbers([epsilon, delta], 2) && (insecure === undefined || insecure === true) && isEmpty(none);
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

function isPart(value: unknown): value is DataPart {
  const { name, sha256 } = (value ?? {}) as Record<string, unknown>;
  return typeof name === "string" && typeof sha256 === "string";
}

function isRowChoices(value: unknown): value is RowChoices {
  if (typeof value !== "object" || value === null) return false;
  const { missing = "fill", encoding = "", sheet = "", group = "", time = "", ...none } = value as RowChoices;
  const texts = [encoding, sheet, group, time].every((text) => typeof text === "string");
  return texts && MISSING_CHOICES.includes(missing) && isEmpty(none);
}
