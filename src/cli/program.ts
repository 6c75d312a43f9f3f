// The program itself: its version, and its lines on standard output and standard error.
import { readFileSync } from "node:fs";
import { printable, printableJson } from "../errors.ts";

const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
export const { version: VERSION } = JSON.parse(text) as { version: string };

/** The versions that a run records. */
export function versions(): Record<string, string> {
  return { deltaprop: VERSION, node: process.version, platform: `${process.platform} ${process.arch}` };
}

/** Print one line. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Print one JSON object on a line, without control characters. Numbers are finite or null, so it is valid JSON. */
export function printJson(object: object): void {
  print(printableJson(object));
}

/** One line on standard error about a choice that was made, with --json too. */
export function note(text: string): void {
  process.stderr.write(`note ${printable(text)}\n`);
}

/** One warning on standard error, with --json too. */
export function warn(text: string): void {
  process.stderr.write(`warning ${printable(text)}\n`);
}
