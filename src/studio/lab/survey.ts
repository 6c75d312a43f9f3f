// What is in the table of refused files: each column as it is found without a label, and what is wrong with those that
// cannot be read as they stand.
import { columnUses } from "../../data/column-uses.ts";
import type { Source } from "../../data/dataset.ts";
import { InvalidInput } from "../../errors.ts";
import { AS_FOUND, readOptions } from "../state/reading.ts";
import { isHidden, isModel, readData } from "./dropped-data.ts";
import type { FoundColumn, GivenFile } from "./protocol.ts";

const MOST_TRIES = 12; // each leaves out one more column

/** The columns of a table, in the file's order; null where the files are no table that can be read so far. */
export async function surveyTable(files: readonly GivenFile[]): Promise<readonly FoundColumn[] | null> {
  const data = files.filter((file) => !isHidden(file) && !isModel(file));
  const problems = new Map<number, string>(); // by position
  while (problems.size < MOST_TRIES) {
    try {
      const ignore = [...problems.keys()].map(String);
      const source = await readData(data, { ...readOptions({ ...AS_FOUND, ignore }), label: null });
      return foundColumns(source)?.map((column) => ({ ...column, problem: problems.get(column.position) })) ?? null;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const position = Number(/\bcolumn (\d+)/.exec(error.at ?? "")?.[1] ?? Number.NaN);
      if (Number.isNaN(position) || problems.has(position)) return null;
      problems.set(position, error.reason.replace(/ [^.]*--[^.]*\.$/, "")); // no flags on a page
    }
  }
  return null;
}

/** The columns of a table with their uses; null for other data. */
export function foundColumns({ table, train }: Source): readonly FoundColumn[] | null {
  if (!table) return null;
  const uses = columnUses(table.columns, train);
  const levels = new Map(train.columns?.map(({ name, levels }) => [name, levels]));
  return table.columns.map((column, k) => ({ ...column, use: uses[k]!, levels: levels.get(column.name) }));
}

/** What the files are called as a command's argument; null for several that lie in no one folder. */
export function nameOfFiles(files: readonly GivenFile[]): string | null {
  const data = files.filter((file) => !isHidden(file) && !isModel(file)).map(({ name }) => name);
  const [first = ""] = data;
  const folder = first.includes("/") ? first.slice(0, first.indexOf("/")) : null;
  if (data.length === 1 && folder === null) return first;
  return folder !== null && data.every((name) => name.startsWith(`${folder}/`)) ? folder : null;
}
