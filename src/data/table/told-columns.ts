// What a person said of a table's columns, with names as indices.
import { type InvalidInputCode, show } from "../../errors.ts";
import type { Column, ColumnKind } from "../columns.ts";
import { nearest } from "../nearest.ts";
import { levelName } from "./cell-text.ts";
import type { ColumnRole, TableOptions } from "./table-options.ts";

/** An error of the whole table, or of a column. */
export type Refuse = (reason: string, column?: number, code?: InvalidInputCode) => Error;

export type ToldColumns = {
  /** None: []; undefined: to be found. */
  readonly labels: readonly number[] | undefined;
  readonly weight: number | undefined;
  readonly group: number | undefined;
  readonly time: number | undefined;
  readonly keep: readonly number[];
  /** Roles beside those of label and features. */
  readonly roles: ReadonlyMap<number, ColumnRole>;
  /** The features, where they were listed. */
  readonly chosen: ReadonlySet<number> | undefined;
  readonly ignored: ReadonlySet<number>;
  readonly kinds: ReadonlyMap<number, Omit<Column, "name">>;
};

export function toldColumns(
  options: TableOptions,
  names: readonly string[] | undefined,
  width: number,
  refuse: Refuse,
): ToldColumns {
  const find = (name: string) => findColumn(name, names, width, refuse);
  const one = (name: string | undefined) => (name === undefined ? undefined : find(name));
  const { label, columns, ignore = [], categorical = [], numeric = [], ordinal = {}, kinds = {} } = options;
  const [weight, group, time] = [one(options.weight), one(options.group), one(options.time)];
  const keep = options.keep?.map(find) ?? [];
  const roles = new Map<number, ColumnRole>(keep.map((j) => [j, "keep"]));
  for (const [j, role] of [[time, "time"] as const, [group, "group"] as const, [weight, "weight"] as const]) {
    const other = j === undefined || roles.get(j) === "keep" ? undefined : roles.get(j);
    if (other !== undefined) throw refuse(`the column cannot be both ${role} and ${other}.`, j);
    if (j !== undefined) roles.set(j, role);
  }
  const told = new Map<number, Omit<Column, "name">>();
  const tell = (list: readonly string[], kind: ColumnKind) => {
    for (const name of list) told.set(find(name), { kind });
  };
  for (const [name, kind] of Object.entries(kinds)) told.set(find(name), kind);
  tell(categorical, "category");
  tell(numeric, "number");
  for (const [name, levels] of Object.entries(ordinal))
    told.set(find(name), { kind: "ordinal", levels: levels.map(levelName) });
  return {
    labels: label === null ? [] : label === undefined ? undefined : findLabels(label, names, width, refuse),
    weight,
    group,
    time,
    keep,
    roles,
    chosen: columns && new Set(columns.map(find)),
    ignored: new Set(ignore.map(find)),
    kinds: told,
  };
}

/** The label column that a person names, or several with commas between, where none has all of it for its name. */
export function findLabels(
  label: string,
  names: readonly string[] | undefined,
  width: number,
  refuse: Refuse,
): readonly number[] {
  const listed = names?.includes(label.trim()) ? [label] : label.split(",");
  const found = listed.map((name) => findColumn(name.trim(), names, width, refuse, "label"));
  const twice = found.find((j, k) => found.indexOf(j) !== k);
  if (twice !== undefined) throw refuse("the column is named twice as a label.", twice);
  return found;
}

/** The index of the column that a person names. */
export function findColumn(
  name: string,
  names: readonly string[] | undefined,
  width: number,
  refuse: Refuse,
  what = "column",
): number {
  const at = names?.indexOf(name.trim()) ?? -1;
  if (/^[0-9]+$/.test(name)) {
    const position = Number(name);
    if (position >= 1 && position <= width) return position - 1;
    throw refuse(`the ${what} must be a column from 1 to ${width}, got ${name}.`);
  }
  if (at >= 0) return at;
  const near = nearest(name, names ?? []);
  const remedy = near === undefined ? "Name one, or give its position counted from 1." : `Did you mean ${show(near)}?`;
  throw refuse(`no column is named ${show(name)}; the first row is ${show(names ?? [])}. ${remedy}`);
}
