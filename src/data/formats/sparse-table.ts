// A table that is kept as the entries that are not zero: its columns are numbers, one label is beside them.
import { InvalidInput, type Place } from "../../errors.ts";
import { type Dataset, storedDataset } from "../dataset.ts";
import { type SparseCells, SparseRows } from "../stored/sparse-rows.ts";
import type { CellStore } from "../table/cell-store.ts";
import { type ColumnFacts, columnFacts, distinct } from "../table/column-facts.ts";
import { learnedColumns } from "../table/learned-columns.ts";
import type { TableColumn } from "../table/table-options.ts";
import { tableWarnings } from "../warnings.ts";
import type { TableOptions, TableResult } from "./table.ts";

/** Column j is called names[j]; `labels` has a column of the labels, `place` says where a row is. */
export function sparseTable(
  cells: SparseCells,
  names: readonly string[],
  labels: CellStore,
  options: TableOptions & { readonly name: string },
  place: (row: number | undefined, column: number) => Place,
): TableResult {
  const { label, known, name } = options;
  const store = new SparseRows(names.length, cells);
  const { rows } = store;
  const facts = columnFacts(labels, 0);
  const own = labelColumn(facts[0]!, names.length + 1, known !== undefined);
  const plan = { labels: label === null ? [] : [0], start: 0, columns: [own] };
  const learned = learnedColumns(labels, plan, facts, options, (reason, _, row) => {
    return new InvalidInput("BAD_LIBSVM", reason, place(row, names.length));
  });
  const about: Omit<Dataset, "features"> = {
    name,
    rows,
    cols: names.length,
    labels: learned?.labels ? Int32Array.from(learned.labels) : new Int32Array(rows),
    classes: learned?.classes ?? ["0"],
    ...(learned?.values && { task: learned.task, values: learned.values }),
    featureNames: names,
  };
  const data = storedDataset(about, store);
  const columns = [...columnsOf(store, names), ...(learned ? [own] : [])];
  const found = known ? [] : tableWarnings(data, label !== null, names);
  const warnings = [...(learned?.notes ?? []), ...found];
  const labelName = learned && own.name;
  return { data, columns, labelName, kept: {}, rejected: [], header: true, notes: [], warnings };
}

function labelColumn(facts: ColumnFacts, position: number, told: boolean): TableColumn {
  const why = told ? "as told" : "by its name";
  const example = String(facts.values.keys().next().value ?? facts.texts[0] ?? "");
  return {
    name: "label",
    position,
    role: "label",
    why,
    kind: "number",
    missing: 0,
    distinct: distinct(facts),
    example,
  };
}

const MOST_COUNTED = 24; // different values of a column

function columnsOf({ rows, cells: { starts, columns, values } }: SparseRows, names: readonly string[]): TableColumn[] {
  const seen = names.map(() => new Set<number>());
  const entries = new Uint32Array(names.length);
  for (let k = 0; k < columns.length; k++) {
    const j = columns[k]!;
    entries[j]!++;
    if (seen[j]!.size < MOST_COUNTED) seen[j]!.add(values[k]!);
  }
  const first = new Map<number, number>();
  for (let k = 0; k < starts[1]!; k++) first.set(columns[k]!, values[k]!);
  return names.map((name, j) => {
    if (entries[j]! < rows) seen[j]!.add(0);
    const { size } = seen[j]!;
    const example = String(first.get(j) ?? 0);
    const more = size >= MOST_COUNTED ? (true as const) : undefined;
    return { name, position: j + 1, role: "feature", kind: "number", missing: 0, distinct: size, more, example };
  });
}
