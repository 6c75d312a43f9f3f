// A format of tables: one file, or one for each part, with the same columns. What cells mean is in table.ts.
import { InvalidInput } from "../../errors.ts";
import type { Column } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import { baseOf, type FileSet, folderOf, hashing, stemOf } from "../file-set.ts";
import { type Format, isTest, refuse } from "./format.ts";
import type { TableOptions, TableResult } from "./table.ts";

export type TableFormatOptions = Pick<Format, "title"> & {
  /** In lower case. */
  readonly endings: readonly string[];
  /** Those of train… and test… in a folder. */
  readonly inFolders: readonly string[];
  readonly decode: (
    files: FileSet,
    path: string,
    options: TableOptions & { readonly name: string },
  ) => Promise<TableResult>;
};

export function tableFormat({ title, endings, inFolders, decode }: TableFormatOptions): Format {
  return {
    title,
    matches: (base) => endings.some((ending) => base.toLowerCase().endsWith(ending)),
    find(_, paths) {
      const ofPart = (part: string) =>
        inFolders.flatMap((ending) => paths.filter((path) => baseOf(path) === part + ending)).slice(0, 1);
      const [train] = ofPart("train");
      return train === undefined ? undefined : [train, ...ofPart("test")];
    },
    async read(files, paths, { name: given, ...options }) {
      const { train, test } = partsOf(files, paths);
      const hashed = hashing(files);
      const name = given ?? stemOf(train);
      const read = (path: string, part: string, more: TableOptions) =>
        decode(hashed, path, { ...options, name: part, file: files.shown(path), ...more });
      const first = await read(train, test === undefined ? name : `${name} train`, {});
      const { data, columns, labelName, notes } = first;
      const own = first.warnings.filter((warning) => !notes.includes(warning));
      const warnings = [...own, ...(await unread(files, train))];
      const table = { columns, labelName, notes };
      if (test === undefined) return { name, train: data, sha256: await hashed.digest(), warnings, table };
      const named = labelName !== undefined && data.featureNames !== undefined;
      const label = named ? labelName : options.label;
      const second = await read(test, `${name} test`, { label, classes: data.classes, known: columnsIn(data) });
      const found = asPlain(second.data, data);
      const ofTest = second.warnings.map((warning) => `${baseOf(test)}: ${warning}`);
      const sha256 = await hashed.digest();
      return { name, train: data, test: found, sha256, warnings: [...warnings, ...ofTest], table };
    },
  };
}

/** Words for a validation part beside the training part of a folder. */
async function unread(files: FileSet, train: string): Promise<string[]> {
  const [, ending] = /^train(\..*)$/.exec(baseOf(train)) ?? [];
  if (ending === undefined) return [];
  const beside = await files.list(folderOf(train)).catch(() => []);
  const parts = ["validation", "valid", "val", "dev"].map((part) => part + ending);
  const found = beside.flatMap(({ name, kind }) => (kind === "file" && parts.includes(name) ? [name] : []));
  return found.map(
    (name) => `${name} is not read: a validation part is held out of the training rows, by --validation.`,
  );
}

/** The columns of a data set, by which another part of it is read. */
function columnsIn({ columns, featureNames, cols }: Dataset): readonly Column[] {
  if (columns) return columns;
  return Array.from({ length: cols }, (_, j) => ({ name: featureNames?.[j] ?? `column ${j + 1}`, kind: "number" }));
}

/** A test part in the form of its training part: without columns where that has none. */
function asPlain(test: Dataset, { columns, featureNames, name }: Dataset): Dataset {
  if (columns) return test;
  const hole = test.features.findIndex(Number.isNaN);
  if (hole < 0) return { ...test, columns: undefined, featureNames };
  const reason = `row ${Math.floor(hole / test.cols) + 1} of the test part has a missing value, and ${name} has none to learn them from.`;
  throw new InvalidInput("MISSING_VALUE", reason);
}

/** The file of each part; of two files one must have test in its name. */
function partsOf(files: FileSet, paths: readonly string[]): { train: string; test?: string } {
  if (paths.length === 1) return { train: paths[0]! };
  const train = paths.filter((path) => !isTest(path));
  const test = paths.filter(isTest);
  if (train.length === 1 && test.length === 1) return { train: train[0]!, test: test[0]! };
  const reason =
    "of two files one is the training part and the other, with test in its name, the test part; more are not taken.";
  throw refuse(files, paths[1]!, "DATA_NOT_FOUND", reason);
}
