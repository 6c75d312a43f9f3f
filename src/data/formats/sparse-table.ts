// A table that is kept as the entries that are not zero: its columns are numbers, one label is beside them.
import { InvalidInput } from "../../errors.ts";
import { type Dataset, storedDataset } from "../dataset.ts";
import { type SparseCells, SparseRows } from "../stored/sparse-rows.ts";
import type { CellStore } from "../table/cell-store.ts";
import { columnFacts } from "../table/column-facts.ts";
import { codeLabels } from "../table/label-codes.ts";
import type { TableColumn } from "../table/table-options.ts";
import { tableWarnings } from "../warnings.ts";
import type { TableOptions, TableResult } from "./table.ts";

/** Column j is called names[j]; `labels` has a column of the labels, `place` says where a row is. */
export function sparseTable(
  cells: SparseCells,
  names: readonly string[],
  labels: CellStore,
  { label, classes, known, categorical = [], name }: TableOptions & { readonly name: string },
  place: (row: number | undefined, column: number) => { readonly file: string | undefined; readonly at: string },
): TableResult {
  const store = new SparseRows(names.length, cells);
  const { rows } = store;
  const facts = columnFacts(labels, 0)[0]!;
  const told = label !== null && categorical.length > 0;
  const coded =
    label === null ? undefined : codeLabels(labels, { label: 0, start: 0 }, facts, { classes, drop: false, told });
  if (coded && "reason" in coded) throw new InvalidInput("BAD_LIBSVM", coded.reason, place(coded.row, names.length));
  const about: Omit<Dataset, "features"> = {
    name,
    rows,
    cols: names.length,
    labels: coded?.labels ?? new Int32Array(rows),
    classes: coded?.classes ?? ["0"],
    featureNames: names,
  };
  const data = storedDataset(about, store);
  const features = columnsOf(store, names);
  const own: TableColumn[] = coded
    ? [
        {
          name: "label",
          position: names.length + 1,
          role: "label",
          why: known ? "as told" : "by its name",
          kind: "number",
          missing: 0,
          distinct: coded.classes.length,
          example: coded.classes[coded.labels[0]!]!,
        },
      ]
    : [];
  const notes: readonly string[] = [];
  const warnings = [...(coded?.notes ?? []), ...(known ? [] : tableWarnings(data, label !== null, names))];
  const labelName = coded && "label";
  return { data, columns: [...features, ...own], labelName, kept: {}, rejected: [], header: true, notes, warnings };
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
