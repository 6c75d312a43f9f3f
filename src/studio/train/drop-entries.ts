// The files of a drop, its folders walked: each file with its path from the dropped folder on.
import type { GivenFile } from "../lab/protocol.ts";

type Found = { readonly name: string; readonly file: File };

export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly GivenFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => !!entry);
  if (!entries.some((entry) => entry.isDirectory)) return toGiven([...files]);
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return readAll(found);
}

export function toGiven(files: readonly File[]): Promise<readonly GivenFile[]> {
  return readAll(files.map((file) => ({ name: file.webkitRelativePath || file.name, file })));
}

function readAll(found: readonly Found[]): Promise<readonly GivenFile[]> {
  return Promise.all(found.map(async ({ name, file }) => ({ name, bytes: await file.arrayBuffer() })));
}

async function walk(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ name: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return; // a reader gives its entries in batches
    for (const each of some) await walk(each, found);
  }
}
