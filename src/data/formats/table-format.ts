// A format of tables: one file, or one for each part, with the same columns. What cells mean is in table.ts.
import { atOnce } from "../../engines/turns.ts";
import { InvalidInput } from "../../errors.ts";
import type { Column } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import { baseOf, type FileSet, hashing, stemOf } from "../file-set.ts";
import { withSameClasses } from "../join-parts.ts";
import { eachRows, type Piece, withFacts } from "../stored/row-store.ts";
import { type Format, isTest, isValidation, refuse } from "./format.ts";
import type { TableOptions, TableResult } from "./table.ts";

export type TableFormatOptions = Pick<Format, "title"> & {
  /** In lower case. */
  readonly endings: readonly string[];
  /** Those of train…, validation… and test… in a folder. */
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
      if (train === undefined) return undefined;
      const validation = ["validation", "valid", "val", "dev"].flatMap(ofPart).slice(0, 1);
      return [train, ...validation, ...ofPart("test")];
    },
    async read(files, paths, { name: given, ...options }) {
      const { train, validation, test } = partsOf(files, paths);
      const hashed = hashing(files);
      const name = given ?? stemOf(train);
      const read = (path: string, part: string, more: TableOptions) =>
        decode(hashed, path, { ...options, name: part, file: files.shown(path), ...more });
      const first = await read(train, paths.length === 1 ? name : `${name} train`, {});
      const { data, columns, labelName, notes } = first;
      const warnings = first.warnings.filter((warning) => !notes.includes(warning));
      const { kept, rejected, header } = first;
      const table = { columns, labelName, notes, kept, rejected, header };
      const named = labelName !== undefined && data.featureNames !== undefined;
      const more = {
        label: named ? labelName : options.label,
        classes: data.task ? data.classes : options.classes, // a class may occur in one part alone
        task: data.task ?? (labelName === undefined ? options.task : "classify"),
        known: columnsIn(data),
        weight: undefined, // of training rows alone
      };
      const readPart = async (path: string | undefined, part: string): Promise<Dataset | undefined> => {
        if (path === undefined) return undefined;
        const found = await read(path, `${name} ${part}`, more);
        const own = found.warnings.filter((warning) => !first.warnings.includes(warning));
        warnings.push(...own.map((warning) => `${baseOf(path)}: ${warning}`));
        return asPlain(found.data, data);
      };
      const watched = await readPart(validation, "validation");
      const parts = withSameClasses({ train: data, validation: watched, test: await readPart(test, "test") });
      const whole = { name, ...parts, sha256: await hashed.digest(), warnings, table };
      if (!parts.validation || parts.test) return whole;
      const told = ["There is no test part: the validation part is the test."];
      return { ...whole, validation: undefined, test: parts.validation, notes: told };
    },
  };
}

/** The columns of a data set, by which another part of it is read. */
export function columnsIn({ columns, featureNames, cols }: Dataset): readonly Column[] {
  if (columns) return columns;
  return Array.from({ length: cols }, (_, j) => ({ name: featureNames?.[j] ?? `column ${j + 1}`, kind: "number" }));
}

/** A further part in the form of its training part: without columns where that has none. */
export function asPlain(test: Dataset, { columns, featureNames, name }: Dataset): Dataset {
  if (columns) return test;
  let hole = -1;
  const look = ({ from, features }: Piece) => {
    const at = features.findIndex(Number.isNaN);
    if (at >= 0) hole = from * test.cols + at;
    return hole < 0;
  };
  atOnce(eachRows(test, look));
  if (hole < 0) return withFacts(test, { columns: undefined, featureNames });
  const reason = `row ${Math.floor(hole / test.cols) + 1} of ${test.name} has a missing value, and ${name} has none to learn them from.`;
  throw new InvalidInput("MISSING_VALUE", reason);
}

/** The file of each part, by test or validation in their names. */
function partsOf(
  files: FileSet,
  paths: readonly string[],
): { readonly train: string; readonly validation?: string | undefined; readonly test?: string | undefined } {
  if (paths.length === 1) return { train: paths[0]! };
  const test = paths.filter(isTest);
  const validation = paths.filter((path) => !isTest(path) && isValidation(path));
  const [train, ...others] = paths.filter((path) => !isTest(path) && !isValidation(path));
  if (train !== undefined && others.length === 0 && test.length <= 1 && validation.length <= 1)
    return { train, validation: validation[0], test: test[0] };
  const reason =
    "of several files one is the training part, one with test in its name the test part and one with validation in its name the validation part; more are not taken.";
  throw refuse(files, paths[1]!, "DATA_NOT_FOUND", reason);
}
