// A table that lists pictures and their labels: `file,label`, names with or without ending, below the table's folder.
import { InvalidInput, show } from "../../errors.ts";
import { baseOf, type FileSet, folderOf, stemOf, within } from "../file-set.ts";
import { PICTURE_ENDING } from "./header.ts";

const MOST_BYTES = 2 ** 26;
const LABEL = /^(label|labels|class|classes|category|target|y|breed|species|kind|type)$/i;

export type PictureList = {
  readonly path: string;
  readonly rows: readonly { readonly path: string; readonly label: string | undefined }[];
  /** Column names, for the note; undefined where the table has no header. */
  readonly fileColumn: string | undefined;
  readonly labelColumn: string | undefined;
};

/** Pictures by what a cell may call them: the whole path, or its end, with or without ending. */
export type PictureIndex = ReadonlyMap<string, string | null>;

export function indexOf(paths: readonly string[]): PictureIndex {
  const index = new Map<string, string | null>();
  const put = (key: string, path: string) => {
    const other = index.get(key);
    index.set(key, other === undefined || other === path ? path : null); // null: two pictures share the name
  };
  for (const path of paths)
    for (let key = path; ; key = key.slice(key.indexOf("/") + 1)) {
      put(key, path);
      put(within(folderOf(key), stemOf(key)), path);
      if (!key.includes("/")) break;
    }
  return index;
}

const cleaned = (cell: string) =>
  cell
    .trim()
    .replaceAll("\\", "/")
    .replace(/^(\.\/)+/, "");

/**
 * The list in `path`, or undefined where no column of it names pictures. `label` chooses the label's column. Raises
 * InvalidInput for a row whose picture is missing or stands for two.
 */
export async function readPictureList(
  files: FileSet,
  path: string,
  index: PictureIndex,
  label?: string | null,
): Promise<PictureList | undefined> {
  const bytes = await files.bytes(path, { most: MOST_BYTES });
  const { cellsOf } = await import("./list-cells.ts"); // loads the parser
  const rows = cellsOf(bytes);
  const width = rows?.[0]?.length ?? 0;
  if (!rows || rows.length < 2 || width > 64) return undefined;
  const file = Array.from({ length: width }, (_, j) => j).find((j) => namesPictures(rows, j, index));
  if (file === undefined) return undefined;
  const headed = !index.has(cleaned(rows[0]![file]!)) && !PICTURE_ENDING.test(rows[0]![file]!);
  const header = headed ? rows[0]! : undefined;
  const of = labelColumn(files, path, header, width, file, label);
  const listed = rows.slice(headed ? 1 : 0).map((row, k) => {
    const place = { file: files.shown(path), at: `row ${k + (headed ? 2 : 1)}` };
    const found = index.get(cleaned(row[file] ?? ""));
    if (found === undefined) throw new InvalidInput("BAD_LIST", `there is no picture ${show(row[file])}.`, place);
    if (found === null) throw new InvalidInput("BAD_LIST", `${show(row[file])} is the name of two pictures.`, place);
    const text = of === undefined ? undefined : row[of]!.trim();
    if (text === "") throw new InvalidInput("BAD_LIST", "the label is missing.", place);
    return { path: found, label: text };
  });
  return { path, rows: listed, fileColumn: header?.[file], labelColumn: of === undefined ? undefined : header?.[of] };
}

const LOOKED_AT = 20; // rows

/** Whether a column holds names with a picture's ending, or, without endings, a different picture in every row. */
function namesPictures(rows: readonly (readonly string[])[], j: number, index: PictureIndex): boolean {
  const some = rows.slice(1, 1 + LOOKED_AT);
  if (some.filter((row) => PICTURE_ENDING.test(row[j]!)).length > some.length / 2) return true;
  const found = rows.slice(1).map((row) => index.get(cleaned(row[j]!)) ?? null);
  return !found.includes(null) && new Set(found).size === found.length;
}

/** The one asked for, one with such a name, or the last that is not the file's. */
function labelColumn(
  files: FileSet,
  path: string,
  header: readonly string[] | undefined,
  width: number,
  file: number,
  asked: string | null | undefined,
): number | undefined {
  if (asked != null) {
    const named = header?.indexOf(asked) ?? -1;
    const j = named >= 0 ? named : Number(asked) - 1;
    if (Number.isInteger(j) && j >= 0 && j < width && j !== file) return j;
    const reason = `it has no column ${show(asked)} beside that of the files.`;
    throw new InvalidInput("BAD_LIST", reason, { file: files.shown(path), at: "row 1" });
  }
  const others = Array.from({ length: width }, (_, j) => j).filter((j) => j !== file);
  return others.find((j) => header !== undefined && LABEL.test(header[j]!.trim())) ?? others.at(-1);
}

export const isTable = (name: string): boolean => /\.(csv|tsv)$/i.test(name) && !/submission/i.test(baseOf(name));
