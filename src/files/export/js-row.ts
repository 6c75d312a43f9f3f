// The text of a module that makes the network's inputs of one row: a list, or an object by the names of the columns.
// A table's columns go through the fitted transform of data/transform.ts, with its operations in its order.
import { NUMBER } from "../../data/formats/class-order.ts";
import type { Scaling } from "../../data/scaling.ts";
import { INVISIBLE, MISSING, PAIRS } from "../../data/table/cell-text.ts";
import { type FittedColumn, type MeasuredColumn, PERIODS } from "../../data/transform.ts";
import { COS_SERIES, SIN_SERIES } from "../../numerics/trigonometry.ts";
import { columnCount, type Model } from "../../training/model.ts";
import { base64 } from "./js-forward.ts";
import { literal } from "./js-literal.ts";

/** The names by which an object's values are taken, where the columns have any. */
export const rowNames = ({ featureNames, scaling }: Pick<Model, "featureNames" | "scaling">) =>
  featureNames ?? (scaling.kind === "columns" ? scaling.columns.map(({ name }) => name) : undefined);

/** The text of `writeInputs(row)`, which fills `network.input`; it uses `features` and `bytesOf`. */
export function rowText(model: Model): string {
  const { scaling } = model;
  const names = rowNames(model);
  const D = columnCount(model);
  const what = scaling.kind === "columns" ? "values" : "numbers";
  const write = scaling.kind === "columns" ? columnsText(scaling.columns) : numbersText(model, scaling);
  return `
${names ? BY_NAME : ""}
function refuse(what, expected, value) {
  const got = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new TypeError(what + " must be " + expected + ", got " + got + ".");
}

function writeInputs(row) {
  const values = ${names ? "valuesOf(row)" : "row"};
  if (values?.length !== ${D}) throw new TypeError("predict takes ${D} ${what}, got " + values?.length + ".");
${write}`;
}

const BY_NAME = `/** The values of a row in the order of the columns: a list itself, of an object those under their names. */
function valuesOf(row) {
  if (typeof row !== "object" || row === null || Array.isArray(row) || ArrayBuffer.isView(row)) return row;
  if (row.length === features.length && !features.includes("length")) return row;
  return features.map((name) => {
    if (!Object.hasOwn(row, name)) throw new TypeError("the row has no column " + JSON.stringify(name) + ".");
    return row[name];
  });
}
`;

/** The i-th input from the number x, rounded as data/scaling.ts rounds it. */
function scaled(scaling: Exclude<Scaling, { kind: "columns" }>): string {
  if (scaling.kind === "none") return "x";
  if (scaling.kind === "divide") return `Math.fround(x) / ${Math.fround(scaling.by)}`;
  return "(x - mean.getFloat64(8 * i, true)) / deviation.getFloat64(8 * i, true)";
}

function numbersText({ featureNames }: Model, scaling: Exclude<Scaling, { kind: "columns" }>): string {
  const place = featureNames ? `"column " + JSON.stringify(features[i])` : `"pixels[" + i + "]"`;
  const fitted =
    scaling.kind === "standardize"
      ? `
// Of each feature, in float64.
const mean = bytesOf("${base64(scaling.mean)}");
const deviation = bytesOf("${base64(scaling.deviation)}");
`
      : "";
  return `  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    const input = typeof x === "number" ? Math.fround(${scaled(scaling)}) : NaN;
    if (!Number.isFinite(input)) refuse(${place}, "a finite number", x);
    network.input[i] = input;
  }
}
${fitted}`;
}

