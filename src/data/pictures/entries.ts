// What lies in a folder of pictures: folders, pictures, and files that are none, which are counted and left out. On a
// disk no link is followed, nothing but plain files is opened, and the folder is never left.
import { InvalidInput } from "../../errors.ts";
import { baseOf, type FileSet, within } from "../file-set.ts";
import { OTHER_PICTURE, PICTURE_ENDING } from "./header.ts";
import { some } from "./picture-tally.ts";

const DEEPEST = 8; // folders in folders

export type PictureEntries = { readonly folders: readonly string[]; readonly pictures: readonly string[] };

/** Files that are no pictures, over all folders of a set. */
export class Strays {
  readonly #names = new Map<string, number>();
  #count = 0;

  add(path: string): void {
    const name = baseOf(path);
    this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
    this.#count++;
  }

  /** One note, or none. */
  notes(): string[] {
    if (this.#count === 0) return [];
    const names = [...this.#names].map(([name, n]) => (n > 1 ? `${name} (${n})` : name));
    const files =
      this.#count === 1 ? "1 file that is no picture was" : `${this.#count} files that are no pictures were`;
    return [`${files} left out: ${some(names)}.`];
  }
}

/** The names in a folder. Raises InvalidInput for links, devices, and pictures of a kind that is not read. */
export async function entriesOf(files: FileSet, folder: string, strays: Strays): Promise<PictureEntries> {
  const entries = await files.list(folder);
  const odd = entries.find(({ kind }) => kind !== "file" && kind !== "folder");
  if (odd) {
    const kind = { link: "a symbolic link", pipe: "a pipe" }[odd.kind as string] ?? "neither a file nor a folder";
    throw refuseFolder(files, within(folder, odd.name), `it is ${kind}; only plain files and folders are read.`);
  }
  const pictures: string[] = [];
  for (const { name, kind } of entries) {
    if (kind !== "file") continue;
    if (PICTURE_ENDING.test(name)) pictures.push(name);
    else if (OTHER_PICTURE.test(name)) {
      const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
      const reason = `pictures in ${ending} are not read; PNG, JPEG, WebP, GIF and BMP are. Convert it.`;
      throw refuseFolder(files, within(folder, name), reason);
    } else strays.add(within(folder, name));
  }
  return { folders: entries.filter(({ kind }) => kind === "folder").map(({ name }) => name), pictures };
}

/** The paths of all pictures below a folder, folders in the order of their names. */
export async function picturesBelow(files: FileSet, folder: string, strays: Strays, depth = 0): Promise<string[]> {
  if (depth > DEEPEST) throw refuseFolder(files, folder, `folders lie more than ${DEEPEST} deep in each other.`);
  const { folders, pictures } = await entriesOf(files, folder, strays);
  const found = pictures.map((name) => within(folder, name));
  for (const name of folders) found.push(...(await picturesBelow(files, within(folder, name), strays, depth + 1)));
  return found;
}

export function refuseFolder(files: FileSet, path: string, reason: string): InvalidInput {
  return new InvalidInput("BAD_FOLDER", reason, { file: files.shown(path), at: "name" });
}
