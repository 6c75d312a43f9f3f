// From the rows that a reader hands over to a checked data set, the same for every format of tables.
import type { WithKeeping } from "../stored/keeping.ts";
import { type RowWatch, Table, type TableKind, type TableOptions, type TableResult } from "./table.ts";

/** The data set of the rows that `fill` adds to a table. */
export async function collect(
  options: TableOptions & RowWatch & WithKeeping & { readonly name: string },
  kind: TableKind,
  fill: (table: Table) => void | Promise<void>,
): Promise<TableResult> {
  const table = new Table(options, kind);
  try {
    await fill(table);
    return table.finish(options.name);
  } finally {
    table.close();
  }
}
