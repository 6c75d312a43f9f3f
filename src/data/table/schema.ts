// A table's schema as JSON: what each column is for and of what kind, to be written, edited and given back.
import { InvalidInput, must } from "../../errors.ts";
import { COLUMN_KINDS, type Column, type ColumnKind } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import {
  type ColumnRole,
  MISSING_CHOICES,
  type MissingChoice,
  type TableColumn,
  type TableOptions,
} from "./table-options.ts";

const ROLES: readonly ColumnRole[] = ["label", "feature", "ignored", "weight", "group", "time", "keep"];

/** schema.json. */
export type TableSchema = {
  readonly deltaprop_schema: 1;
  readonly missing?: MissingChoice | undefined;
  readonly columns: readonly SchemaColumn[];
};

export type SchemaColumn = {
  readonly name: string;
  readonly role: ColumnRole;
  /** Of a feature. */
  readonly kind?: ColumnKind | undefined;
  /** Of a category or of ranks: all that there are. */
  readonly levels?: readonly string[] | undefined;
  readonly order?: Column["order"];
  /** Why the column is left out: for people. */
  readonly why?: string | undefined;
};

/** The schema of a table as it was read; columns without a name are called by their positions. */
export function schemaOf(table: readonly TableColumn[], data: Dataset, missing?: MissingChoice): TableSchema {
  const columns = table.map(({ name, position, role, why }): SchemaColumn => {
    const named = /^column \d+$/.test(name) ? String(position) : name;
    if (role !== "feature") return { name: named, role, ...(role === "ignored" && { why }) };
    const { kind = "number", levels, order } = data.columns?.find((column) => column.name === name) ?? {};
    return { name: named, role, kind, ...(levels && { levels }), ...(order && { order }) };
  });
  return { deltaprop_schema: 1, ...(missing && { missing }), columns };
}

/** What a schema's file says, as options for reading a table. Raises InvalidInput BAD_SCHEMA. */
export function schemaOptions(value: unknown, file: string): TableOptions {
  const { deltaprop_schema: version, missing, columns } = (value ?? {}) as Record<string, unknown>;
  const expect = (ok: boolean, what: string, expected: string, got: unknown) =>
    must(ok, what, expected, got, "", { file }, "BAD_SCHEMA");
  expect(version === 1, "deltaprop_schema", "1", version);
  expect(Array.isArray(columns) && columns.length > 0, "columns", "a list of columns", columns);
  expect(
    missing === undefined || MISSING_CHOICES.includes(missing as MissingChoice),
    "missing",
    MISSING_CHOICES.join(", "),
    missing,
  );
  const list = (columns as unknown[]).map((column, k) => readColumn(column, `columns[${k}]`, file));
  const of = (role: ColumnRole) => list.filter((column) => column.role === role).map(({ name }) => name);
  for (const role of ["weight", "group", "time"] as const)
    expect(of(role).length <= 1, `the columns of role ${role}`, "one at most", of(role));
  const kinds = list.flatMap(({ name, role, kind, levels, order }) =>
    role === "feature" && kind !== undefined ? [[name, { kind, levels, order }] as const] : [],
  );
  return {
    label: of("label").length === 0 ? undefined : of("label").join(","),
    columns: of("feature"),
    weight: of("weight")[0],
    group: of("group")[0],
    time: of("time")[0],
    keep: of("keep"),
    kinds: Object.fromEntries(kinds),
    missing: missing as MissingChoice | undefined,
  };
}

function readColumn(value: unknown, what: string, file: string): SchemaColumn {
  const { name, role, kind, levels, order } = (value ?? {}) as Record<string, unknown>;
  const expect = (ok: boolean, member: string, expected: string, got: unknown) =>
    must(ok, `${what}.${member}`, expected, got, "", { file }, "BAD_SCHEMA");
  expect(typeof name === "string", "name", "a text", name);
  expect(ROLES.includes(role as ColumnRole), "role", `one of ${ROLES.join(", ")}`, role);
  expect(
    kind === undefined || COLUMN_KINDS.includes(kind as ColumnKind),
    "kind",
    `one of ${COLUMN_KINDS.join(", ")}`,
    kind,
  );
  const orders = order === undefined || ["dmy", "mdy", "ymd"].includes(order as string);
  expect(orders, "order", "one of dmy, mdy, ymd", order);
  const leveled = kind === "category" || kind === "ordinal";
  const texts =
    Array.isArray(levels) &&
    levels.every((level) => typeof level === "string") &&
    new Set(levels).size === levels.length;
  expect(levels === undefined || (leveled && texts), "levels", "different texts, of a category or ordinal", levels);
  if (kind === "ordinal" && levels === undefined)
    throw new InvalidInput("BAD_SCHEMA", `${what} is ordinal, so it needs levels, from least to most.`, { file });
  return value as SchemaColumn;
}
