// Node only. A file that a command writes where its user says: what is there already is replaced with --force alone.
import { lstat } from "node:fs/promises";
import { InvalidInput } from "../errors.ts";
import { writeDurably } from "./disk.ts";
import { readIfThere } from "./run/run-folder.ts";

export type Overwrite = { readonly force?: true | undefined };

const REMEDY = "Choose another name, or replace it with --force.";

/** Raises InvalidInput OUT_TAKEN if something is at `file`; with `force` only if it is no plain file. */
export async function refuseTaken(file: string, { force }: Overwrite = {}): Promise<void> {
  const found = await lstat(file).catch(() => undefined); // what cannot be seen cannot be written either
  if (!found) return;
  const plain = found.isFile();
  if (plain && force) return;
  const what = plain ? "a file is there already" : found.isDirectory() ? "a folder is there" : "it is no plain file";
  throw new InvalidInput("OUT_TAKEN", `${what}. ${plain ? REMEDY : "Choose another name."}`, { file });
}

/** As refuseTaken, but a file of the same bytes is no obstacle: true where one is there. */
export async function refuseOther(file: string, content: Uint8Array | string, overwrite?: Overwrite): Promise<boolean> {
  const there = await readIfThere(file);
  if (!there) return false;
  if (Buffer.from(content as Uint8Array).equals(there)) return true;
  if (!overwrite?.force) throw new InvalidInput("OUT_TAKEN", `a different file is there. ${REMEDY}`, { file });
  await refuseTaken(file, overwrite);
  return false;
}

/** Write a file durably; one of the same bytes is left alone. Raises InvalidInput OUT_TAKEN. */
export async function writeOnce(file: string, content: Uint8Array | string, overwrite?: Overwrite): Promise<void> {
  if (!(await refuseOther(file, content, overwrite))) await writeDurably(file, content);
}
