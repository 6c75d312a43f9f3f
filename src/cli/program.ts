// The program itself: its version, and its lines on standard output and standard error.
import { printable, printableJson } from "../errors.ts";
import { VERSION } from "../files/library-version.ts";
import { widthOf, wrapText } from "./wrap.ts";

export { VERSION };

/** The versions that a run records. */
export function versions(): Record<string, string> {
  return { deltaprop: VERSION, node: process.version, platform: `${process.platform} ${process.arch}` };
}

/** Print one line, wrapped in a terminal. */
export function print(line = ""): void {
  process.stdout.write(`${wrapText(line, widthOf(process.stdout))}\n`);
}

/** Print one JSON object on a line, without control characters. Numbers are finite or null, so it is valid JSON. */
export function printJson(object: object): void {
  process.stdout.write(`${printableJson(object)}\n`);
}

/** One line on standard error about a choice that was made, with --json too. */
export function note(text: string): void {
  printError(`note ${printable(text)}`);
}

/** One warning on standard error, with --json too. */
export function warn(text: string): void {
  printError(`warning ${printable(text)}`);
}

/** Print one line on standard error, wrapped in a terminal. */
export function printError(line: string): void {
  process.stderr.write(`${wrapText(line, widthOf(process.stderr))}\n`);
}
