// What a table's rows become, and what a reader of them says and hears.
import type { InvalidInputCode } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import type { Cell } from "./cell-text.ts";
import type { RejectedRow, TableColumn } from "./table-options.ts";

/** What the format of the rows settles: the code of the errors, and whether the first row is known to be a header. */
export type TableKind = { readonly code: InvalidInputCode; readonly header?: true };

/** A table as a data set. */
export type TableResult = {
  /** Its rows, coded where it has words or holes. */
  readonly data: Dataset;
  /** Every column of the table, and what is done with it. */
  readonly columns: readonly TableColumn[];
  /** The label column's name or, without a header, its position; undefined without a label. */
  readonly labelName: string | undefined;
  /** The cells of the columns to keep, as texts [N] each, as they stand. */
  readonly kept: Readonly<Record<string, readonly string[]>>;
  /** Rows that cannot be read, where these are skipped, by their numbers. */
  readonly rejected: readonly RejectedRow[];
  /** Whether its first row has the names of the columns. */
  readonly header: boolean;
  /** What was chosen of the columns without being told, in words; part of the warnings. */
  readonly notes: readonly string[];
  /** Oddities in words. */
  readonly warnings: string[];
};

/** For who wants the rows as they stand, a header too. */
export type RowWatch = {
  /** Is given each row's cells, its number in the file, and what split them. Default: none. */
  readonly onRow?: ((cells: readonly Cell[], row: number, delimiter: string | undefined) => void) | undefined;
};
