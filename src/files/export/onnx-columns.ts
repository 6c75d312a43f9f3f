// The fitted transform of a table's columns as nodes of an ONNX graph: an input [batch×1] for each column. Texts for
// categories and ranks; doubles for numbers and dates, NaN where missing; yes and no as bool, or as double where they
// may be missing.
import { MISSING } from "../../data/table/cell-text.ts";
import { type FittedColumn, type MeasuredColumn, type OneHotColumn, PERIODS } from "../../data/transform.ts";
import { type ElementType, type Message, ML_DOMAIN, node, ONNX_TYPE, tensor } from "./onnx-message.ts";

export type ColumnInput = { readonly name: string; readonly type: ElementType };

/** The inputs of the graph, one a column. */
export function columnInputs(columns: readonly FittedColumn[]): ColumnInput[] {
  const names = inputNamesOf(columns);
  return columns.map((column, j) => ({ name: names[j]!, type: typeOf(column) }));
}

/** Each input with the column it takes, and what it holds: JSON for the file's metadata. */
export function inputsMetadata(columns: readonly FittedColumn[]): string {
  const inputs = columnInputs(columns);
  return JSON.stringify(
    columns.map(({ name, kind, levels, missing }, j) => ({
      input: inputs[j]!.name,
      column: name,
      kind,
      levels,
      missing,
    })),
  );
}

function typeOf({ kind, missing }: FittedColumn): ElementType {
  if (kind === "category" || kind === "ordinal") return "string";
  return kind === "boolean" && !missing ? "bool" : "double";
}

// names within the graph
const TAKEN = /^(?:probabilities|labels?|class|values|quantiles|deviations|outputs|logits|scaled|features|[abzW]\d+)$/;

/** Names of letters, digits and _, as programs write them; all different from one another and from the graph's own. */
function inputNamesOf(columns: readonly FittedColumn[]): string[] {
  const taken = new Set<string>();
  return columns.map(({ name }, j) => {
    const plain = name
      .normalize("NFC")
      .replace(/[^\p{L}\p{M}\p{N}_]+/gu, "_")
      .replace(/(?<=.)_+$|^_+(?=[\p{L}\p{N}])/gu, "");
    const begun = plain === "" || plain === "_" ? `column_${j + 1}` : /^\p{N}/u.test(plain) ? `_${plain}` : plain;
    let free = begun;
    for (let n = 2; taken.has(free) || TAKEN.test(free); n++) free = `${begun}_${n}`;
    taken.add(free);
    return free;
  });
}

/** The nodes from the inputs to the network's input [batch×D′], whose name is returned. */
export function columnNodes(graph: Message, columns: readonly FittedColumn[]): string {
  const inputs = columnInputs(columns);
  const parts: { readonly name: string; readonly width: number; readonly at: number[] }[] = [];
  const measured: { readonly column: MeasuredColumn; readonly x: string; readonly at: number }[] = [];
  let next = 0; // place among the D′ inputs
  for (const [j, column] of columns.entries()) {
    const { name } = inputs[j]!;
    if (column.kind !== "category") {
      measured.push({ column, x: asDouble(graph, column, inputs[j]!), at: next });
      next += 1 + 2 * cyclesOf(column).length + Number(column.missing);
      continue;
    }
    const width = oneHotNodes(graph, column, name);
    if (width > 0) parts.push({ name: `${name}:inputs`, width, at: Array.from({ length: width }, (_, k) => next + k) });
    next += width;
  }
  if (measured.length > 0) parts.unshift(...measuredNodes(graph, measured));
  const places = parts.flatMap(({ at }) => at);
  const order = Array.from({ length: next }, (_, to) => BigInt(places.indexOf(to)));
  node(
    graph,
    "Concat",
    parts.map(({ name }) => name),
    "columns:all",
    { integers: { axis: 1 } },
  );
  tensor(graph, "columns:order", [next], BigInt64Array.from(order));
  node(graph, "Gather", ["columns:all", "columns:order"], "scaled", { integers: { axis: 1 } }); // in training's order
  return "scaled";
}