function columnsText(columns: readonly FittedColumn[]): string {
  const kinds = new Set(columns.map(({ kind }) => kind));
  const shaped = columns.filter((column): column is MeasuredColumn => column.kind !== "category");
  const clips = shaped.some(({ clip }) => clip);
  const turns = shaped.some(({ cycles }) => cycles);
  const leveled = kinds.has("category") || kinds.has("ordinal");
  return `  let at = 0;
  const put = (x) => {
    network.input[at++] = x; // rounded once, to float32
  };
  for (let j = 0; j < columns.length; j++) {
    const { name, kind, levels, other, missing, mean, deviation, fill${clips ? ", clip" : ""}${turns ? ", cycles = []" : ""} } = columns[j];
    const x = codeOf(j, values[j]);
    const lacks = x !== x;
    const expected = EXPECTED[kind] + (missing ? ", or null" : "");
    if (x === undefined || (lacks && !missing)) refuse("column " + JSON.stringify(name), expected, values[j]);
    if (kind === "category") {
      for (let k = 0; k < levels.length; k++) put(x === k ? 1 : 0);
      if (other) put(x < 0 ? 1 : 0);
      if (missing) put(lacks ? 1 : 0);
      continue;
    }
    const unknown = lacks || (kind === "ordinal" && x < 0);
    const known = unknown ? fill : x;
    const z = (known - mean) / deviation;
    put(${clips ? "clip ? z / Math.sqrt(1 + (z / 3) * (z / 3)) : z" : "z"});
    if (!Number.isFinite(network.input[at - 1])) refuse("column " + JSON.stringify(name), expected, values[j]);
${turns ? CYCLES : ""}    if (missing) put(unknown ? 1 : 0);
  }
}
${turns ? TURNS : ""}
const EXPECTED = {
  number: "a number",
  category: "a text",
  ordinal: "a text",
  boolean: "true or false",
  date: "a date such as 2026-11-28",
};

/**
 * The number that stands for a cell: a number itself, the place of a category or rank in its levels, 1 or 0 for yes or
 * no, days since 1970 for a date; -1 for a level never seen, NaN for a missing value, undefined for any other value.
 */
function codeOf(j, value) {
  const { kind } = columns[j];
  let cell = value;
  if (cell === null || cell === undefined || cell !== cell) return NaN;
  if (cell instanceof Date) cell = Number.isNaN(cell.getTime()) ? "" : cell.toISOString();
  if (typeof cell === "bigint") cell = Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === "string") {
    cell = cell.normalize("NFC").replace(INVISIBLE, "").trim();
    if (cell.length <= 5 && MISSING.test(cell)) return NaN;
  } else if (typeof cell !== "number" && typeof cell !== "boolean") return undefined;
${kinds.has("number") ? NUMBER_CODE : ""}${kinds.has("boolean") ? YES_OR_NO_CODE : ""}${kinds.has("date") ? DATE_CODE : ""}${
  leveled ? LEVEL_CODE : ""
}}

const INVISIBLE = ${INVISIBLE};
const MISSING = ${MISSING};
const NUMBER = ${NUMBER};
${leveled ? "const places = columns.map(({ levels = [] }) => new Map(levels.map((level, k) => [level, k])));\n" : ""}
function numberOf(cell) {
  const x = typeof cell === "number" ? cell : NUMBER.test(cell) ? Number(cell) : NaN;
  return Number.isFinite(Math.fround(x)) ? x : undefined;
}
${kinds.has("boolean") ? YES_OR_NO : ""}${kinds.has("date") ? DAYS : ""}`;
}

const CYCLES = `    for (const cycle of cycles) {
      const turns = known / PERIODS[cycle];
      put(unknown ? 0 : turns < 0 ? -sine(-turns, 0) : sine(turns, 0));
      put(unknown ? 0 : sine(Math.abs(turns), 1));
    }
`;

/** sin(2π(t + quarters/4)) as numerics/trigonometry.ts computes it. */
const TURNS = `
const PERIODS = ${literal(PERIODS)}; // days

const series = (z, coefficients) => coefficients.reduceRight((sum, term) => term + z * sum, 0);

function sine(t, quarters) {
  const part = t - Math.floor(t);
  const q = Math.floor(4 * part + 0.5);
  const x = ${2 * Math.PI} * (part - q / 4);
  const z = x * x;
  const quadrant = (q + quarters) % 4;
  const value =
    quadrant % 2 === 0
      ? x + x * z * series(z, ${literal(SIN_SERIES)})
      : 1 - (0.5 * z - z * z * series(z, ${literal(COS_SERIES)}));
  return quadrant < 2 ? value : 0 - value;
}
`;

const NUMBER_CODE = `  if (kind === "number") return typeof cell === "boolean" ? undefined : numberOf(cell);
`;
const YES_OR_NO_CODE = `  if (kind === "boolean") return typeof cell === "boolean" ? Number(cell) : yesOrNo(cell);
`;
const DATE_CODE = `  if (kind === "date") return typeof cell === "string" ? daysOf(cell) : undefined;
`;
// 1, 1.0 and 01 are one level.
const LEVEL_CODE = `  const name = typeof cell === "string" && NUMBER.test(cell) ? Number(cell) : cell;
  return places[j].get(String(name)) ?? -1;
`;

const YES_OR_NO = `
function yesOrNo(cell) {
  const pair = ${literal(PAIRS)}.find((words) => words.includes(String(cell).toLowerCase()));
  if (pair) return pair.indexOf(String(cell).toLowerCase());
  const x = numberOf(cell);
  return x === 0 || x === 1 ? x : undefined;
}
`;

const DAYS = String.raw`
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970 of a date in ISO 8601, in UTC where it names no zone. */
function daysOf(text) {
  const parts = ISO.exec(text);
  if (!parts || Number(parts[4] ?? 0) > 23 || Number(parts[5] ?? 0) > 59) return undefined;
  const date = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  if (date.getUTCMonth() !== Number(parts[2]) - 1 || date.getUTCDate() !== Number(parts[3])) return undefined;
  if (text.length <= 10) return date.getTime() / 86400000;
  const zoned = text.replace(" ", "T").replace(/([+-]\d{2})(\d{2})$/, "$1:$2") + (parts[7] ? "" : "Z");
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : ms / 86400000;
}
`;
