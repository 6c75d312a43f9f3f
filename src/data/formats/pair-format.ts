// A format of two files a part, an array of features and an array of labels, which find each other by their names.
import type { InvalidInputCode } from "../../errors.ts";
import type { Source } from "../dataset.ts";
import { baseOf, type FileSet, folderOf, hashing, stemOf, within } from "../file-set.ts";
import type { PictureOptions } from "../pictures/picture-form.ts";
import { dataWarnings } from "../warnings.ts";
import { type LabelArray, pairOf, shareClasses } from "./arrays.ts";
import { begin, type Format, isTest, type ReadOptions, refuse } from "./format.ts";

export type PairKind = Pick<Format, "title" | "matches" | "find"> & {
  /** Of the errors, e.g. BAD_IDX. */
  readonly code: InvalidInputCode;
  /** Base names of files of features; all others are labels. */
  readonly features: RegExp;
  /** Base names, in lower case, that the labels of a lower-case base name may have; undefined where it gives none. */
  readonly labelsOf: (base: string) => readonly string[] | undefined;
  /** The refusal of such a name. */
  readonly misnamed: string;
  /** Names of its test part's features, likewise. */
  readonly testOf?: (base: string) => readonly string[];
  readonly decode: NonNullable<Format["readFeatures"]>;
  /** What else is done to features of this name, and the note of it. */
  readonly turn?: (base: string, features: LabelArray, options: PictureOptions) => Turned;
};

export type Turned = { readonly features: LabelArray; readonly notes: readonly string[] };

export function pairFormat(kind: PairKind): Format {
  return {
    title: kind.title,
    code: kind.code,
    matches: kind.matches,
    find: kind.find,
    async read(files, paths, { name, classes, pictures, task }) {
      const set = inPairs(kind, files, paths.length === 1 ? await withOthers(kind, files, paths[0]!) : paths);
      return readPairs(kind, files, set, name ?? stemOf(set[0]!), classes, pictures, task);
    },
    async readFeatures(bytes, file, options = {}) {
      const features = await kind.decode(bytes, file);
      return kind.turn?.(baseOf(file), features, options).features ?? features;
    },
  };
}

/** A file of features and what lies beside it: its labels and, where `testOf` gives a name, the test part. */
async function withOthers(kind: PairKind, files: FileSet, path: string): Promise<readonly string[]> {
  const folder = folderOf(path);
  const present = (await files.list(folder)).map(({ name }) => within(folder, name));
  const find = (base: string) => present.find((each) => baseOf(each).toLowerCase() === base);
  const withLabels = (features: string): readonly string[] => {
    const wanted = kind.labelsOf(baseOf(features).toLowerCase());
    if (!wanted) throw refuse(files, features, "DATA_NOT_FOUND", kind.misnamed);
    const labels = wanted.map(find).find((found) => found !== undefined);
    if (labels !== undefined) return [features, labels];
    throw refuse(files, features, "DATA_NOT_FOUND", `${wanted.join(" or ")} is missing beside it.`);
  };
  const held = kind.testOf?.(baseOf(path).toLowerCase()) ?? [];
  const test = held.map(find).find((found) => found !== undefined && found !== path);
  return [...withLabels(path), ...(test === undefined ? [] : withLabels(test))];
}

/** `paths` as features and labels of the training part, then of the test part. Raises InvalidInput DATA_NOT_FOUND. */
function inPairs(kind: PairKind, files: FileSet, paths: readonly string[]): readonly string[] {
  const pair = (some: readonly string[]): readonly string[] => {
    const features = some.filter((path) => kind.features.test(baseOf(path)));
    const labels = some.filter((path) => !features.includes(path));
    if (features.length === 1 && labels.length === 1) return [...features, ...labels];
    throw refuse(files, some[0]!, "DATA_NOT_FOUND", `${kind.title} belong together, one pair a part.`);
  };
  const held = paths.filter(isTest);
  const rest = paths.filter((path) => !isTest(path));
  return [rest, held].flatMap((part) => (part.length > 0 ? pair(part) : []));
}

/** Read a set in the order of `inPairs`. Without `classes` the labels that occur in either part are the classes. */
export async function readPairs(
  { code, decode, turn }: Pick<PairKind, "code" | "decode" | "turn">,
  files: FileSet,
  paths: readonly string[],
  name: string,
  classes?: readonly string[],
  pictures: PictureOptions = {},
  task?: ReadOptions["task"],
): Promise<Source> {
  const hashed = hashing(files);
  const started: Promise<LabelArray>[] = []; // all are inflated at once, on threads of the platform's own
  for (const path of paths) {
    const decoded = decode(await hashed.bytes(path, begin(files, path, code)), files.shown(path));
    decoded.catch(() => {}); // awaited below, in order: of several bad files the first is named
    started.push(decoded);
  }
  const part = async (first: number, of: string, learned: ReadOptions["task"]) => {
    const [featuresFile, labelsFile] = [files.shown(paths[first]!), files.shown(paths[first + 1]!)];
    const [stored, labels] = [await started[first]!, await started[first + 1]!];
    const { features, notes } = turn?.(baseOf(paths[first]!), stored, pictures) ?? { features: stored, notes: [] };
    const { color, invert } = pictures;
    const pair = pairOf(features, labels, {
      name: of,
      code,
      featuresFile,
      labelsFile,
      classes,
      color,
      invert,
      task: learned,
    });
    return { data: pair.data, notes: [...notes, ...pair.notes] };
  };
  const first = await part(0, paths.length > 2 ? `${name} train` : name, task);
  const same = task && (first.data.task ?? "classify"); // as was found in the first
  const second = paths.length > 2 ? await part(2, `${name} test`, same) : undefined;
  const shared = shareClasses(first.data, second?.data);
  return { name, ...shared, sha256: await hashed.digest(), notes: first.notes, warnings: dataWarnings(shared.train) };
}