/** A measured column as doubles [batch×1], NaN where its value is missing or no level. */
function asDouble(graph: Message, column: MeasuredColumn, { name, type }: ColumnInput): string {
  if (type === "double") return name;
  let x = name;
  if (type === "string") {
    x = `${name}:rank`;
    const levels = column.levels ?? [];
    const lists = { stringLists: { keys_strings: levels }, floatLists: { values_floats: [...levels.keys()] } };
    node(graph, "LabelEncoder", [name], x, { ...lists, floats: { default_float: Number.NaN } }, ML_DOMAIN);
  }
  node(graph, "Cast", [x], `${name}:double`, { integers: { to: ONNX_TYPE.double } });
  return `${name}:double`;
}

/** All measured columns at once: [batch×M], (x − mean) / deviation, and 1 where x is missing. */
function measuredNodes(
  graph: Message,
  measured: readonly { readonly column: MeasuredColumn; readonly x: string; readonly at: number }[],
) {
  const M = measured.length;
  const vector = (name: string, of: (column: MeasuredColumn) => number) =>
    tensor(
      graph,
      name,
      [M],
      Float64Array.from(measured, ({ column }) => of(column)),
    );
  vector("columns:fill", ({ fill }) => fill);
  vector("columns:mean", ({ mean }) => mean);
  vector("columns:deviation", ({ deviation }) => deviation);
  const to = (type: ElementType) => ({ integers: { to: ONNX_TYPE[type] } });
  node(
    graph,
    "Concat",
    measured.map(({ x }) => x),
    "columns:raw",
    { integers: { axis: 1 } },
  );
  node(graph, "IsNaN", ["columns:raw"], "columns:unknown");
  node(graph, "Where", ["columns:unknown", "columns:fill", "columns:raw"], "columns:filled");
  node(graph, "Sub", ["columns:filled", "columns:mean"], "columns:centered");
  node(graph, "Div", ["columns:centered", "columns:deviation"], "columns:standardized");
  let z = "columns:standardized";
  if (measured.some(({ column }) => column.clip)) {
    vector("columns:third", ({ clip }) => (clip ? 1 / 3 : 0));
    tensor(graph, "columns:one", [], Float64Array.of(1));
    node(graph, "Mul", [z, "columns:third"], "columns:thirds");
    node(graph, "Mul", ["columns:thirds", "columns:thirds"], "columns:squares");
    node(graph, "Add", ["columns:squares", "columns:one"], "columns:squares1");
    node(graph, "Sqrt", ["columns:squares1"], "columns:roots");
    node(graph, "Div", [z, "columns:roots"], "columns:clipped"); //               z / √(1 + (z/3)²)
    z = "columns:clipped";
  }
  node(graph, "Cast", [z], "columns:measured", to("float"));
  node(graph, "Cast", ["columns:unknown"], "columns:missing", to("float"));
  // −1: not among the inputs
  const missing = measured.map(({ column, at }) => (column.missing ? at + 1 + 2 * cyclesOf(column).length : -1));
  return [
    { name: "columns:measured", width: M, at: measured.map(({ at }) => at) },
    { name: "columns:missing", width: M, at: missing },
    ...cycleNodes(graph, measured),
  ];
}

const cyclesOf = ({ cycles }: MeasuredColumn) => cycles ?? [];

