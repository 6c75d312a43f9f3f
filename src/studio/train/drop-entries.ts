// The files of a drop, folders walked: every file with its path in the folder that was dropped.
import type { GivenFile } from "../lab/protocol.ts";

export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly GivenFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => !!entry);
  if (!entries.some((entry) => entry.isDirectory)) return toGiven([...files]);
  const found: { path: string; file: File }[] = [];
  for (const entry of entries) await walk(entry, found);
  return Promise.all(found.map(async ({ path, file }) => ({ name: path, bytes: await file.arrayBuffer() })));
}

export function toGiven(files: readonly File[]): Promise<readonly GivenFile[]> {
  return Promise.all(
    files.map(async (file) => ({ name: file.webkitRelativePath || file.name, bytes: await file.arrayBuffer() })),
  );
}

async function walk(entry: FileSystemEntry, found: { path: string; file: File }[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return; // a reader gives its entries in portions
    for (const each of some) await walk(each, found);
  }
}
