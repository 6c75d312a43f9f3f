// A format of tables: one file, or one for each part, with the same columns. What cells mean is in table.ts.
import { InvalidInput, type InvalidInputCode } from "../../errors.ts";
import { type Dataset, selectColumns } from "../dataset.ts";
import { baseOf, type FileSet, folderOf, hashing, stemOf } from "../file-set.ts";
import { type Format, isTest, refuse } from "./format.ts";
import type { TableOptions } from "./table.ts";

export type TableFormatOptions = Pick<Format, "title"> & {
  /** In lower case. */
  readonly endings: readonly string[];
  /** Those of train… and test… in a folder. */
  readonly inFolders: readonly string[];
  /** Of the errors, and where in the file they find the names of columns. */
  readonly code: InvalidInputCode;
  readonly header: string;
  readonly decode: (
    files: FileSet,
    path: string,
    options: TableOptions & { readonly name: string },
  ) => Promise<{ data: Dataset; labelName?: string | undefined; warnings: string[] }>;
};

export function tableFormat({ title, endings, inFolders, code, header, decode }: TableFormatOptions): Format {
  return {
    title,
    matches: (base) => endings.some((ending) => base.toLowerCase().endsWith(ending)),
    find(_, paths) {
      const ofPart = (part: string) =>
        inFolders.flatMap((ending) => paths.filter((path) => baseOf(path) === part + ending)).slice(0, 1);
      const [train] = ofPart("train");
      return train === undefined ? undefined : [train, ...ofPart("test")];
    },
    async read(files, paths, { name: given, label, classes }) {
      const { train, test } = partsOf(files, paths);
      const hashed = hashing(files);
      const name = given ?? stemOf(train);
      const read = (path: string, part: string, known: Pick<TableOptions, "label" | "classes">) =>
        decode(hashed, path, { name: part, file: files.shown(path), ...known });
      const first = await read(train, test === undefined ? name : `${name} train`, { label, classes });
      const { data, labelName } = first;
      const warnings = [...first.warnings, ...(await unread(files, train))];
      if (test === undefined) return { name, train: data, sha256: await hashed.digest(), warnings };
      const named = labelName !== undefined && !/^[0-9]*$/.test(labelName); // digits would be a position
      const second = await read(test, `${name} test`, { label: named ? labelName : label, classes: data.classes });
      const aligned = withColumnsOf(data, second.data);
      if (aligned === undefined) {
        const [expected, found] = [data, second.data].map((part) => JSON.stringify(part.featureNames ?? part.cols));
        const reason = `the columns must be those of ${baseOf(train)}, ${expected}, got ${found}.`;
        throw new InvalidInput(code, reason, { file: files.shown(test), at: header });
      }
      const ofTest = second.warnings.map((warning) => `${baseOf(test)}: ${warning}`);
      const sha256 = await hashed.digest();
      return { name, train: data, test: aligned, sha256, warnings: [...warnings, ...ofTest] };
    },
  };
}

/** `data` with its columns in the order of `train`, matched by name; undefined where they are not the same columns. */
function withColumnsOf(train: Dataset, data: Dataset): Dataset | undefined {
  const [wanted, found] = [train.featureNames, data.featureNames];
  if (train.cols !== data.cols || (wanted === undefined) !== (found === undefined)) return undefined;
  if (!wanted || !found || wanted.every((name, j) => name === found[j])) return data;
  const at = new Map(found.map((name, j) => [name, j]));
  const columns = wanted.flatMap((name) => at.get(name) ?? []);
  if (columns.length !== wanted.length) return undefined;
  return { ...data, features: selectColumns(data, columns), featureNames: wanted };
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
