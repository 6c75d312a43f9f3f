// What this program is and how it was called: version, and the command a user types to call it again.
import { readFileSync } from "node:fs";
import { printable, printableJson } from "../errors.ts";

const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
export const { version: VERSION } = JSON.parse(text) as { version: string };

/** What a run records of the programs that walked it. */
export function versions(): Record<string, string> {
  return { deltaprop: VERSION, node: process.version, platform: `${process.platform} ${process.arch}` };
}

/** `deltaprop` as installed, or from a checkout. */
export const CALL = import.meta.url.endsWith(".ts") ? "npm run deltaprop --" : "deltaprop";

/** The command line of another call, ready to paste. */
export function callOf(...words: readonly string[]): string {
  return [
    CALL,
    ...words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)),
  ].join(" ");
}

/** Print one line. */
export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Print one JSON object on a line. Numbers are finite or null, so every line is valid JSON; a terminal obeys none of it. */
export function sayJson(object: object): void {
  say(printableJson(object));
}

/** One warning on standard error, in whatever voice the command speaks. */
export function warn(text: string): void {
  process.stderr.write(`warning ${printable(text)}\n`);
}
