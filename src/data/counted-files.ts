// The same files, with a word about every piece of them that was read.
import type { FileSet } from "./file-set.ts";

/** Told how many bytes more were read. */
export type OnBytes = (bytes: number) => void;

export function counted(files: FileSet, onBytes: OnBytes | undefined): FileSet {
  if (onBytes === undefined) return files;
  return {
    ...files,
    async bytes(path, limits) {
      const bytes = await files.bytes(path, limits);
      onBytes(bytes.length);
      return bytes;
    },
    async *chunks(path) {
      for await (const chunk of files.chunks(path)) {
        onBytes(chunk.length);
        yield chunk;
      }
    },
  };
}
