// Data that come through standard input: `-` in place of a file. What they are is seen by how they begin.
import type { FileSet } from "../data/file-set.ts";
import { memoryFiles } from "../data/memory-files.ts";
import { InvalidInput } from "../errors.ts";

/** A file to read, on a disk or in memory. */
export type PlacedFile = { readonly files: FileSet; readonly path: string };

/** The ending of a file that begins so; anything else is a table of text. */
function endingOf(begin: string): string {
  const zipped = begin.startsWith("PK\u0003\u0004");
  if (zipped && begin.includes("[Content_Types].xml")) return "xlsx";
  if (zipped) return /^[^/]*\.npy/.test(begin.slice(30)) ? "npz" : "zip";
  const known = BEGINNINGS.find(([words]) => begin.startsWith(words));
  if (known) return known[1];
  if (/^\s*[{[][^\n]*[}\]]\s*\n\s*[{[]/.test(begin)) return "jsonl";
  if (/^\s*[{[]/.test(begin)) return "json";
  return /^\s*(?:%[^\n]*\n\s*)*@relation/i.test(begin) ? "arff" : "csv";
}

const BEGINNINGS = [
  ["PAR1", "parquet"],
  ["ARROW1", "arrow"],
  ["\u0093NUMPY", "npy"],
  ["\u001f\u008b", "csv.gz"],
] as const;

/** Whether a name is that of standard input, whose bytes have no ending. */
export const isStandardInput = (file: string): boolean => ["-", "/dev/stdin", "/dev/fd/0"].includes(file);

let taken: Promise<PlacedFile> | undefined;

/** All of standard input, once. Raises InvalidInput where it is empty or a terminal. */
export function standardInput(): Promise<PlacedFile> {
  taken ??= readAll();
  return taken;
}

async function readAll(): Promise<PlacedFile> {
  const refuse = (reason: string) => new InvalidInput("DATA_NOT_FOUND", reason, { file: "-" });
  if (process.stdin.isTTY) throw refuse("standard input is a terminal. Send the rows through a pipe.");
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = new Uint8Array(Buffer.concat(chunks));
  if (bytes.length === 0) throw refuse("standard input is empty.");
  const begin = Buffer.from(bytes.subarray(0, 2 ** 14))
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "");
  const path = `stdin.${endingOf(begin)}`;
  return { files: { ...memoryFiles([{ name: path, bytes }]), shown: () => "-" }, path };
}
