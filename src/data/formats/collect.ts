// From the rows that a reader hands over to a checked data set, the same for every format of tables.
import { InvalidInput } from "../../errors.ts";
import { checkDataset, type Dataset } from "../dataset.ts";
import { tableWarnings } from "../warnings.ts";
import { Table, type TableKind, type TableOptions } from "./table.ts";

/** The data set of the rows that `fill` adds to a table. */
export async function collect(
  options: TableOptions & { readonly name: string },
  kind: TableKind,
  fill: (table: Table) => void | Promise<void>,
): Promise<{ data: Dataset; warnings: string[] }> {
  const table = new Table(options, kind);
  await fill(table);
  const { notes, ...found } = table.finish();
  if (found.cols < 1)
    throw new InvalidInput(kind.code, "the table has no columns.", { file: options.file, at: "row 1" });
  const data = checkDataset({ name: options.name, ...found });
  return { data, warnings: [...notes, ...tableWarnings(data, options.label !== null)] };
}
