// Running the command line as a user does: a process of its own, in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobs } from "../training/blobs.ts";
import { program } from "./program.ts";

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Run `deltaprop …words` in `cwd`. `watch` sees standard output as it grows, e.g. to interrupt the process. */
export async function deltaprop(
  cwd: string,
  words: readonly string[],
  watch: (out: string, child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Ended> {
  const env = { ...process.env, FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [await program(), ...words], { cwd, env });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => watch((out += chunk), child));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  return new Promise((settle) => child.on("close", (code) => settle({ code, out, err })));
}

/** A fresh folder, removed by the function beside it. */
export function folder(): readonly [path: string, remove: () => void] {
  const path = mkdtempSync(join(tmpdir(), "deltaprop-cli-"));
  return [path, () => rmSync(path, { recursive: true })];
}

/** A table with a header, text labels and a column far from unit scale. Returns its text. */
export function writeTable(path: string, rows: number): string {
  const { features, labels, classes, cols } = blobs(rows);
  const lines = Array.from(labels, (label, i) =>
    [...features.subarray(i * cols, (i + 1) * cols), classes[label]].join(","),
  );
  const text = `width,height,depth,mass,sort\n${lines.join("\n")}\n`;
  writeFileSync(path, text);
  return text;
}

export const jsonLines = ({ out }: Ended): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
