// A format of tables: one file, or one for each part, with the same columns. What cells mean is in table.ts.
import { InvalidInput } from "../../errors.ts";
import type { Dataset } from "../dataset.ts";
import { baseOf, type FileSet, hashing, stemOf } from "../file-set.ts";
import { type Format, isTest, type ReadOptions, refuse } from "./format.ts";
import type { TableOptions } from "./table.ts";

export type TableFormatOptions = Pick<Format, "title"> & {
  /** In lower case. */
  readonly endings: readonly string[];
  /** Those of train… and test… in a folder. */
  readonly inFolders: readonly string[];
  /** Of the errors, and where in the file they find the names of columns. */
  readonly code: string;
  readonly header: string;
  readonly decode: (
    files: FileSet,
    path: string,
    options: TableOptions & Pick<ReadOptions, "encoding" | "sheet"> & { readonly name: string },
  ) => Promise<{ data: Dataset; warnings: string[] }>;
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
    async read(files, paths, { name: given, label, classes, encoding, sheet }) {
      const { train, test } = partsOf(files, paths);
      const hashed = hashing(files);
      const name = given ?? stemOf(train);
      const read = (path: string, part: string, known: readonly string[] | undefined) =>
        decode(hashed, path, { name: part, file: files.shown(path), label, classes: known, encoding, sheet });
      const first = await read(train, test === undefined ? name : `${name} train`, classes);
      const { data, warnings } = first;
      if (test === undefined) return { name, train: data, sha256: await hashed.digest(), warnings };
      const second = await read(test, `${name} test`, data.classes);
      const [expected, found] = [data, second.data].map((part) => JSON.stringify(part.featureNames ?? part.cols));
      if (expected !== found) {
        const reason = `the columns must be those of ${baseOf(train)}, ${expected}, got ${found}.`;
        throw new InvalidInput(code, reason, { file: files.shown(test), at: header });
      }
      const ofTest = second.warnings.map((warning) => `${baseOf(test)}: ${warning}`);
      const sha256 = await hashed.digest();
      return { name, train: data, test: second.data, sha256, warnings: [...warnings, ...ofTest] };
    },
  };
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