/** Sine and cosine of 2π·days/period for each cycle of each date, 0 where the date is missing: two of [batch×K]. */
function cycleNodes(graph: Message, measured: readonly { readonly column: MeasuredColumn; readonly at: number }[]) {
  const all = measured.flatMap(({ column, at }, m) =>
    cyclesOf(column).map((cycle, k) => ({ m, period: PERIODS[cycle], at: at + 1 + 2 * k })),
  );
  const K = all.length;
  if (K === 0) return [];
  tensor(
    graph,
    "cycles:columns",
    [K],
    BigInt64Array.from(all, ({ m }) => BigInt(m)),
  );
  tensor(
    graph,
    "cycles:periods",
    [K],
    Float64Array.from(all, ({ period }) => period),
  );
  tensor(graph, "cycles:turn", [], Float64Array.of(2 * Math.PI));
  tensor(graph, "cycles:quarter", [], Float64Array.of(Math.PI / 2));
  tensor(graph, "cycles:zero", [], Float32Array.of(0));
  node(graph, "Gather", ["columns:filled", "cycles:columns"], "cycles:days", { integers: { axis: 1 } });
  node(graph, "Gather", ["columns:missing", "cycles:columns"], "cycles:missing", { integers: { axis: 1 } });
  node(graph, "Cast", ["cycles:missing"], "cycles:unknown", { integers: { to: ONNX_TYPE.bool } });
  node(graph, "Div", ["cycles:days", "cycles:periods"], "cycles:turns");
  node(graph, "Floor", ["cycles:turns"], "cycles:whole");
  node(graph, "Sub", ["cycles:turns", "cycles:whole"], "cycles:part");
  node(graph, "Mul", ["cycles:part", "cycles:turn"], "cycles:angle");
  node(graph, "Add", ["cycles:angle", "cycles:quarter"], "cycles:later");
  for (const [name, angle] of [
    ["sin", "cycles:angle"],
    ["cos", "cycles:later"],
  ] as const) {
    node(graph, "Sin", [angle], `cycles:${name}64`);
    node(graph, "Cast", [`cycles:${name}64`], `cycles:${name}32`, { integers: { to: ONNX_TYPE.float } });
    node(graph, "Where", ["cycles:unknown", "cycles:zero", `cycles:${name}32`], `cycles:${name}`);
  }
  return [
    { name: "cycles:sin", width: K, at: all.map(({ at }) => at) },
    { name: "cycles:cos", width: K, at: all.map(({ at }) => at + 1) },
  ];
}

/** A category as [batch×width] of 0 and 1, and its width; what has no place of its own is 0 in all. */
function oneHotNodes(graph: Message, { levels, other, missing }: OneHotColumn, name: string): number {
  const width = levels.length + Number(other) + Number(missing);
  if (width === 0) return 0;
  const marks = missingMarks().filter((mark) => !levels.includes(mark));
  const codes = [...levels.keys(), ...marks.map(() => (missing ? width - 1 : width))];
  const lists = { stringLists: { keys_strings: [...levels, ...marks] }, integerLists: { values_int64s: codes } };
  const integers = { default_int64: other ? levels.length : width };
  node(graph, "LabelEncoder", [name], `${name}:code`, { ...lists, integers }, ML_DOMAIN);
  tensor(graph, `${name}:width`, [], BigInt64Array.of(BigInt(width)));
  tensor(graph, `${name}:values`, [2], Float32Array.of(0, 1));
  tensor(graph, `${name}:shape`, [2], BigInt64Array.of(-1n, BigInt(width)));
  node(graph, "OneHot", [`${name}:code`, `${name}:width`, `${name}:values`], `${name}:hot`, { integers: { axis: -1 } });
  node(graph, "Reshape", [`${name}:hot`, `${name}:shape`], `${name}:inputs`); // [batch×1×width] to [batch×width]
  return width;
}

const MARKS = ["", "n/a", "#n/a", "na", "#na", "<na>", "nan", "nat", "null", "none", "nil", "-", "?"];

/** The marks of a missing value, in small and capital letters. */
function missingMarks(): string[] {
  const cased = MARKS.flatMap((mark) => {
    let all = [""];
    for (const letter of mark) {
      const cases = [...new Set([letter, letter.toUpperCase()])];
      all = all.flatMap((begun) => cases.map((one) => begun + one));
    }
    return all;
  });
  return cased.filter((mark) => MISSING.test(mark));
}
